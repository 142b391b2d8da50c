//! The engine as the core sees it: what is shown of it, and the handle that servers start in. An engine that comes
//! is cleaned of what an earlier life of ours left in it before any server may use it.
use std::{path::PathBuf, sync::Arc};

use jiff::Timestamp;
use mcpproxy_isolation::engine::{Engine, EngineStatus};
use mcpproxy_messages::phrases;
use tokio::{sync::watch, task::JoinHandle};

use crate::{EngineView, board::Board, servers::own_containers};

/// The task that follows the engine; dropping it ends it.
pub(crate) struct EngineDesk {
    current: watch::Receiver<Option<Engine>>,
    task: JoinHandle<()>,
}

impl Drop for EngineDesk {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl EngineDesk {
    pub(crate) fn spawn(
        status: watch::Receiver<EngineStatus>,
        board: Arc<Board>,
        instance: String,
        own_containers: PathBuf,
        docker_path: Option<PathBuf>,
    ) -> Self {
        let (publish, current) = watch::channel(None);
        let follower = Follower {
            status,
            publish,
            board,
            instance,
            own_containers,
            docker_path,
            was_up: None,
            up: None,
        };
        Self { current, task: tokio::spawn(follower.run()) }
    }

    /// The engine while it answers.
    pub(crate) fn current(&self) -> watch::Receiver<Option<Engine>> {
        self.current.clone()
    }
}

struct Follower {
    status: watch::Receiver<EngineStatus>,
    publish: watch::Sender<Option<Engine>>,
    board: Arc<Board>,
    instance: String,
    /// Where the ids of containers are that servers' commands started.
    own_containers: PathBuf,
    docker_path: Option<PathBuf>,
    /// Whether it answered at the last look; none before the first.
    was_up: Option<bool>,
    /// The engine that answered at the last look, and was cleaned when it came.
    up: Option<String>,
}

impl Follower {
    async fn run(mut self) {
        loop {
            let status = self.status.borrow_and_update().clone();
            let engine = status.engine().cloned();
            self.show(&status);
            // Only an engine that comes: in one that stays, what has our label is being used or made.
            let id = engine.as_ref().map(|engine| engine.info().id.clone());
            let before = std::mem::replace(&mut self.up, id);
            self.say(engine.is_some(), &status);
            if let Some(engine) = engine.as_ref().filter(|_| before != self.up) {
                self.reap(engine).await;
            }
            self.publish.send_replace(engine);
            if self.status.changed().await.is_err() {
                return;
            }
        }
    }

    fn show(&self, status: &EngineStatus) {
        let checking = matches!(status.state, mcpproxy_isolation::engine::EngineState::Checking);
        let info = status.engine().map(Engine::info);
        self.board.set_engine(|view| {
            *view = EngineView {
                code: status.state.code(),
                fields: status.state.arguments(),
                available: info.is_some(),
                endpoint: status.endpoint.as_ref().map(ToString::to_string),
                source: status.source.as_ref().map(ToString::to_string),
                version: info.map(|info| info.version.clone()),
                docker_path: self.docker_path.clone(),
                isolation_enabled: view.isolation_enabled,
                failures: match info {
                    Some(_) => 0,
                    None => view.failures + u32::from(!checking),
                },
                checked_at: if checking { view.checked_at } else { Some(Timestamp::now()) },
                answered_at: info.map_or(view.answered_at, |_| Some(Timestamp::now())),
            };
        });
    }

    fn say(&mut self, up: bool, status: &EngineStatus) {
        if matches!(status.state, mcpproxy_isolation::engine::EngineState::Checking) {
            return;
        }
        match (self.was_up, up) {
            (None, true) => tracing::info!("{}", phrases::PROBE_AVAILABLE),
            (None, false) => tracing::warn!(code = status.state.code(), "{}", phrases::PROBE_UNAVAILABLE),
            (Some(true), false) => {
                tracing::warn!(code = status.state.code(), "{}", phrases::RECOVERY_STARTED)
            }
            (Some(false), true) => tracing::info!("{}", phrases::RECOVERY_SUCCESSFUL),
            (Some(true), true) | (Some(false), false) => {}
        }
        self.was_up = Some(up);
    }

    /// Removes what carries our instance's label and is not running for us now.
    async fn reap(&self, engine: &Engine) {
        let snapshot = self.board.snapshot();
        let folder = self.own_containers.clone();
        let own = tokio::task::spawn_blocking(move || own_containers::running(&folder)).await;
        let Ok(mut keep) = own else { return };
        keep.extend(snapshot.servers.values().filter_map(|server| server.container_id.clone()));
        match engine.reap(&self.instance, &keep).await {
            Ok(reaped) if reaped.containers.is_empty() => {}
            Ok(reaped) => {
                let names: Vec<&str> =
                    reaped.containers.iter().map(|container| container.name.as_str()).collect();
                tracing::info!(containers = names.join(", "), "{}", phrases::FOUND_EXISTING);
            }
            Err(error) => tracing::warn!(%error, "leftovers of an earlier run could not be removed"),
        }
    }
}
