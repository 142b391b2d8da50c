//! The gateway itself: what its owner holds.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_upstream::{Handle, Inbound};
use serde_json::value::RawValue;
use tokio::sync::mpsc;

use crate::{Control, Credential, Endpoint, EventStream, Options, Post, Refusal, Reply};

/// Clients on one side, servers on the other. Cheap to clone; all clones are one gateway.
#[derive(Clone)]
pub struct Gateway {}

/// A server's place in the gateway: dropping it takes the server out again.
pub struct Attachment {}

/// A tool as the catalog knows it.
#[derive(Debug, Clone)]
pub struct ToolEntry {
    /// The server that offers it.
    pub server: Arc<str>,
    /// Its name at that server.
    pub name: Arc<str>,
    /// Its name at the aggregated endpoints.
    pub published: Arc<str>,
    /// What the server says about it.
    pub description: Option<Arc<str>>,
    /// Its input schema, byte for byte.
    pub schema: Bytes,
    /// Its annotations, byte for byte.
    pub annotations: Option<Bytes>,
}

/// A tool found by search.
#[derive(Debug, Clone)]
pub struct ToolHit {
    /// The tool.
    pub tool: Arc<ToolEntry>,
    /// How well it fits; higher is better.
    pub score: f32,
}

/// A session as shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// A number that is no secret, unlike the session's id.
    pub number: u64,
    /// Where it is connected.
    pub endpoint: Endpoint,
    /// As whom.
    pub credential: Credential,
    /// `clientInfo.name`.
    pub client_name: String,
    /// `clientInfo.version`.
    pub client_version: String,
    /// The negotiated protocol version.
    pub protocol_version: String,
    /// Requests without an answer yet.
    pub in_flight: usize,
}

/// Why a call made through [`Gateway::call_tool`] has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallFailure {
    /// Stable code.
    pub code: &'static str,
    /// What happened, to what, and what to do.
    pub message: String,
}

impl CallFailure {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl Gateway {
    /// Creates a gateway. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn new(_options: Options, _control: Arc<dyn Control>) -> Self {
        Self {}
    }
    /// Replaces the settings; running calls keep those they began with.
    pub fn set_options(&self, _options: Options) {}
    /// Takes a connected server in. Its lists are fetched and kept fresh until the attachment is dropped.
    pub fn attach(&self, _server: &str, _handle: Handle, _inbound: mpsc::Receiver<Inbound>) -> Attachment {
        Attachment {}
    }
    /// Takes a server out at once, whoever holds its attachment.
    pub fn detach(&self, _server: &str) {}
    /// Names the servers that are expected to come, for the first decision of the automatic mode.
    pub fn set_expected(&self, _names: Vec<String>) {}
    /// All tools of all attached servers, ordered by server, then as the server lists them.
    #[must_use]
    pub fn tools(&self) -> Vec<Arc<ToolEntry>> {
        Vec::new()
    }
    /// The tools that fit a query, best first.
    #[must_use]
    pub fn search(&self, _query: &str, _limit: usize) -> Vec<ToolHit> {
        Vec::new()
    }
    /// Calls a tool on behalf of the program itself. Returns the raw `result` object.
    ///
    /// # Errors
    /// Where there is no such server or tool, or the server gave an error or no answer.
    pub async fn call_tool(
        &self,
        _server: &str,
        _tool: &str,
        _arguments: Option<&RawValue>,
    ) -> Result<Bytes, CallFailure> {
        Err(CallFailure { code: "unknown_tool", message: String::new() })
    }
    /// The open sessions.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionView> {
        Vec::new()
    }
    /// Ends all sessions and tasks, and waits for them.
    pub async fn shutdown(&self) {}
    /// Takes one posted message.
    ///
    /// # Errors
    /// A refusal carries the status and the JSON-RPC error to send.
    pub async fn post(&self, post: Post) -> Result<Reply, Refusal> {
        let _ = post;
        Ok(Reply { session: None, kind: crate::ReplyKind::Accepted })
    }
    /// Opens a session's stream for messages that belong to no request, or takes up a broken one.
    ///
    /// # Errors
    /// Where the session is unknown, or the event names no stream of it.
    pub fn listen(
        &self,
        _endpoint: &Endpoint,
        _credential: &Credential,
        _session: Option<&str>,
        _last_event_id: Option<&str>,
    ) -> Result<EventStream, Refusal> {
        Ok(EventStream {})
    }
    /// Ends a session.
    ///
    /// # Errors
    /// Where there is no such session for this credential.
    pub fn close(
        &self,
        _endpoint: &Endpoint,
        _credential: &Credential,
        _session: Option<&str>,
    ) -> Result<(), Refusal> {
        Ok(())
    }
}
