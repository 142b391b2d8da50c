//! The `mcpproxy` command: arguments in, exit codes out.

mod args;
mod client;
mod commands;
mod opener;
mod output;
mod place;
mod serve;
mod stdio;

use anyhow::Result;
use args::{Cli, Global, Word};
use clap::{CommandFactory, Parser};
use client::{NotRunning, Refused};
use commands::End;
use output::Screen;
use place::Place;
use std::process::ExitCode;

/// Exit code where nothing runs.
const NOT_RUNNING: u8 = 3;

fn main() -> ExitCode {
    // The login shell is asked for its environment through this word; it must work before anything else.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "--print-env") {
        let printed = mcpproxy_core::print_env(std::env::vars_os(), &mut std::io::stdout());
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("Error: the program cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(cli));
    // A read of standard input that never ends must not hold the process.
    runtime.shutdown_background();
    code
}

async fn run(cli: Cli) -> ExitCode {
    let word = cli.word.unwrap_or_else(|| Word::Serve(args::ServeArgs::default()));
    if let Word::Serve(args) = word {
        return serve::run(&cli.global, args).await;
    }
    let screen = Screen::new(&cli.global);
    match dispatch(&cli.global, &screen, word).await {
        Ok(end) => ExitCode::from(end.code()),
        Err(error) => {
            report(&screen, &error);
            ExitCode::from(if error.downcast_ref::<NotRunning>().is_some() {
                NOT_RUNNING
            } else {
                End::Wrong.code()
            })
        }
    }
}

async fn dispatch(global: &Global, screen: &Screen, word: Word) -> Result<End> {
    if let Word::Completions { shell } = word {
        clap_complete::generate(shell, &mut Cli::command(), "mcpproxy", &mut std::io::stdout());
        return Ok(End::Fine);
    }
    if matches!(word, Word::Version) {
        screen.line(format!("mcpproxy {}", env!("CARGO_PKG_VERSION")))?;
        return Ok(End::Fine);
    }
    let place = Place::find(global)?;
    match word {
        Word::Stdio { server, client } => stdio::run(&place, server.as_deref(), client).await,
        Word::Status { show_key } => commands::status::run(&place, screen, show_key).await,
        Word::Servers(word) => commands::servers::run(&place, screen, word).await,
        Word::Upstream(word) => commands::upstream::run(&place, screen, word).await,
        Word::Isolate(args) => commands::isolate::run(&place, screen, args).await,
        Word::Pause => commands::pause::pause(&place, screen).await,
        Word::Resume => commands::pause::resume(&place, screen).await,
        Word::Tools(word) => commands::tools::run(&place, screen, word).await,
        Word::Logs(args) => commands::logs::run(&place, screen, args).await,
        Word::Open(args) => commands::open::run(&place, screen, args).await,
        Word::Activity(args) => commands::activity::run(&place, screen, *args).await,
        Word::Telemetry { word } => commands::telemetry::run(&place, screen, word).await,
        Word::Doctor => commands::doctor::run(&place, screen).await,
        Word::Config(word) => commands::config::run(&place, screen, word),
        Word::Import(args) => commands::import::run(&place, screen, args).await,
        Word::Clients(word) => commands::clients::run(&place, screen, word).await,
        Word::Connect(args) => commands::clients::connect(&place, screen, args).await,
        Word::Disconnect(args) => commands::clients::disconnect(&place, screen, args).await,
        Word::Keys(word) => commands::keys::run(&place, screen, word).await,
        Word::Secrets(word) => commands::secrets::run(&place, screen, word).await,
        Word::Serve(_) | Word::Completions { .. } | Word::Version => Ok(End::Fine),
    }
}

/// Says what went wrong, for people on standard error or as one object.
fn report(screen: &Screen, error: &anyhow::Error) {
    let code = if let Some(refused) = error.downcast_ref::<Refused>() {
        refused.code.as_str()
    } else if error.downcast_ref::<NotRunning>().is_some() {
        "not_running"
    } else {
        "failed"
    };
    if screen.json {
        eprintln!(
            "{}",
            serde_json::json!({"schema": "mcpproxy/error/1", "code": code, "message": format!("{error:#}")})
        );
    } else {
        eprintln!("Error: {}", output::plain(&format!("{error:#}")));
    }
}
