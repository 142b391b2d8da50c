//! Names on `/events` and entries of the change log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Event names of the `/events` stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventName {
    /// The whole status, at once and on change.
    Status,
    /// Every 30 seconds.
    Ping,
    /// A server's state or entry changed.
    ServersChanged,
    /// The configuration file was read again.
    ConfigReloaded,
    /// The engine came, went or changed.
    DockerChanged,
}

impl EventName {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Ping => "ping",
            Self::ServersChanged => "servers.changed",
            Self::ConfigReloaded => "config.reloaded",
            Self::DockerChanged => "docker.changed",
        }
    }
}

/// One entry of the numbered change log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeEntry {
    /// Number of the change; grows.
    pub revision: u64,
    /// What to read again: `state`, `progress`, `tools` (of `servers`), `servers` (the list or settings), `engine`,
    /// `config`, `core` (phase or address), `paused`, `clients` or `activity`.
    pub kind: String,
    /// The servers it is about.
    #[serde(default)]
    pub servers: Vec<String>,
}

/// Answer of `GET /api/v1/changes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Changes {
    /// Newest revision; ask with it next.
    pub revision: u64,
    /// Changes after the asked revision, oldest first.
    pub changes: Vec<ChangeEntry>,
}
