//! Where a client knocked, and as whom.

use std::sync::Arc;

/// One of the MCP endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `/mcp`: what the routing mode says.
    Default,
    /// `/mcp/all`: each tool under its published name.
    All,
    /// `/mcp/call`: search and call tools.
    Call,
    /// `/mcp/servers/NAME`: one server as it is.
    Server(Arc<str>),
}

/// Who a request comes from, as the door in front of the gateway found out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// The admin key, or a peer-checked local socket.
    Admin,
    /// A key that opens MCP only, by the client's name.
    Client(Arc<str>),
    /// No key, where the configuration allows that.
    Local,
}

impl Credential {
    /// Whether this caller may see and change servers.
    #[must_use]
    pub fn may_manage(&self) -> bool {
        matches!(self, Self::Admin)
    }
}
