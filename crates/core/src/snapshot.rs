//! What can be seen of the core: immutable values, cheap to clone, published whole.
use std::{path::PathBuf, sync::Arc};

use indexmap::IndexMap;
use jiff::Timestamp;

/// All that is true at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Grows with each change.
    pub revision: u64,
    /// Whether the core starts, runs or ends.
    pub phase: Phase,
    /// The servers in the order of the file.
    pub servers: Arc<IndexMap<String, Arc<ServerView>>>,
    /// The container engine.
    pub engine: Arc<EngineView>,
    /// The configuration file.
    pub file: Arc<FileView>,
    /// The address clients use: the one bound, or the one configured before that.
    pub listen: String,
    /// When each client was last heard of, by the name of its key.
    pub clients: Arc<std::collections::BTreeMap<String, Timestamp>>,
    /// When the core started.
    pub started_at: Timestamp,
    /// The person has paused everything.
    pub paused: Option<crate::PausedView>,
}

/// Where the core stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Servers are being started for the first time.
    Starting,
    /// Running.
    Running,
    /// Shutting down.
    Stopping,
}

/// Where a server stands; each state holds only what is true while it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerState {
    /// Turned off in the configuration.
    Disabled,
    /// Something it needs is missing; it starts by itself as soon as that is there.
    Waiting(Wait),
    /// An image or a package is being fetched.
    Preparing(PreparationView),
    /// Its container or process starts.
    Starting,
    /// It runs and has not answered `initialize` yet.
    Handshaking,
    /// It answers.
    Ready,
    /// It stopped; the next try comes by itself.
    Backoff {
        /// When.
        until: Timestamp,
        /// How many tries have failed in a row.
        attempt: u32,
    },
    /// It cannot start until something is changed.
    Failed,
    /// Its old process is being ended.
    Stopping,
    /// It is held until somebody looks at it.
    Quarantined,
}

impl ServerState {
    /// The stable id of the state.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Waiting(_) => "waiting",
            Self::Preparing(_) => "preparing",
            Self::Starting => "starting",
            Self::Handshaking => "handshaking",
            Self::Ready => "ready",
            Self::Backoff { .. } => "backoff",
            Self::Failed => "failed",
            Self::Stopping => "stopping",
            Self::Quarantined => "quarantined",
        }
    }

    /// Whether the server is on its way without anybody's help.
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Preparing(_) | Self::Starting | Self::Handshaking | Self::Stopping)
    }
}

/// What a waiting server waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The container engine.
    Engine,
    /// A free place among those that start at the same time.
    Turn,
    /// The end of a pause.
    Resume,
}

impl Wait {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Engine => "waiting_for_engine",
            Self::Turn => "waiting_for_turn",
            Self::Resume => "waiting_for_resume",
        }
    }
}

/// How far a download or an installation is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PreparationView {
    /// `image` or `package`.
    pub stage: String,
    /// The image or package.
    pub subject: String,
    /// Bytes so far.
    pub done_bytes: Option<u64>,
    /// Bytes in all, once known.
    pub total_bytes: Option<u64>,
    /// 0 to 100.
    pub percent: Option<u8>,
    /// Bytes a second.
    pub rate: Option<u64>,
    /// Seconds left.
    pub eta_seconds: Option<u64>,
    /// The last line of its output.
    pub line: Option<String>,
}

/// Where a server's process lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In a hardened container.
    Container,
    /// On this computer, with all rights of the person.
    Host,
    /// In a container that its own command starts, with its author's settings.
    OwnContainer,
    /// On another computer.
    Remote,
}

impl Placement {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Host => "host",
            Self::OwnContainer => "own_container",
            Self::Remote => "remote",
        }
    }
}

/// One server.
#[derive(Debug, Clone)]
pub struct ServerView {
    /// Its name.
    pub name: String,
    /// Its entry in the configuration.
    pub config: Arc<mcpproxy_config::ServerConfig>,
    /// Where it stands.
    pub state: ServerState,
    /// Since when.
    pub since: Timestamp,
    /// Where it runs, or will.
    pub placement: Placement,
    /// The launcher's runtime, e.g. `uvx`; empty for remote servers.
    pub runtime: String,
    /// The image, for servers in a container.
    pub image: Option<String>,
    /// The container that runs now.
    pub container_id: Option<String>,
    /// Its name.
    pub container_name: Option<String>,
    /// The tools it offered last.
    pub tools: usize,
    /// When it became ready last.
    pub ready_at: Option<Timestamp>,
    /// Why it is not ready, or why it stopped the last time.
    pub failure: Option<Arc<Failure>>,
    /// How its last process ended.
    pub last_exit: Option<Arc<ExitView>>,
    /// How often it was started.
    pub starts: u32,
    /// Tries that failed in a row.
    pub attempt: u32,
    /// What it says of itself, once ready.
    pub identity: Option<Arc<Identity>>,
    /// Network, files and limits in force differ from the defaults (codes of relaxations).
    pub relaxed: Arc<[String]>,
    /// `isolation.enabled: true` stands in its entry while the global switch is off.
    pub isolation_ignored: bool,
    /// It runs without isolation for a while, though its configuration isolates it.
    pub unprotected: Option<crate::Unprotected>,
}

impl ServerView {
    /// When the next try comes.
    pub const fn retry_at(&self) -> Option<Timestamp> {
        match self.state {
            ServerState::Backoff { until, .. } => Some(until),
            _ => None,
        }
    }

    /// The download or installation that runs.
    pub const fn progress(&self) -> Option<&PreparationView> {
        match &self.state {
            ServerState::Preparing(progress) => Some(progress),
            _ => None,
        }
    }
}

/// A server's own name and era.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `serverInfo.name`.
    pub name: String,
    /// `serverInfo.version`.
    pub version: String,
    /// The protocol version it chose.
    pub protocol: String,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitView {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// It was ended for want of memory.
    pub oom: bool,
    /// When.
    pub at: Timestamp,
    /// How long it ran, in milliseconds.
    pub ran_ms: u64,
    /// The most memory it held, in bytes.
    pub peak_memory: Option<u64>,
}

/// Why a server is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable code.
    pub code: &'static str,
    /// The words that the sentence needs; never a secret.
    pub fields: Vec<(&'static str, String)>,
    /// The exact words of engine or process, redacted.
    pub detail: String,
    /// The last lines it wrote to stderr, at most twenty, redacted.
    pub stderr: Vec<String>,
    /// When.
    pub at: Timestamp,
}

impl Failure {
    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        mcpproxy_messages::render(self.code, &fields)
    }
}

/// The container engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineView {
    /// The stable code of its state, e.g. `engine_ready`.
    pub code: &'static str,
    /// The words that the sentence needs.
    pub fields: Vec<(&'static str, String)>,
    /// It answers.
    pub available: bool,
    /// The address that is used or was tried.
    pub endpoint: Option<String>,
    /// Where that address came from, e.g. `DOCKER_HOST`.
    pub source: Option<String>,
    /// The engine's version.
    pub version: Option<String>,
    /// The `docker` command, when one was found.
    pub docker_path: Option<PathBuf>,
    /// The global switch.
    pub isolation_enabled: bool,
    /// Failed looks since it answered last.
    pub failures: u32,
    /// When it was looked at last.
    pub checked_at: Option<Timestamp>,
    /// When it answered last.
    pub answered_at: Option<Timestamp>,
}

impl EngineView {
    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        mcpproxy_messages::render(self.code, &fields)
    }
}

/// The configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileView {
    /// Where it lies.
    pub path: PathBuf,
    /// Why the file as it stands is not in use; the last good version is.
    pub problem: Option<Arc<FileProblem>>,
    /// When it was read last.
    pub read_at: Timestamp,
    /// Keys whose new value takes effect at the next start only.
    pub needs_restart: Vec<&'static str>,
    /// Sentences about keys in it that have no effect here, each with its place.
    pub notes: Vec<String>,
}

/// What is wrong with the configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The stable code.
    pub code: &'static str,
    /// The sentence, with line, column and what was expected.
    pub sentence: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
}
