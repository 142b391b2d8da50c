//! What the owner of a gateway may set, as plain data.

use std::time::Duration;

/// Which tools `/mcp` offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RoutingMode {
    /// Direct while all servers together offer few tools, else by search.
    #[default]
    Auto,
    /// Each tool of each server under its own published name.
    Direct,
    /// A search tool and call tools stand for all tools.
    RetrieveTools,
}

/// Settings of a gateway; changed while it runs by [`crate::Gateway::set_options`].
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// What `/mcp` offers.
    pub routing_mode: RoutingMode,
    /// How many tools `retrieve_tools` returns when the client names no limit.
    pub tools_limit: usize,
    /// Longest text of a result of the call tools, in characters; 0 means no limit.
    pub tool_response_limit: usize,
    /// How long a server may take to answer a call; `None` waits for as long as the client does.
    pub call_timeout: Option<Duration>,
    /// Whether `upstream_servers` is offered (to those who may manage).
    pub management: bool,
    /// Replaces the joined instructions of all servers when set.
    pub instructions: Option<String>,
    /// The version that `serverInfo` carries.
    pub version: String,
    /// A session with nothing in flight and no open stream ends after this long.
    pub session_idle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            routing_mode: RoutingMode::Auto,
            tools_limit: 15,
            tool_response_limit: 20_000,
            call_timeout: Some(Duration::from_secs(120)),
            management: true,
            instructions: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            session_idle: Duration::from_secs(4 * 60 * 60),
        }
    }
}
