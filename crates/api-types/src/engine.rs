//! What is known of the container engine.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// State of the container engine, as `GET /api/v1/docker/status` answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DockerStatus {
    /// Whether the engine answers; the same value as `available`, under the name that scripts know.
    pub docker_available: bool,
    /// Whether the engine answers.
    pub available: bool,
    /// The resolved `docker` command; empty where there is none (it is not needed to run servers).
    pub docker_path: String,
    /// The global isolation switch.
    pub isolation_enabled: bool,
    /// Stable code of the state: `ready`, `not_running`, `no_permission`, …
    pub state: String,
    /// The state in one sentence.
    pub summary: String,
    /// The one action that mends it; empty when nothing is to be done.
    pub action: String,
    /// Product name, such as `Docker` or `OrbStack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Engine version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Engine API version in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The address that is used, such as `unix:///var/run/docker.sock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Where the address came from, such as `DOCKER_HOST` or `context colima`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Every address that was tried, with its result.
    #[serde(default)]
    pub tried: Vec<EngineTried>,
    /// True while servers wait for the engine to come back.
    pub recovery_mode: bool,
    /// Failed looks since the engine was last ready.
    pub failure_count: u32,
    /// Attempts since the engine was last ready.
    pub attempts_since_up: u32,
    /// Time of the last look, RFC 3339; empty before the first.
    pub last_attempt: String,
    /// What the last failed look said; empty after a good one.
    pub last_error: String,
    /// Time of the last good look, RFC 3339; empty if there was none.
    pub last_successful_at: String,
}

/// One address at which an engine was looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EngineTried {
    /// The address.
    pub endpoint: String,
    /// Where it came from.
    pub source: String,
    /// What was found there.
    pub result: String,
}
