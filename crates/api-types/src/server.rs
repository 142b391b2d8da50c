//! The server object and what hangs on it.

use crate::{Health, health};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One configured server with its state; secrets are masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Server {
    /// Same as `name`.
    pub id: String,
    /// Unique name.
    pub name: String,
    /// `stdio`, `http`, `sse` or `streamable-http`.
    pub protocol: String,
    /// Command, for stdio servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Arguments, masked where they look like secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Host folder in which a host-run server starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Address, for remote servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Variables with masked values.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schema(value_type = Object)]
    pub env: IndexMap<String, String>,
    /// Headers with masked values.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schema(value_type = Object)]
    pub headers: IndexMap<String, String>,
    /// Whether it is turned on.
    pub enabled: bool,
    /// Whether it is held.
    pub quarantined: bool,
    /// Whether it answers.
    pub connected: bool,
    /// Whether it is on its way.
    pub connecting: bool,
    /// `Ready`, `Connecting`, `Disconnected` or `Error`.
    pub status: String,
    /// Stable id of the exact state: `ready`, `preparing`, `backoff`, …
    pub state: String,
    /// The state in one sentence.
    pub state_text: String,
    /// RFC 3339 of the last change of state.
    pub since: String,
    /// Last failure in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Last lines of its error output, after a failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_output: Vec<String>,
    /// RFC 3339 of the last time it became ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected_at: Option<String>,
    /// RFC 3339 of the next try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<String>,
    /// Restarts since the program started.
    pub reconnect_count: u64,
    /// Tries since it was last ready.
    pub retry_count: u64,
    /// Number of its tools.
    pub tool_count: usize,
    /// Where it runs: `container`, `own_container`, `host` or `remote`.
    pub placement: String,
    /// Whether it runs, or will run, in a container of ours.
    pub isolated: bool,
    /// Id of its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<String>,
    /// Name of its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
    /// Image of its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Download or preparation under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// How its last run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_exit: Option<ExitView>,
    /// Its own isolation settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation: Option<IsolationView>,
    /// What would be used without settings of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub isolation_defaults: Option<IsolationDefaults>,
    /// Whether its own isolation setting does nothing because the global switch is off.
    #[serde(default)]
    pub isolation_ignored: bool,
    /// RFC 3339 of the end of its time without isolation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unprotected_until: Option<String>,
    /// Whether it runs without isolation as long as the program runs.
    #[serde(default)]
    pub unprotected_until_quit: bool,
    /// Codes of what is weaker than the default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<String>,
    /// Code of the last failure, as mcpproxy-go names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The last failure, explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Diagnostic>,
    /// How it is.
    pub health: Health,
    /// RFC 3339 of its entry's creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// RFC 3339 of its entry's last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
}

impl Server {
    /// Whether the person has something to do about it.
    pub fn needs_attention(&self) -> bool {
        self.health.level != health::HealthLevel::Healthy
    }
}

/// A download or preparation under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// `downloading` or `installing`.
    pub stage: String,
    /// What is being brought: an image or a package.
    pub subject: String,
    /// Bytes so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_bytes: Option<u64>,
    /// Bytes in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
    /// 0 to 100, never falling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Bytes a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u64>,
    /// Seconds left, once the speed is steady.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
    /// Last line of output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExitView {
    /// Exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// Signal number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether it ran out of memory.
    pub oom_killed: bool,
    /// How long it ran, in milliseconds.
    pub ran_ms: u64,
    /// Most memory it held, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// RFC 3339.
    pub at: String,
}

/// Isolation settings of one server, as written in its entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IsolationView {
    /// Its own switch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Network mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_mode: Option<String>,
    /// Further `docker run` flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_args: Vec<String>,
    /// Folder in the container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Memory limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<String>,
    /// CPU limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_limit: Option<String>,
    /// Start deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// Folders it may see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
}

/// What is used where a server says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IsolationDefaults {
    /// Runtime that the command was recognised as.
    pub runtime_type: String,
    /// Image.
    pub image: String,
    /// Network mode.
    pub network_mode: String,
    /// Further `docker run` flags.
    pub extra_args: Vec<String>,
    /// Folder in the container.
    pub working_dir: String,
}

/// A failure with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Diagnostic {
    /// Stable code.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What it means.
    pub user_message: String,
    /// Steps that mend it, most likely first.
    #[serde(default)]
    pub fix_steps: Vec<FixStep>,
}

/// One step that mends a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FixStep {
    /// `command` or `button`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it does.
    pub label: String,
    /// The command to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// Counts of the server list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerStats {
    /// Configured servers.
    pub total_servers: usize,
    /// Servers that answer.
    pub connected_servers: usize,
    /// Servers that are held.
    pub quarantined_servers: usize,
    /// Tools of all servers that answer.
    pub total_tools: usize,
    /// Containers of this instance.
    pub docker_containers: usize,
}

/// Answer of `GET /api/v1/servers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerList {
    /// The servers, in the order of the file.
    pub servers: Vec<Server>,
    /// Counts.
    pub stats: ServerStats,
}

/// Answer of `GET /api/v1/servers/{id}/explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// The server.
    pub server: String,
    /// Where it runs.
    pub placement: String,
    /// What it can reach, in plain sentences.
    pub lines: Vec<ExplanationLine>,
    /// The equal `docker` command as arguments, values masked; empty on the host.
    pub docker_run: Vec<String>,
    /// Why it may not run as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// One sentence of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExplanationLine {
    /// `files`, `network`, `secrets`, `limits`, `identity`, `image`, `relaxed` or `warning`.
    pub kind: String,
    /// Key of the sentence.
    pub key: String,
    /// The sentence.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use crate::{Health, HealthAction};

    #[test]
    fn an_empty_action_is_an_empty_string_on_the_wire() {
        let health: Health = serde_json::from_str(
            r#"{"level":"healthy","admin_state":"enabled","summary":"Connected","action":""}"#,
        )
        .unwrap();
        assert_eq!(health.action, HealthAction::None);
        assert!(serde_json::to_string(&health).unwrap().contains(r#""action":"""#));
    }
}
