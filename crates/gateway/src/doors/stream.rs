//! The events of one stream, as a transport sends them.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::session::{Session, channel::Reader};

/// How long a client should wait before it takes up a broken stream again.
const RETRY: Duration = Duration::from_secs(1);

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Unique in the session; names the stream and the place in it.
    pub id: Option<String>,
    /// How long the client should wait before it comes back.
    pub retry: Option<Duration>,
    /// A message, or nothing in the event that only carries an id.
    pub data: Bytes,
}

/// The events of one stream, in order. Dropping it leaves the work behind it running.
pub struct EventStream {
    first: Option<Event>,
    source: Option<(Arc<Session>, Reader)>,
}

impl EventStream {
    /// A stream that has ended: the request was cancelled, so that nothing is said.
    pub(crate) fn empty() -> Self {
        Self { first: None, source: None }
    }

    /// A stream from its beginning, or from where it was left. A client that comes back by an event id has
    /// one already; others get one first, where their revision knows such events.
    pub(crate) fn new(session: Arc<Session>, reader: Reader, resumed: bool) -> Self {
        let primes = session.primes_streams() && !resumed;
        let first = primes.then(|| Event { id: Some(reader.id()), retry: Some(RETRY), data: Bytes::new() });
        Self { first, source: Some((session, reader)) }
    }

    /// The next event, or `None` when the stream has ended.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let (session, reader) = self.source.as_mut()?;
        let (id, data) = reader.next().await?;
        session.touch();
        Some(Event { id: Some(id), retry: None, data })
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EventStream")
    }
}
