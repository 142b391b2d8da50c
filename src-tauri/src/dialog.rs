//! Native dialogs: they need no webview, and each is a question with an answer.

use mcpproxy_messages::render;
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind, MessageDialogResult};
use tokio::sync::oneshot;

/// The answer to how long a server shall run unprotected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unprotect {
    Keep,
    Hour,
    Until,
}

/// The answer to whether calls are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quit {
    Wait,
    Now,
    Stay,
}

/// Names the answer in debug builds, where a test cannot click a dialog of the system.
const ANSWER: &str = "MCPPROXY_DESKTOP_ANSWER";

/// Says something that nobody may miss.
pub(crate) fn tell(app: &AppHandle, sentence: &str) {
    tracing::info!(sentence, "a dialog is shown");
    if given().is_some() {
        return;
    }
    app.dialog().message(sentence).title("MCPProxy").kind(MessageDialogKind::Error).show(|_| {});
}

/// Asks before a server gets all rights.
pub(crate) async fn unprotect(app: &AppHandle, server: &str) -> Unprotect {
    let question = render("desktop_unprotect", &[("server", server)]);
    let words = ["desktop_for_an_hour", "desktop_until", "desktop_keep_isolated"];
    match ask(app, question, words, ["hour", "until", "keep"]).await {
        0 => Unprotect::Hour,
        1 => Unprotect::Until,
        _ => Unprotect::Keep,
    }
}

/// Asks before calls are cut off.
pub(crate) async fn quit(app: &AppHandle, calls: usize) -> Quit {
    let question = render("desktop_quit", &[("calls", &calls.to_string())]);
    let words = ["desktop_quit_wait", "desktop_quit_now", "desktop_quit_stay"];
    match ask(app, question, words, ["wait", "now", "stay"]).await {
        0 => Quit::Wait,
        1 => Quit::Now,
        _ => Quit::Stay,
    }
}

/// Asks with three buttons; answers which. Whoever only closes the dialog chose the last one.
async fn ask(app: &AppHandle, question: String, keys: [&str; 3], short: [&str; 3]) -> usize {
    if let Some(answer) = given() {
        return short.iter().position(|word| *word == answer).unwrap_or(2);
    }
    let [first, second, last] = keys.map(|key| render(key, &[]));
    let (tell, told) = oneshot::channel();
    app.dialog()
        .message(question)
        .title("MCPProxy")
        .kind(MessageDialogKind::Warning)
        .buttons(MessageDialogButtons::YesNoCancelCustom(first.clone(), second.clone(), last))
        .show_with_result(move |result| {
            let _ = tell.send(result);
        });
    match told.await {
        Ok(MessageDialogResult::Yes) => 0,
        Ok(MessageDialogResult::No) => 1,
        Ok(MessageDialogResult::Custom(word)) if word == first => 0,
        Ok(MessageDialogResult::Custom(word)) if word == second => 1,
        _ => 2,
    }
}

/// The folder that a person picks.
pub(crate) async fn pick_folder(app: &AppHandle) -> Option<String> {
    if let Some(folder) = given() {
        return Some(folder);
    }
    let (tell, told) = oneshot::channel();
    app.dialog().file().pick_folder(move |folder| {
        let _ = tell.send(folder);
    });
    let folder = told.await.ok().flatten()?;
    folder.into_path().ok().map(|path| path.display().to_string())
}

fn given() -> Option<String> {
    if cfg!(debug_assertions) { std::env::var(ANSWER).ok() } else { None }
}
