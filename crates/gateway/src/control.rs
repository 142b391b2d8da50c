//! What the gateway asks of its owner: to act on servers, and to say how they are.

use futures_util::future::BoxFuture;
use serde_json::Value;

/// The future that [`Control::upstream_servers`] returns.
pub type ControlFuture<'a> = BoxFuture<'a, Result<Value, ControlError>>;

/// Servers as their owner sees them.
pub trait Control: Send + Sync + 'static {
    /// Carries out one operation of the `upstream_servers` tool and returns its result object.
    fn upstream_servers(&self, operation: ServersOperation) -> ControlFuture<'_>;
    /// One server in short, or `None` where no such server is configured.
    fn server_state(&self, name: &str) -> Option<ServerBrief>;
    /// All configured servers, in the order of the configuration.
    fn servers(&self) -> Vec<ServerBrief>;
}

/// One call of the `upstream_servers` tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ServersOperation {
    /// `list`, `enable`, `disable`, `restart`, `tail_log`, `add`, `remove`, `update`, `patch`.
    pub operation: String,
    /// The server meant; absent for `list`.
    pub name: Option<String>,
    /// All arguments as the client sent them.
    pub arguments: Value,
}

/// Why an operation on servers was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ControlError {
    /// Stable code.
    pub code: &'static str,
    /// What happened, to what, and what to do.
    pub message: String,
}

impl ControlError {
    /// The stable code of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

/// A server in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerBrief {
    /// The configured name.
    pub name: String,
    /// The word for its state, as shown to people (`ready`, `connecting`, `disabled`, …).
    pub state: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Whether it is on its way to being ready.
    pub connecting: bool,
}
