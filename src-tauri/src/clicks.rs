//! What a chosen row does: a command of the core, a place in the window, or something of the desktop's.

use crate::{
    autostart, crash, dialog,
    face::{self, Face},
    quit::After,
    window,
};
use mcpproxy_core::{Command as Core, Span};
use mcpproxy_menu::{Command, Id};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tauri::AppHandle;
use tokio::sync::mpsc;

/// How long "for 1 hour" is.
const HOUR: Duration = Duration::from_secs(3600);

/// How often is looked whether the last call has ended.
const LOOK: Duration = Duration::from_millis(100);
/// How long a person who wants to quit waits for calls at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// Carries out rows as they are chosen; none waits for another.
pub(crate) async fn carry_out(app: AppHandle, mut clicks: mpsc::Receiver<String>) {
    while let Some(id) = clicks.recv().await {
        let app = app.clone();
        match id.parse::<Id>() {
            Ok(id) => drop(tauri::async_runtime::spawn(one(app, id.command))),
            Err(error) => tracing::warn!(code = error.code(), "{error}"),
        }
    }
}

async fn one(app: AppHandle, command: Command) {
    let face = face::of(&app);
    let row = command.to_string();
    if let Err(sentence) = act(&app, &face, command).await {
        dialog::tell(&app, &sentence);
    }
    tracing::info!(row, "a row of the menu was carried out");
}

async fn act(app: &AppHandle, face: &Face, command: Command) -> Result<(), String> {
    let place = |route: String| async move {
        window::show(app.clone(), &route).await;
        Ok(())
    };
    match command {
        Command::Status | Command::Open => place("/".to_owned()).await,
        Command::Activity => place("/activity".to_owned()).await,
        Command::Engine => place("/security".to_owned()).await,
        Command::Settings => place("/settings".to_owned()).await,
        Command::Show(name) | Command::Attend(name) => place(server(&name, "")).await,
        Command::Protection(name) => place(server(&name, "/isolation")).await,
        Command::ServerLogs(name) => place(server(&name, "/logs")).await,
        Command::CheckEngine => core(face, Core::CheckEngine).await,
        Command::Pause => core(face, Core::Pause).await,
        Command::Resume => core(face, Core::Resume).await,
        Command::IsolateAll => core(face, Core::IsolateAll { on: true }).await,
        Command::Isolate(name) => core(face, Core::Isolate { name, on: true }).await,
        Command::ToggleIsolation(name) => toggle_isolation(app, face, name).await,
        Command::ToggleServer(name) => {
            let on = entry(face, &name).is_some_and(|server| !server.config.enabled);
            core(face, Core::Enable { name, on }).await
        }
        Command::Restart(name) => core(face, Core::Restart { name }).await,
        Command::RaiseMemory(name) => raise_memory(face, name).await,
        Command::Logs => open_logs(face).await,
        Command::CrashReport => crash_report(face, true).await,
        Command::Autostart => toggle_autostart(face).await,
        Command::TryAgain => {
            try_again(face);
            Ok(())
        }
        Command::Quit => {
            quit(app, face).await;
            Ok(())
        }
        Command::Group(_) | Command::Server(_) => Ok(()),
    }
}

/// Asks only when somebody waits for an answer.
async fn quit(app: &AppHandle, face: &Face) {
    let running = || face.core().map_or(0, |core| crate::tray::content::calls_running(&core));
    let answer = match running() {
        0 => dialog::Quit::Now,
        calls => dialog::quit(app, calls).await,
    };
    match answer {
        dialog::Quit::Stay => return,
        dialog::Quit::Now => {}
        dialog::Quit::Wait => {
            let ended = async {
                let mut look = tokio::time::interval(LOOK);
                while running() > 0 {
                    look.tick().await;
                }
            };
            if tokio::time::timeout(PATIENCE, ended).await.is_err() {
                tracing::warn!("calls were still running after a minute");
            }
        }
    }
    face.gate.ask(After::Leave, "menu");
}

fn server(name: &str, part: &str) -> String {
    let mut path = String::from("/servers/");
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => path.push(char::from(byte)),
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path + part
}

async fn core(face: &Face, command: Core) -> Result<(), String> {
    let Some(core) = face.core() else { return Err(mcpproxy_messages::render("desktop_starting", &[])) };
    core.command(command).await.map(drop).map_err(|error| error.to_string())
}

fn entry(face: &Face, name: &str) -> Option<std::sync::Arc<mcpproxy_core::ServerView>> {
    face.core()?.snapshot().servers.get(name).cloned()
}

async fn toggle_isolation(app: &AppHandle, face: &Face, name: String) -> Result<(), String> {
    let isolated =
        entry(face, &name).is_some_and(|server| server.placement == mcpproxy_core::Placement::Container);
    if !isolated {
        return core(face, Core::Isolate { name, on: true }).await;
    }
    match dialog::unprotect(app, &name).await {
        dialog::Unprotect::Keep => Ok(()),
        dialog::Unprotect::Hour => core(face, Core::Unprotect { name, span: Span::For(HOUR) }).await,
        dialog::Unprotect::Until => core(face, Core::Isolate { name, on: false }).await,
    }
}

/// Doubles the limit that was too small, and restarts the server with it.
async fn raise_memory(face: &Face, name: String) -> Result<(), String> {
    let Some(to) = entry(face, &name).and_then(|server| crate::tray::content::more_memory(&server)) else {
        return Ok(());
    };
    core(face, Core::Change { name, patch: json!({"isolation": {"memory_limit": to}}) }).await
}

async fn toggle_autostart(face: &Face) -> Result<(), String> {
    let own = face.clone();
    let toggled = tokio::task::spawn_blocking(move || {
        let on = autostart::row(&own) == mcpproxy_menu::Autostart::On;
        autostart::set(&own, !on)
    });
    toggled.await.map_err(|error| error.to_string())?.map_err(|(_, sentence)| sentence)
}

/// Opens the folder of logs with the main one selected, where the desktop can do that.
pub(crate) async fn open_logs(face: &Face) -> Result<(), String> {
    let folder = face.paths.log_dir.clone();
    let failed = |error: String| {
        mcpproxy_messages::render(
            "desktop_open_failed",
            &[("path", &folder.display().to_string()), ("detail", &error)],
        )
    };
    std::fs::create_dir_all(&folder).map_err(|error| failed(error.to_string()))?;
    let main = folder.join("main.log");
    if main.exists() && blocking(move || tauri_plugin_opener::reveal_item_in_dir(main)).await.is_ok() {
        return Ok(());
    }
    let target = folder.clone();
    blocking(move || tauri_plugin_opener::open_path(target, None::<&str>)).await.map_err(failed)
}

/// Opens a file with the program that the desktop uses for its kind.
pub(crate) async fn open_file(path: &Path) -> Result<(), String> {
    let target: PathBuf = path.to_owned();
    blocking(move || tauri_plugin_opener::open_path(target, None::<&str>)).await.map_err(|error| {
        let path = path.display().to_string();
        mcpproxy_messages::render("desktop_open_failed", &[("path", &path), ("detail", &error)])
    })
}

/// Opens a page of the web in the browser, and nothing else.
pub(crate) async fn open_url(_app: &AppHandle, url: &str) -> Result<(), String> {
    let safe = tauri::Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = safe else {
        return Err(mcpproxy_messages::render("desktop_open_refused", &[("url", url)]));
    };
    let target = url.to_string();
    blocking(move || tauri_plugin_opener::open_url(target, None::<&str>)).await
}

async fn blocking(
    open: impl FnOnce() -> Result<(), tauri_plugin_opener::Error> + Send + 'static,
) -> Result<(), String> {
    let opened = tokio::task::spawn_blocking(open).await.map_err(|error| error.to_string())?;
    opened.map_err(|error| error.to_string())
}

/// Ends what could not start and starts anew: the surest way to begin with nothing left over.
pub(crate) fn try_again(face: &Face) {
    face.gate.ask(After::StartAgain, "try again");
}

/// Opens the report of the end that was not clean, or closes the matter.
pub(crate) async fn crash_report(face: &Face, open: bool) -> Result<(), String> {
    let crash: Option<crash::Crash> = face.crash.send_replace(None);
    match crash.filter(|_| open).map(|crash| crash.report) {
        Some(Some(report)) => open_file(&report).await,
        Some(None) => open_logs(face).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_name_is_one_part_of_its_address() {
        assert_eq!(server("a/b #?", "/logs"), "/servers/a%2Fb%20%23%3F/logs");
        assert_eq!(server("git.hub-1_x", ""), "/servers/git.hub-1_x");
    }
}
