//! Tools as REST shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A tool of one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tool {
    /// The tool's own name.
    pub name: String,
    /// The server that offers it.
    pub server_name: String,
    /// Its description, as the server gave it.
    pub description: String,
    /// The name under which clients see it.
    pub published_name: String,
    /// Input schema, as the server gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub schema: Option<serde_json::Value>,
    /// Hints such as `readOnlyHint`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub annotations: Option<serde_json::Value>,
}

/// Tools of one server or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ToolList {
    /// The server, when the list is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// The tools, by server and in the server's own order.
    pub tools: Vec<Tool>,
    /// Number of tools.
    pub count: usize,
}

/// One hit of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchHit {
    /// The tool.
    pub tool: Tool,
    /// How well it fits; larger is better.
    pub score: f64,
    /// Number of query words it holds.
    pub matches: usize,
}

/// Answer of `GET /api/v1/index/search`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// The query.
    pub query: String,
    /// Hits, best first.
    pub results: Vec<SearchHit>,
    /// Number of hits given.
    pub total: usize,
    /// Time it took, such as `0.3ms`.
    pub took: String,
}
