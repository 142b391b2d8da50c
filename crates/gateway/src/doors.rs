//! The transport-neutral doors: what comes in with a message, and what goes back.

mod batch;
mod messages;
mod stream;

use bytes::Bytes;
use mcpproxy_protocol::{Id, rpc};

pub(crate) use messages::{no_session, post};
pub use stream::{Event, EventStream};

use crate::{Credential, Endpoint};

/// One message that a client posted.
#[derive(Debug, Clone)]
pub struct Post {
    /// Where it was posted to.
    pub endpoint: Endpoint,
    /// Who posted it.
    pub credential: Credential,
    /// The session it claims.
    pub session: Option<String>,
    /// The protocol version its header names.
    pub version: Option<String>,
    /// The message, whole.
    pub body: Bytes,
}

/// What a posted message gets.
#[derive(Debug)]
pub struct Reply {
    /// A new session's id, to be sent with the answer to `initialize`.
    pub session: Option<String>,
    /// The answer itself.
    pub kind: ReplyKind,
}

impl Reply {
    pub(crate) fn accepted() -> Self {
        Self { session: None, kind: ReplyKind::Accepted }
    }

    pub(crate) fn one(message: Bytes) -> Self {
        Self { session: None, kind: ReplyKind::One(message) }
    }

    pub(crate) fn stream(stream: EventStream) -> Self {
        Self { session: None, kind: ReplyKind::Stream(stream) }
    }
}

/// The three forms of an answer.
#[derive(Debug)]
pub enum ReplyKind {
    /// A notification or a response was taken; there is nothing to say.
    Accepted,
    /// One response, whole.
    One(Bytes),
    /// Messages that belong to the request, then its response.
    Stream(EventStream),
}

/// Why a request was turned away at the door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The HTTP status that fits.
    pub status: u16,
    /// Stable code.
    pub code: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// The JSON-RPC error to send as the body.
    pub body: Bytes,
}

impl Refusal {
    pub(crate) fn new(
        status: u16,
        code: &'static str,
        rpc_code: i64,
        id: Option<&Id>,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        let body = rpc::error(id, rpc_code, &message, None);
        Self { status, code, message, body }
    }

    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}
