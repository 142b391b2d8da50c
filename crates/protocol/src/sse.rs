//! Server-sent events, written and read.

mod decoder;
mod encoder;

pub use decoder::{Decoder, EventTooLong};
pub use encoder::{comment, event, named, priming};

use bytes::Bytes;

/// One event as it was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; `message` if none was given.
    pub name: String,
    /// Its data; empty in one that only carries an id.
    pub data: Bytes,
    /// The id in force when it came: what to resume behind.
    pub id: Option<String>,
    /// How long to wait before connecting anew, in milliseconds, if it said so.
    pub retry: Option<u64>,
}
