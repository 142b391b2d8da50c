//! What a client is told when a server has no answer.

use bytes::Bytes;
use mcpproxy_protocol::rpc;
use mcpproxy_upstream::CallError;
use serde_json::{json, value::to_raw_value};

use super::Request;
use crate::pause::{PAUSED, PAUSED_CODE};
use crate::{ServerBrief, record::Verdict};

/// The state of a server that somebody has to look at before it may be used.
const HELD: &str = "quarantined";

impl Request {
    /// The answer to a request that a server did not answer; `None` where the client cancelled it.
    pub(crate) fn failed(&self, server: &str, error: &Failure) -> Option<Bytes> {
        if matches!(error, Failure::Call(CallError::Cancelled)) {
            return None;
        }
        let data = to_raw_value(&json!({ "code": error.code(), "server": server })).ok();
        Some(rpc::error(Some(self.id()), rpc::INTERNAL_ERROR, &error.sentence(server), data.as_deref()))
    }

    /// The same for a tool, as a result that a model can read and act on.
    pub(crate) fn tool_failed(&self, server: &str, tool: &str, failure: &Failure) -> Option<Bytes> {
        let error = match failure {
            Failure::Paused => {
                let result = json!({
                    "content": [{ "type": "text", "text": PAUSED }],
                    "isError": true,
                    "_meta": { "com.mcpproxy/code": PAUSED_CODE },
                });
                return Some(self.result(result.to_string().as_bytes()));
            }
            Failure::Call(CallError::Cancelled) => return None,
            Failure::Call(error) => error,
        };
        let text = json!({
            "error": sentence(server, error),
            "server_name": server,
            "tool_name": tool,
            "error_code": error.code(),
            "troubleshooting": "Try again; if it fails again, look at the server's log in MCPProxy.",
        });
        Some(self.tool_error(&text.to_string()))
    }

    /// A tool's result that says what went wrong.
    pub(crate) fn tool_error(&self, text: &str) -> Bytes {
        let result = json!({ "content": [{ "type": "text", "text": text }], "isError": true });
        self.result(result.to_string().as_bytes())
    }

    /// A tool's result with one text.
    pub(crate) fn tool_text(&self, text: &str) -> Bytes {
        let result = json!({ "content": [{ "type": "text", "text": text }] });
        self.result(result.to_string().as_bytes())
    }

    /// What is said of a server that is not connected.
    pub(crate) fn not_connected(&self, server: &str) -> String {
        self.flight.goes_to(&server.into());
        let brief = self.inner.control.server_state(server);
        if brief.as_ref().is_some_and(|brief| brief.state == HELD) {
            self.flight.judge(Verdict::Blocked);
        }
        not_connected(server, brief.as_ref())
    }
}

/// Why a request has no answer of a server.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The person has paused everything.
    Paused,
    /// The server or the way to it.
    Call(CallError),
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Failure {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Paused => PAUSED_CODE,
            Self::Call(error) => error.code(),
        }
    }

    /// What happened to a call, to which server, and what to do.
    pub(crate) fn sentence(&self, server: &str) -> String {
        match self {
            Self::Paused => PAUSED.to_owned(),
            Self::Call(error) => sentence(server, error),
        }
    }
}

fn sentence(server: &str, error: &CallError) -> String {
    match error {
        CallError::Timeout => {
            format!("Server '{server}' did not answer in time. Try again, or raise `call_tool_timeout`.")
        }
        CallError::Busy => {
            format!("Server '{server}' is busy: too many calls are waiting for it. Try again in a moment.")
        }
        CallError::Closed(reason) => {
            format!(
                "Server '{server}' went away before it answered ({reason}). It may be restarting; try again in a moment."
            )
        }
        CallError::Cancelled => format!("The call to server '{server}' was cancelled."),
        CallError::Unusable(_) | CallError::Refused { .. } | CallError::Status { .. } => {
            format!("Server '{server}' failed: {error}.")
        }
    }
}

/// What is said of a server that is not connected.
pub(crate) fn not_connected(server: &str, brief: Option<&ServerBrief>) -> String {
    match brief {
        None => format!("No client found for server: {server}"),
        Some(brief) if brief.connecting => {
            format!(
                "Server '{server}' is not connected (state: {}) - it is currently connecting, try again in a moment",
                brief.state
            )
        }
        Some(brief) => format!(
            "Server '{server}' is not connected (state: {}) - use 'upstream_servers' tool with operation 'list' to see why, or 'restart' to try again",
            brief.state
        ),
    }
}
