//! The core's life in this process: doors first, then the servers, and at the end all of it within ten seconds.

use crate::{
    stage::{Problem, Stage},
    waiting_room,
};
use axum::Router;
use mcpproxy_api::{ApiState, Bound, Doors, Listening, SOCKET_NAME};
use mcpproxy_core::{Core, Opened, StartError, Wish};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long open connections may take to end; servers have their own, longer bound.
const DRAIN: Duration = Duration::from_secs(1);
/// The end of all servers, however it goes.
const END: Duration = Duration::from_secs(10);

/// What a start found before anything was seen.
pub(crate) enum Start {
    /// The data folder is ours, and the doors are bound or another program has them.
    Opened(Box<Opened>, Result<Bound, Problem>),
    /// Nothing could be opened.
    Failed(Problem),
}

/// What runs, and is to be ended.
struct Running {
    core: Core,
    listening: Listening,
}

/// Binds the doors of what was opened: a busy port must not cost thirty container starts.
pub(crate) async fn bind(opened: Opened) -> Start {
    if let Err(error) = tracing::subscriber::set_global_default(opened.logs().subscriber()) {
        eprintln!("The log stays empty: {error}");
    }
    let doors = Doors { tcp: opened.listen(), socket: opened.paths().data_dir.join(SOCKET_NAME) };
    let bound = doors.bind().await.map_err(|error| {
        tracing::error!(code = error.code(), "{error}");
        Problem { code: error.code().to_owned(), reason: error.to_string() }
    });
    Start::Opened(Box::new(opened), bound)
}

/// A start that was refused.
pub(crate) fn refused(error: &StartError) -> Start {
    Start::Failed(Problem { code: error.code().to_owned(), reason: error.to_string() })
}

/// Runs the core until `quit`, and ends it. Returns when nothing of it is left.
pub(crate) async fn live(
    start: Start,
    stage: watch::Sender<Stage>,
    mut quit: watch::Receiver<bool>,
    wishes: mpsc::Sender<Wish>,
) {
    match start {
        Start::Opened(opened, Ok(bound)) => {
            let running = run(*opened, bound, &stage).await;
            wait(&mut quit).await;
            stage.send_replace(Stage::Quitting);
            end(running).await;
        }
        // Whoever starts a second time must still find the folder taken, so it stays open.
        Start::Opened(opened, Err(problem)) => {
            stage.send_replace(Stage::Failed(problem));
            let socket = opened.paths().data_dir.join(SOCKET_NAME);
            tokio::select! {
                () = wait(&mut quit) => {}
                () = waiting_room::open(&socket, wishes) => {}
            }
            stage.send_replace(Stage::Quitting);
            // A file that stays is taken for a leftover by whoever comes next.
            let _ = std::fs::remove_file(&socket);
            drop(opened);
        }
        Start::Failed(problem) => {
            stage.send_replace(Stage::Failed(problem));
            wait(&mut quit).await;
            stage.send_replace(Stage::Quitting);
        }
    }
}

async fn wait(quit: &mut watch::Receiver<bool>) {
    // A sender that is gone means the end as well.
    let _ = quit.wait_for(|quit| *quit).await;
}

async fn run(opened: Opened, bound: Bound, stage: &watch::Sender<Stage>) -> Running {
    let address = bound.address();
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "other computers can reach this address; only the keys keep them out");
    }
    let core = opened.run().await;
    core.set_address(address);
    let router: Router = mcpproxy_api::router(ApiState::new(core.clone(), env!("CARGO_PKG_VERSION")));
    let listening = bound.serve(router.clone());
    tracing::info!(%address, "MCPProxy is ready: http://{address}/mcp");
    stage.send_replace(Stage::Running { core: core.clone(), router });
    Running { core, listening }
}

async fn end(running: Running) {
    tracing::info!("shutting down");
    let ended = async {
        // New work stops first; answers under way leave before their servers do.
        tokio::join!(running.listening.shutdown(DRAIN), running.core.shutdown());
    };
    if tokio::time::timeout(END, ended).await.is_err() {
        tracing::error!("servers were still running after ten seconds; the next start removes what is left");
    }
}
