//! The program's own state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counts over all servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpstreamStats {
    /// Configured servers.
    pub total_servers: usize,
    /// Servers that answer.
    pub connected_servers: usize,
    /// Servers that are held.
    pub quarantined_servers: usize,
    /// Servers inside a container of ours.
    pub isolated_servers: usize,
    /// Tools of all servers that answer.
    pub total_tools: usize,
}

/// Answer of `GET /api/v1/status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Always true where somebody answers.
    pub running: bool,
    /// Always `personal`.
    pub edition: String,
    /// Version of the program.
    pub version: String,
    /// Process id.
    pub pid: u32,
    /// RFC 3339.
    pub started_at: String,
    /// Address that clients reach.
    pub listen_addr: String,
    /// Counts.
    pub upstream_stats: UpstreamStats,
    /// State of the engine.
    pub docker_status: crate::DockerStatus,
    /// `direct`, `retrieve_tools` or `auto`.
    pub routing_mode: String,
    /// The configuration file.
    pub config_path: String,
    /// What is wrong with it, if it could not be read again; the last good state stays in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_error: Option<String>,
    /// Folder of the logs.
    pub log_dir: String,
    /// The person has paused everything; absent while calls pass.
    #[serde(default)]
    pub paused: Option<crate::Paused>,
    /// Today's calls.
    #[serde(default)]
    pub today: crate::Today,
    /// Connected clients.
    pub sessions: usize,
    /// Unix seconds.
    pub timestamp: i64,
}

/// Addresses of this instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Endpoints {
    /// TCP address.
    pub http: String,
    /// Socket or pipe of the terminal.
    pub socket: String,
}

/// Answer of `GET /api/v1/info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Info {
    /// Version of the program.
    pub version: String,
    /// Address that clients reach.
    pub listen_addr: String,
    /// Addresses of this instance.
    pub endpoints: Endpoints,
    /// Process id.
    pub pid: u32,
}

/// Answer of `GET /api/v1/routing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Routing {
    /// Mode in force at `/mcp`.
    pub routing_mode: String,
    /// What it means.
    pub description: String,
    /// Modes that can be chosen.
    pub available_modes: Vec<String>,
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// `error` or `warning`.
    pub severity: String,
    /// The server, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The sentence.
    pub message: String,
    /// A command that mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

/// Answer of `GET /api/v1/diagnostics` and `/doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// Number of findings.
    pub total_issues: usize,
    /// The findings, errors first.
    pub findings: Vec<Finding>,
    /// State of the engine.
    pub docker_status: crate::DockerStatus,
    /// RFC 3339.
    pub timestamp: String,
}
