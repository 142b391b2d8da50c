//! What was done: records, pages of them, sums.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many calls there were today.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Today {
    /// Calls.
    pub calls: u64,
    /// Calls that ended with an error.
    pub failed: u64,
    /// Calls that the rules did not let through.
    pub blocked: u64,
    /// Why nothing is recorded, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One thing that happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityRecord {
    /// Its id, a ULID.
    pub id: String,
    /// `tool_call`, `internal_tool_call`, `prompt_get`, `resource_read`, `server_change`, `config_change`,
    /// `isolation_change`, `quarantine_change`, `client_change`, `engine_change`, `pause_change`, `system_start`,
    /// `system_stop` or `not_recorded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `mcp`, `api`, `file` or `internal`.
    pub source: String,
    /// `success`, `error`, `blocked`, `rejected` or `cancelled`.
    pub status: String,
    /// RFC 3339, when it began.
    pub timestamp: String,
    /// The server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The tool, prompt or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// The session's number in that run of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The request's JSON-RPC id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// Bytes of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_bytes: Option<u64>,
    /// Bytes of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_bytes: Option<u64>,
    /// The words of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// The sentence of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// How many it stands for: one, but for calls that were not recorded.
    pub count: u64,
    /// Values that are not shown.
    pub hidden_values: u32,
    /// What went in, redacted; only where one record or bodies were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub arguments: Option<serde_json::Value>,
    /// What came out, as text, redacted; as above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// Arguments or response were longer.
    pub response_truncated: bool,
}

/// Answer of `GET /api/v1/activity`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityList {
    /// The records: newest first, or oldest first after a cursor.
    pub activities: Vec<ActivityRecord>,
    /// How many fit the filter in all.
    pub total: u64,
    /// How many were asked for.
    pub limit: usize,
    /// How many were left out.
    pub offset: usize,
    /// The `cursor` of the next page, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Ask with it as `after` for what is newer.
    pub newest: String,
}

/// Answer of `GET /api/v1/activity/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityDetail {
    /// The record.
    pub activity: ActivityRecord,
}

/// How the calls of one server, client or tool went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivitySums {
    /// The server, client or, as `server:tool`, the tool.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Calls that ended with an error.
    pub failed: u64,
    /// Calls that the rules did not let through.
    pub blocked: u64,
    /// Half of the calls took no longer, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// When the last one began; RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_call: Option<String>,
}

/// Answer of `GET /api/v1/activity/summary`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivitySummary {
    /// `today`, `1h`, `24h`, `7d` or `30d`.
    pub period: String,
    /// RFC 3339.
    pub start_time: String,
    /// RFC 3339.
    pub end_time: String,
    /// Calls that were recorded.
    pub total_count: u64,
    /// With a good end.
    pub success_count: u64,
    /// With an error.
    pub error_count: u64,
    /// Not let through.
    pub blocked_count: u64,
    /// Not allowed in their form.
    pub rejected_count: u64,
    /// Given up by the client.
    pub cancelled_count: u64,
    /// Calls that came faster than they could be recorded.
    pub not_recorded_count: u64,
    /// Half of the calls took no longer, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ms: Option<f64>,
    /// By server, the busiest first.
    pub servers: Vec<ActivitySums>,
    /// By client, the busiest first.
    pub clients: Vec<ActivitySums>,
    /// The ten busiest tools.
    pub tools: Vec<ActivitySums>,
}
