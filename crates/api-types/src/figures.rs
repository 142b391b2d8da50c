//! What servers take of the processor and of memory, sampled while somebody looks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one server takes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerFigures {
    /// The server.
    pub name: String,
    /// Of one processor, so that 200 are two; absent until there are two samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<f64>,
    /// Memory in use, without the cache that can be dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_bytes: Option<u64>,
    /// The most that it may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit_bytes: Option<u64>,
    /// Processes and threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u64>,
}

/// Answer of `GET /api/v1/figures`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Figures {
    /// The number of the sample; ask with it next.
    pub revision: u64,
    /// When it was taken; RFC 3339.
    pub at: String,
    /// Servers with a process here. One that is missing has none, or none that can be measured.
    pub servers: Vec<ServerFigures>,
}
