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

/// One line on a page of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogRow {
    /// When, RFC 3339; absent for a line that did not come from this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// `debug`, `info`, `warn` or `error`; absent as `at` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The server it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The message and the values that belong to it, without control characters.
    pub text: String,
}

/// Answer of `GET /api/v1/logs/lines`: a page of a log by byte offsets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLines {
    /// `main` or `server:NAME`.
    pub source: String,
    /// The name of the file that the offsets belong to; give it back with them.
    pub file: String,
    /// Where the page begins.
    pub start: u64,
    /// Where the next one begins.
    pub next: u64,
    /// How long the file is now; the page was the last one where `next` is there.
    pub end: u64,
    /// The log went on in a new file: earlier lines stay true, offsets begin anew.
    pub reset: bool,
    /// The lines, oldest first.
    pub lines: Vec<LogRow>,
}
