//! What a caller hands over to be asked of the server.

use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Whose call it is: one client's session. What the server asks in return goes back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(pub u64);

/// A client's request on its way to the server.
#[derive(Debug)]
pub struct Call {
    /// The request as the client sent it.
    pub message: Bytes,
    /// Its envelope, as `scan` found it.
    pub envelope: Envelope,
    /// Tokens to exchange besides the id and the progress token, which the connection maps itself.
    pub edits: Vec<Edit>,
    /// Whose call it is.
    pub origin: Origin,
    /// Where progress goes, with the caller's own token. A slow taker loses progress, never the answer.
    pub progress: Option<mpsc::Sender<Bytes>>,
    /// How long to wait for the answer.
    pub timeout: Option<Duration>,
    /// Ends the wait, and tells the server.
    pub cancel: CancellationToken,
}

impl Call {
    /// A call without progress, deadline or rewritten names.
    pub fn new(message: Bytes, envelope: Envelope, origin: Origin) -> Self {
        Self {
            message,
            envelope,
            edits: Vec::new(),
            origin,
            progress: None,
            timeout: None,
            cancel: CancellationToken::new(),
        }
    }
}
