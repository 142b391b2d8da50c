//! The event loop and everything that hangs on it, from the first handle to the last container.

use crate::{
    api_door,
    args::Args,
    autostart, clicks, crash,
    face::{self, CLICKS, Face, Shared},
    life::{self, Start},
    power,
    quit::{self, After, Gate},
    stage::{self, Stage},
    tray, window, wishes,
};
use mcpproxy_core::{Paths, Settings, Wish};
use std::process::ExitCode;
use tauri::{App, AppHandle, RunEvent};
use tokio::{
    runtime::Runtime,
    sync::{mpsc, watch},
};

/// Runs until the end was asked for and nothing is left that would have to be ended.
pub(crate) fn run(runtime: &Runtime, args: Args, settings: Settings, paths: Paths, start: Start) -> ExitCode {
    tauri::async_runtime::set(runtime.handle().clone());
    crash::report_panics(paths.log_dir.clone());
    let holds_folder = matches!(start, Start::Opened(..));
    let crashed = if holds_folder { crash::begin(&paths) } else { None };
    let (stage, seen) = stage::channel();
    let (gate, inside) = quit::gate();
    let (clicks, chosen) = mpsc::channel(CLICKS);
    let face = Face::new(Shared {
        args,
        settings,
        paths: paths.clone(),
        stage: seen,
        gate: gate.clone(),
        clicks,
        tray: watch::Sender::new(None),
        crash: watch::Sender::new(crashed),
        painted: watch::Sender::new(0),
        shown: watch::Sender::new(0),
    });
    let app = match build(face) {
        Ok(app) => app,
        Err(error) => {
            eprintln!("No window can be shown: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.spawn(signals(gate.clone()));
    let (wishes, mut heard) = mpsc::channel(CLICKS);
    let handle = app.handle().clone();
    runtime.spawn(async move {
        while let Some(wish) = heard.recv().await {
            wishes::one(&handle, wish).await;
        }
    });
    let ended = inside.ended;
    let wanted = inside.wanted;
    runtime.spawn(async move {
        life::live(start, stage, wanted, wishes).await;
        ended.send_replace(true);
    });
    runtime.spawn(quit::leave(gate.clone(), app.handle().clone()));
    attend(runtime, &app, chosen);
    let loop_gate = gate.clone();
    let code = app.run_return(move |app, event| react(app, &loop_gate, &event));
    gate.session_ends();
    if holds_folder {
        crash::end(&paths);
    }
    after(gate.after(), code)
}

fn build(face: Face) -> tauri::Result<App> {
    tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(face)
        .invoke_handler(tauri::generate_handler![api_door::api_read, api_door::api_write])
        .setup(|app| {
            #[cfg(target_os = "macos")]
            app.set_activation_policy(tauri::ActivationPolicy::Accessory);
            #[cfg(not(target_os = "macos"))]
            let _ = app;
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// The tasks that live as long as the program.
fn attend(runtime: &Runtime, app: &App, chosen: mpsc::Receiver<String>) {
    let handle = app.handle();
    let face = face::of(handle);
    runtime.spawn(clicks::carry_out(handle.clone(), chosen));
    runtime.spawn(tray::keep(handle.clone()));
    runtime.spawn(wishes::fulfil(handle.clone()));
    runtime.spawn(power::follow(face.clone()));
    let own = face.clone();
    runtime.spawn_blocking(move || autostart::repair(&own));
    runtime.spawn(first(handle.clone(), face.args.wish));
}

/// What this start itself was asked for. A start that failed shows why, even one at login.
async fn first(app: AppHandle, wish: Wish) {
    wishes::one(&app, wish).await;
    let mut stage = face::of(&app).stage.clone();
    let settled = stage.wait_for(|stage| !matches!(stage, Stage::Starting)).await;
    let failed = settled.is_ok_and(|stage| matches!(*stage, Stage::Failed(_)));
    if failed {
        window::show(app, "/").await;
    }
}

async fn signals(gate: Gate) {
    if let Err(error) = quit::listen(gate).await {
        tracing::warn!(%error, "signals are not heard; end the program by its menu");
    }
}

fn react(app: &AppHandle, gate: &Gate, event: &RunEvent) {
    match event {
        // The last window went: the tray and the servers stay.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::ExitRequested { code: Some(_), api, .. } if !gate.is_open() => {
            api.prevent_exit();
            gate.ask(After::Leave, "exit");
        }
        RunEvent::Exit => {
            window::remember(app);
            gate.session_ends();
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { window::show(app, "/").await });
        }
        _ => {}
    }
}

/// The process ends, or begins anew in its own place.
fn after(after: After, code: i32) -> ExitCode {
    if after == After::StartAgain {
        let error = start_again();
        eprintln!("MCPProxy cannot start again by itself: {error}");
        return ExitCode::FAILURE;
    }
    u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(unix)]
fn start_again() -> std::io::Error {
    use std::os::unix::process::CommandExt as _;
    match std::env::current_exe() {
        Ok(own) => std::process::Command::new(own).args(std::env::args_os().skip(1)).exec(),
        Err(error) => error,
    }
}

#[cfg(not(unix))]
fn start_again() -> std::io::Error {
    let started = std::env::current_exe()
        .and_then(|own| std::process::Command::new(own).args(std::env::args_os().skip(1)).spawn());
    match started {
        Ok(_) => std::process::exit(0),
        Err(error) => error,
    }
}
