//! Log lines of a server.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    /// RFC 3339, with milliseconds.
    pub timestamp: String,
    /// `DEBUG`, `INFO`, `WARN` or `ERROR`.
    pub level: String,
    /// The message.
    pub message: String,
    /// The server it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The line's further values.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schema(value_type = Object)]
    pub fields: IndexMap<String, serde_json::Value>,
}

/// Answer of `GET /api/v1/servers/{id}/logs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerLogs {
    /// The server.
    pub server_name: String,
    /// Its last lines, oldest first.
    pub logs: Vec<LogEntry>,
    /// Number of lines given.
    pub count: usize,
}
