//! `serve`: hosts the core without a window, from the first check to the last container.

mod greeting;
mod signals;

use crate::{
    args::{Global, ServeArgs},
    place,
};
use mcpproxy_api::{ApiState, BindError, Doors, SOCKET_NAME};
use mcpproxy_core::{Core, Host, Opened, StartError};
use signals::Signals;
use std::{process::ExitCode, time::Duration};
use tokio::time::{Instant, interval};

/// Exit code of a busy port.
const PORT_IN_USE: u8 = 2;
/// How long open connections may take to end; servers have their own, longer bound.
const DRAIN: Duration = Duration::from_secs(1);
/// How long an instance that nobody started by hand outlives its last client.
const ALONE: Duration = Duration::from_secs(300);
/// How often such an instance looks whether anybody is there.
const LOOK: Duration = Duration::from_secs(10);

pub(crate) async fn run(global: &Global, args: ServeArgs) -> ExitCode {
    match serve(global, args).await {
        Ok(code) => code,
        Err(Failure { message, code }) => {
            eprintln!("Error: {message}");
            ExitCode::from(code)
        }
    }
}

/// A start that failed, with the exit code that scripts know.
struct Failure {
    message: String,
    code: u8,
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self { code: error.exit_code(), message: error.to_string() }
    }
}

impl From<BindError> for Failure {
    fn from(error: BindError) -> Self {
        let code = if matches!(error, BindError::InUse { .. }) { PORT_IN_USE } else { 1 };
        Self { code, message: error.to_string() }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self { code: 1, message: format!("{error:#}") }
    }
}

async fn serve(global: &Global, args: ServeArgs) -> Result<ExitCode, Failure> {
    let host = if args.detached { Host::Detached } else { Host::Serve };
    let mut settings = place::settings(global, host)?;
    settings.listen = args.listen;
    settings.api_key = args.api_key.as_deref().map(place::secret);
    let mut signals = Signals::listen()?;

    let is_first = !mcpproxy_core::locate(&settings).config.exists();
    let opened: Opened = mcpproxy_core::open(settings).await?;
    if let Err(error) = tracing::subscriber::set_global_default(opened.logs().subscriber()) {
        return Err(anyhow::Error::from(error).into());
    }
    // Doors are bound before any server starts: a busy port must not cost thirty container starts.
    let doors = Doors { tcp: opened.listen(), socket: opened.paths().data_dir.join(SOCKET_NAME) };
    let bound = match doors.bind().await {
        Ok(bound) => bound,
        Err(error) => {
            tracing::error!(code = error.code(), "{error}");
            return Err(error.into());
        }
    };
    let address = bound.address();
    warn_about(opened.config(), address);
    let greeting = greeting::Greeting::of(&opened, address, is_first);
    let core = opened.run().await;
    core.set_address(address);
    let state = ApiState::new(core.clone(), env!("CARGO_PKG_VERSION")).with_pages(mcpproxy_pages::answer);
    let listening = bound.serve(mcpproxy_api::router(state));
    tracing::info!(%address, "MCPProxy is ready: http://{address}/mcp");
    greeting.print();

    let code = wait(&core, &mut signals, host).await;
    tracing::info!("shutting down");
    // New work stops first; answers under way leave before their servers do.
    let ended = async {
        tokio::join!(listening.shutdown(DRAIN), core.shutdown());
    };
    tokio::select! {
        () = ended => Ok(code),
        () = signals.next() => Ok(ExitCode::FAILURE),
    }
}

/// Says what a careful person would want to know before anything runs.
fn warn_about(config: &mcpproxy_core::Config, address: std::net::SocketAddr) {
    if !config.isolation.enabled && config.servers.values().any(mcpproxy_core::ServerConfig::is_process) {
        tracing::warn!(
            "Isolation is off for all servers: they run on this computer with all your rights. Turn it on: mcpproxy \
             isolate --all on"
        );
    }
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "other computers can reach this address; only the keys keep them out");
    }
}

/// Waits for a reason to end.
async fn wait(core: &Core, signals: &mut Signals, host: Host) -> ExitCode {
    let mut look = interval(LOOK);
    let mut last_seen = Instant::now();
    loop {
        tokio::select! {
            () = signals.next() => return ExitCode::SUCCESS,
            now = look.tick(), if host == Host::Detached => {
                if !core.gateway().sessions().is_empty() {
                    last_seen = now;
                } else if now.duration_since(last_seen) >= ALONE {
                    tracing::info!("no client for five minutes");
                    return ExitCode::SUCCESS;
                }
            }
        }
    }
}
