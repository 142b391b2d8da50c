//! Shapes of the REST API and of `/events`: serde types only, shared by router, terminal and pages.
//!
//! Field names are an interface: scripts written for mcpproxy-go read them, so a rename is a break.

mod activity;
mod browser;
mod client;
mod control;
mod engine;
mod envelope;
mod event;
mod figures;
mod health;
mod log;
mod preview;
mod request;
mod server;
mod status;
mod telemetry;
mod tool;

pub use activity::{ActivityDetail, ActivityList, ActivityRecord, ActivitySummary, ActivitySums, Today};
pub use browser::{UiCode, UiSession, UiSessionBody};
pub use client::{
    Client, ClientAction, ClientChange, ClientChangeBody, ClientKey, ClientList, ClientPreviewBody,
    ClientState, ClientUndone, DiffLine, ImportBody, ImportChoice, ImportList, ImportOrigin, ImportOutcome,
    ImportSecret, ImportableServer, ImportedServer, KeyBody, KeyList, NewKey, NextStep, UnreadClient,
};
pub use control::{PauseOutcome, Paused, WishBody};
pub use engine::{DockerStatus, EngineTried};
pub use envelope::{Failure, Success};
pub use event::{ChangeEntry, Changes, EventName};
pub use figures::{Figures, ServerFigures};
pub use health::{AdminState, Health, HealthAction, HealthLevel};
pub use log::{LogEntry, LogLines, LogRow, ServerLogs};
pub use preview::{
    ParseBody, ParseProblem, Parsed, ParsedServer, Preview, PreviewBody, Security, ServerSecurity,
    SettingsOutcome, UndoRemove, Weakness,
};
pub use request::{
    AddServer, BulkOutcome, ConfigView, EnabledBody, IsolationBody, ServerAction, ServerPatched, ToolCall,
    ValidationOutcome,
};
pub use server::{
    Diagnostic, ExitView, Explanation, ExplanationLine, FixStep, IsolationDefaults, IsolationView, Progress,
    Server, ServerList, ServerStats,
};
pub use status::{Endpoints, Finding, Findings, Info, Routing, Status, UpstreamStats};
pub use telemetry::{Telemetry, TelemetryPayload};
pub use tool::{SearchHit, SearchResult, Tool, ToolList};
