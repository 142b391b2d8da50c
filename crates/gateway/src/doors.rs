//! The transport-neutral doors: what comes in with a request, and what goes back.

use bytes::Bytes;

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
    /// The stable code of this refusal.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Unique in the session; names the stream and the place in it.
    pub id: Option<String>,
    /// How long the client should wait before it comes back.
    pub retry: Option<std::time::Duration>,
    /// A message, or nothing in the event that only carries an id.
    pub data: Bytes,
}

/// The events of one stream, in order. Dropping it leaves the work behind it running.
#[derive(Debug)]
pub struct EventStream {}

impl EventStream {
    /// The next event, or `None` when the stream has ended.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Event> {
        None
    }
}
