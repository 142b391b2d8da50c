//! Bodies of changing requests and their answers.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/servers`: an entry of `mcpServers`; unknown keys are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AddServer {
    /// Unique name, without `:`.
    pub name: String,
    /// References to secrets in the entry, each confirmed by writing it here, such as `${keyring:GITHUB_TOKEN}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirm_references: Vec<String>,
    /// Further keys of the entry, as in the configuration file.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub entry: serde_json::Map<String, serde_json::Value>,
}

/// Body of switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnabledBody {
    /// The wanted position.
    pub enabled: bool,
}

/// Body of `POST /api/v1/servers/{id}/isolation`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IsolationBody {
    /// The wanted position.
    pub enabled: bool,
    /// Off for so many seconds only; the configuration keeps it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
    /// Off as long as the program runs; the configuration keeps it on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_quit: bool,
}

/// Answer of an action on one server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerAction {
    /// The server.
    pub server: String,
    /// What was done.
    pub action: String,
    /// Always true here; failures have the failure frame.
    pub success: bool,
    /// What else follows, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Answer of `PATCH /api/v1/servers/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerPatched {
    /// What was changed.
    pub message: String,
    /// Whether the server restarts because of it.
    pub restart_required: bool,
}

/// Answer of an action on all servers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkOutcome {
    /// Servers it was tried on.
    pub total: usize,
    /// Where it worked.
    pub successful: usize,
    /// Where it failed.
    pub failed: usize,
    /// Reason by server.
    #[schema(value_type = Object)]
    pub errors: IndexMap<String, String>,
}

/// Body of `POST /api/v1/tools/call`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolCall {
    /// `server:tool`, or a built-in tool.
    pub tool_name: String,
    /// Arguments object.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub arguments: serde_json::Value,
}

/// Answer of `GET /api/v1/config`: the file's content with secrets masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConfigView {
    /// The masked configuration.
    #[schema(value_type = Object)]
    pub config: serde_json::Value,
    /// The file.
    pub config_path: String,
}

/// Answer of `POST /api/v1/config/validate`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ValidationOutcome {
    /// Whether it could be used.
    pub valid: bool,
    /// What is wrong, by place.
    #[serde(default)]
    pub errors: Vec<String>,
}
