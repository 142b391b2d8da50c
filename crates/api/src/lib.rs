//! The one router over the core, and the listeners that lead to it.
//!
//! Everything outside comes through here: MCP clients, scripts, the terminal, pages. The router is the same
//! at every door; only who is let in differs (`doors`).

pub mod doors;
mod events;
mod failure;
mod listen;
mod mcp;
mod openapi;
mod request_id;
mod rest;
mod router;
mod state;
mod views;

pub use failure::ApiFailure;
pub use listen::{BindError, Bound, Doors, Listening};
pub use openapi::document;
pub use router::{Pages, router};
pub use state::ApiState;

/// Name of the terminal's socket in the data folder.
pub const SOCKET_NAME: &str = "mcpproxy.sock";

/// The engine as one look finds it, for the terminal while nothing runs.
pub async fn engine_now(settings: &mcpproxy_core::Settings) -> mcpproxy_api_types::DockerStatus {
    views::docker_status(&mcpproxy_core::engine_now(settings).await)
}

/// The state of a server in one sentence, the same on every surface.
pub fn state_sentence(server: &mcpproxy_core::ServerView) -> String {
    views::state_sentence(server)
}
