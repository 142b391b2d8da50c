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
    let words = ["desktop_keep_isolated", "desktop_for_an_hour", "desktop_until"].map(|key| render(key, &[]));
    let answer = match given() {
        Some(answer) => answer,
        None => {
            let [keep, hour, until] = words.clone();
            let (tell, told) = oneshot::channel();
            app.dialog()
                .message(question)
                .title("MCPProxy")
                .kind(MessageDialogKind::Warning)
                .buttons(MessageDialogButtons::YesNoCancelCustom(hour, until, keep))
                .show_with_result(move |result| {
                    let _ = tell.send(result);
                });
            match told.await {
                Ok(MessageDialogResult::Custom(word)) => word,
                Ok(MessageDialogResult::Yes) => words[1].clone(),
                Ok(MessageDialogResult::No) => words[2].clone(),
                _ => words[0].clone(),
            }
        }
    };
    if answer == words[1] || answer == "hour" {
        Unprotect::Hour
    } else if answer == words[2] || answer == "until" {
        Unprotect::Until
    } else {
        Unprotect::Keep
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
