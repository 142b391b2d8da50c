//! Wishes from outside: a second start of the application, or the terminal.

use crate::{clicks, dialog, face, quit::After, stage::Stage, window};
use mcpproxy_core::Wish;
use tauri::AppHandle;
use tokio::sync::broadcast::error::RecvError;

/// Fulfils wishes for the life of the program.
pub(crate) async fn fulfil(app: AppHandle) {
    let face = face::of(&app);
    let mut stage = face.stage.clone();
    let running = stage.wait_for(|stage| matches!(stage, Stage::Running { .. })).await;
    let Some(mut wishes) = running.ok().and_then(|stage| stage.core()).map(|core| core.wishes()) else {
        return;
    };
    loop {
        match wishes.recv().await {
            Ok(wish) => one(&app, wish).await,
            Err(RecvError::Lagged(missed)) => {
                tracing::debug!(missed, "wishes came faster than they were fulfilled")
            }
            Err(RecvError::Closed) => return,
        }
    }
}

/// Fulfils one.
pub(crate) async fn one(app: &AppHandle, wish: Wish) {
    let face = face::of(app);
    match wish {
        Wish::Show => window::show(app.clone(), "/").await,
        Wish::OpenLogs => {
            if let Err(sentence) = clicks::open_logs(&face).await {
                dialog::tell(app, &sentence);
            }
        }
        Wish::Quit => face.gate.ask(After::Leave, "another start"),
        Wish::Hidden => {}
    }
}
