//! The composition root: it starts everything, owns every server's life, and is spoken to by typed commands and
//! immutable snapshots. Tray, router and terminal are thin adapters over [`Core`].
mod activity;
mod board;
mod changes;
mod clients;
mod command;
mod control;
mod core;
mod doctor;
mod engine;
mod error;
mod exemptions;
mod explain;
mod figures;
mod logs;
mod masked;
mod offline;
mod parse;
mod pause;
mod preview;
mod random;
mod security;
mod servers;
mod settings;
mod snapshot;
mod start;
mod steward;
mod telemetry;
mod wishes;

pub use activity::{
    Activity, ActivityError, Filter as ActivityFilter, Kind as ActivityKind, Origin, Page as ActivityPage,
    Problem as ActivityProblem, Pulse, Record as ActivityRecord, Status as ActivityStatus,
    Summary as ActivitySummary, Sums, Today, Window,
};
pub use changes::{Change, ChangeKind, TooOld};
pub use clients::{
    ClientAction, ClientFailure, ClientPreview, ClientState, ClientView, DifferenceLine, ImportChoice,
    ImportFailure, Importable, ImportedServer, KeyView, NextStep, SecretPlace, Undone, Unread,
};
pub use command::{Command, Edit, Outcome};
pub use core::{Core, DockerStatus};
pub use doctor::{Finding, Severity};
pub use error::{CommandError, StartError};
pub use exemptions::{Span, Unprotected};
pub use explain::{Explanation, Sentence};
pub use figures::{Figures, ServerFigures};
pub use logs::{Follow, Level, LogFolder, LogLine, LogPage, LogPosition, LogSource, Logs, printable};
pub use mcpproxy_config::{Config, ServerConfig};
pub use mcpproxy_login_env::print_env;
pub use mcpproxy_secrets::Secret;
pub use offline::{FileFollow, Vault, config_warnings, engine_now, locate, read_config, stored_key, vault};
pub use parse::{ParseProblem, Parsed, ParsedServer};
pub use pause::PausedView;
pub use preview::ChangePreview;
pub use security::{Protection, ServerSecurity, Weakness};
pub use settings::{Host, Settings};
pub use snapshot::{
    EngineView, ExitView, Failure, FileProblem, FileView, Identity, Phase, Placement, PreparationView,
    ServerState, ServerView, Snapshot, Wait,
};
pub use start::{Holder, Opened, Paths, open, start};
pub use telemetry::{Counters, Telemetry};
pub use wishes::{NoWindow, Wish};
