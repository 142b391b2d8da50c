//! The desktop application: tray and window over the core, which runs in this very process.
//!
//! The order is the point: arguments, display, the data folder's lock, doors; only then anything that is seen. The
//! runtime is ours and outlives the event loop, and every server has ended before the process does.
#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]
#![expect(clippy::print_stdout, reason = "--help and --version answer on the terminal")]

mod api_door;
mod args;
mod autostart;
mod clicks;
mod crash;
mod desktop_routes;
mod dialog;
mod display;
mod face;
mod handover;
mod life;
mod place;
mod power;
mod quit;
mod settings;
mod shell;
mod stage;
mod tray;
mod waiting_room;
mod window;
mod wishes;

use args::Asked;
use handover::Handed;
use mcpproxy_core::{Opened, Settings, StartError, Wish};
use std::{process::ExitCode, time::Duration};
use tokio::time::{Instant, sleep};

/// Exit code where no window can be.
const NO_DISPLAY: u8 = 2;
/// How the note of the data folder names an instance that nobody started by hand.
const DETACHED: &str = "detached";
/// How long such an instance has to end all its servers.
const YIELD: Duration = Duration::from_secs(15);
/// How often is looked whether it has.
const LOOK: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    // The login shell is asked for its environment through this word; it must work before anything else.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == "--print-env") {
        let printed = mcpproxy_core::print_env(std::env::vars_os(), &mut std::io::stdout());
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let args = match args::parse(std::env::args_os().skip(1)) {
        Asked::Start(args) => *args,
        Asked::Say(text) => {
            print!("{text}");
            return ExitCode::SUCCESS;
        }
        Asked::Wrong(text) => return fail(&text),
    };
    // Before the first thread: this may start the program anew in its own place.
    if let Some(error) = display::prepare() {
        eprintln!("Windows may stay blank with some drivers: {error}");
    }
    let Some(settings) = settings::settings(&args) else {
        return fail("The home folder is unknown. Set HOME.");
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("The program cannot start: {error}")),
    };
    let paths = mcpproxy_core::locate(&settings);
    // A wish for one that runs needs no display of its own.
    let opened = runtime.block_on(open(&settings));
    if let Err(StartError::Locked { data_dir, holder }) = &opened {
        return handed(handover::hand_over(data_dir, holder, args.wish));
    }
    if args.wish == Wish::Quit {
        return ExitCode::SUCCESS;
    }
    if !display::is_there() {
        eprintln!("{}", display::MISSING);
        return ExitCode::from(NO_DISPLAY);
    }
    let start = match opened {
        Ok(opened) => runtime.block_on(life::bind(opened)),
        Err(error) => life::refused(&error),
    };
    let code = shell::run(&runtime, args, settings, paths, start);
    // A read that never ends must not hold the process.
    runtime.shutdown_background();
    code
}

/// Opens the data folder. An instance that only a client's bridge had started yields: its bridges come back to this one.
async fn open(settings: &Settings) -> Result<Opened, StartError> {
    let begin = Instant::now();
    let mut asked = false;
    loop {
        let opened = mcpproxy_core::open(settings.clone()).await;
        match &opened {
            Err(StartError::Locked { holder, .. }) if holder.kind == DETACHED && begin.elapsed() < YIELD => {
                // A second signal would cut its servers off.
                if !std::mem::replace(&mut asked, true) {
                    handover::ask_to_yield(holder);
                }
                sleep(LOOK).await;
            }
            _ => return opened,
        }
    }
}

/// The end of a start that found the application running.
fn handed(handed: Handed) -> ExitCode {
    match handed {
        Handed::Taken => ExitCode::SUCCESS,
        Handed::Browser { url } => {
            println!("{}", mcpproxy_messages::render("desktop_serve_holds", &[("url", &url)]));
            match tauri_plugin_opener::open_url(&url, None::<&str>) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&format!("The browser cannot be opened: {error}. Open {url} yourself.")),
            }
        }
        Handed::Silent { why } => fail(&why),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}
