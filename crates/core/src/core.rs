//! The handle that everything outside holds: commands in, snapshots out.
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use mcpproxy_config::{Config, ConfigError, Document};
use mcpproxy_gateway::Gateway;
use mcpproxy_secrets::Secret;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    Activity, Change, ChangeKind, Command, CommandError, Edit, Explanation, Finding, Logs, Origin, Outcome,
    Paths, Settings, Snapshot, TooOld,
    board::Board,
    doctor,
    servers::planner::Planner,
    steward::{self, Wish},
};

/// The running core. Cheap to clone; the first call of [`Core::shutdown`] ends it for all.
#[derive(Clone)]
pub struct Core {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) paths: Paths,
    pub(crate) instance: String,
    pub(crate) board: Arc<Board>,
    pub(crate) config: watch::Receiver<Arc<Config>>,
    pub(crate) gateway: Gateway,
    pub(crate) clients: crate::clients::Memory,
    pub(crate) logs: Logs,
    pub(crate) planner: Arc<Planner>,
    pub(crate) wishes: mpsc::Sender<Wish>,
    /// Wishes to the window.
    pub(crate) window: tokio::sync::broadcast::Sender<crate::Wish>,
    pub(crate) ended: watch::Receiver<bool>,
    pub(crate) activity: Activity,
    pub(crate) gauge: crate::figures::Gauge,
}

/// Whether `docker` can be used, as clients of the `upstream_servers` tool ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DockerStatus {
    /// The `docker` command; empty when none was found.
    pub docker_path: String,
    /// The engine answers.
    pub available: bool,
}

impl Core {
    /// Carries out a command; returns when the configuration is saved and the difference is being applied.
    ///
    /// # Errors
    /// When the command names an unknown server, is not allowed, or the file cannot be written.
    ///
    /// # Cancel safety
    /// A command that was taken is carried out, whether or not its caller still waits.
    pub async fn command(&self, command: Command) -> Result<Outcome, CommandError> {
        self.command_by(Origin::Person, command).await
    }

    /// The same on behalf of somebody else.
    pub(crate) async fn command_by(&self, origin: Origin, command: Command) -> Result<Outcome, CommandError> {
        let (reply, answer) = oneshot::channel();
        self.inner
            .wishes
            .send(Wish::Command { command, origin, reply })
            .await
            .map_err(|_| CommandError::Closed)?;
        answer.await.map_err(|_| CommandError::Closed)?
    }

    /// The first figures of servers after `since`, within `wait`; they are measured while somebody asks.
    pub async fn figures(&self, since: u64, wait: std::time::Duration) -> Option<Arc<crate::Figures>> {
        self.inner.gauge.after(since, wait).await
    }

    /// What was done, by whom, and how it went.
    pub fn activity(&self) -> &Activity {
        &self.inner.activity
    }

    /// What a command would write to the file, without doing it.
    ///
    /// # Errors
    /// When the command names an unknown server or is not allowed.
    pub fn preview(&self, command: &Command) -> Result<Vec<Edit>, CommandError> {
        steward::edits(command, &self.config())
    }

    /// All that is true now.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.board.snapshot()
    }

    /// Every snapshot from now on; slow readers see only the newest.
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.board.watch()
    }

    /// What changed after revision `since`.
    ///
    /// # Errors
    /// When that is too long ago to be remembered.
    pub fn changes(&self, since: u64) -> Result<Vec<Change>, TooOld> {
        self.inner.board.changes(since)
    }

    /// Notes that something changed which is no part of a snapshot, for everybody who waits for changes.
    pub fn note(&self, kind: ChangeKind, servers: Vec<String>) {
        self.inner.board.note(kind, servers);
    }

    /// The clients' side: sessions, tools, calls.
    pub fn gateway(&self) -> &Gateway {
        &self.inner.gateway
    }

    /// The configuration in force.
    pub fn config(&self) -> Arc<Config> {
        Arc::clone(&self.inner.config.borrow())
    }

    /// The configuration as it stands in the file, secrets masked.
    pub fn masked_config(&self) -> serde_json::Value {
        crate::masked::file(&self.inner.paths.config, &self.config())
    }

    /// Whether a text would be a configuration.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn validate(&self, text: &str) -> Result<(), ConfigError> {
        Document::parse(text).map(|_| ())
    }

    /// The logs.
    pub fn logs(&self) -> &Logs {
        &self.inner.logs
    }

    /// Where everything lies.
    pub fn paths(&self) -> &Paths {
        &self.inner.paths
    }

    /// What the start was given.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The id that labels everything this installation makes.
    pub fn instance(&self) -> &str {
        &self.inner.instance
    }

    /// The admin key: flag, environment, file.
    pub fn api_key(&self) -> Option<Secret> {
        let given = self.inner.settings.api_key.clone();
        let given = given.or_else(|| self.inner.settings.variable("MCPPROXY_API_KEY").map(Secret::new));
        given.or_else(|| self.config().api_key.as_deref().filter(|key| !key.is_empty()).map(Secret::new))
    }

    /// The address to listen on: flag, environment, file.
    pub fn listen(&self) -> String {
        start_listen(&self.inner.settings, &self.config())
    }

    /// Notes the address that was bound, for status, the lock file and messages.
    pub fn set_address(&self, address: SocketAddr) {
        self.inner.board.set_listen(address.to_string());
        crate::start::note_address(&self.inner.paths, &self.inner.settings, address);
    }

    /// What a server can reach, and which defaults were relaxed and why.
    ///
    /// # Errors
    /// When there is no server of this name.
    pub async fn explain(&self, name: &str) -> Result<Explanation, CommandError> {
        let config = self.config();
        let unknown = || CommandError::UnknownServer { name: name.to_owned() };
        let server = config.servers.get(name).ok_or_else(unknown)?;
        let unprotected = self.snapshot().servers.get(name).and_then(|view| view.unprotected);
        let server = crate::exemptions::effective(server, unprotected);
        Ok(self.inner.planner.explain_server(&config, &server).await)
    }

    /// Whether the engine can be used.
    pub fn docker_status(&self) -> DockerStatus {
        let engine = &self.snapshot().engine;
        let path = |path: &PathBuf| path.display().to_string();
        DockerStatus {
            docker_path: engine.docker_path.as_ref().map(path).unwrap_or_default(),
            available: engine.available,
        }
    }

    /// What is wrong or worth knowing, the worst first.
    pub fn doctor(&self) -> Vec<Finding> {
        doctor::examine(&self.snapshot(), self.inner.logs.dropped())
    }

    /// Ends clients' sessions and all servers side by side, within ten seconds, closes the logs and lets the data
    /// folder go. All callers wait for the one end.
    pub async fn shutdown(&self) {
        // Refused only when it ends already.
        let _ = self.inner.wishes.send(Wish::Shutdown).await;
        let _ = self.inner.ended.clone().wait_for(|ended| *ended).await;
    }
}

/// The address to listen on: flag, environment, file.
pub(crate) fn start_listen(settings: &Settings, config: &Config) -> String {
    let given = settings.listen.as_deref().or_else(|| settings.variable("MCPPROXY_LISTEN"));
    given.unwrap_or(&config.listen).to_owned()
}
