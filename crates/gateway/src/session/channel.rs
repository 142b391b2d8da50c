//! One event stream of a session: what is still to be sent, and what may have to be sent again.
//!
//! A channel outlives the connection that reads it. Its buffer is bounded; when it is full the oldest
//! event goes, so that a client that never reads cannot hold memory. The newest event always stays,
//! because on the stream of a request it is the answer.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tokio::sync::Notify;

/// Events kept per channel.
const MAX_EVENTS: usize = 1024;
/// Bytes kept for the stream of one request.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Bytes kept for the stream that belongs to no request, which many clients never read.
const MAX_GENERAL_BYTES: usize = 1024 * 1024;
/// The number of the stream that belongs to no request.
pub(crate) const GENERAL: u64 = 0;

/// A stream of messages to one client, numbered within its session.
#[derive(Debug)]
pub(crate) struct Channel {
    number: u64,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Bytes>,
    bytes: usize,
    /// Sequence number of the first kept event.
    first: u64,
    /// Sequence number of the first event that no reader has taken yet.
    fresh: u64,
    ended: bool,
    /// Raised by each new reader; an older one sees that it was replaced and ends.
    reader: u64,
    readers: usize,
}

/// What a reader finds at its place.
enum Found {
    Event(u64, Bytes),
    Nothing,
    End,
}

impl Channel {
    pub(crate) fn new(number: u64) -> Arc<Self> {
        Arc::new(Self { number, state: Mutex::default(), wake: Notify::new() })
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a message. Returns false where the channel has ended and the message is lost.
    pub(crate) fn push(&self, message: Bytes) -> bool {
        let max_bytes = if self.number == GENERAL { MAX_GENERAL_BYTES } else { MAX_BYTES };
        let mut dropped = 0_u32;
        {
            let mut state = self.state();
            if state.ended {
                return false;
            }
            state.bytes += message.len();
            state.events.push_back(message);
            while state.events.len() > MAX_EVENTS || (state.bytes > max_bytes && state.events.len() > 1) {
                if let Some(old) = state.events.pop_front() {
                    state.bytes -= old.len();
                    if state.first >= state.fresh {
                        dropped += 1;
                    }
                    state.first += 1;
                    state.fresh = state.fresh.max(state.first);
                }
            }
        }
        if dropped > 0 {
            tracing::debug!(stream = self.number, dropped, "a client does not read; oldest messages dropped");
        }
        self.wake.notify_waiters();
        true
    }

    /// Ends the channel: readers get what is left, then the end.
    pub(crate) fn end(&self) {
        self.state().ended = true;
        self.wake.notify_waiters();
    }

    /// Whether anything was ever pushed.
    pub(crate) fn has_events(&self) -> bool {
        let state = self.state();
        state.first > 0 || !state.events.is_empty()
    }

    pub(crate) fn is_ended(&self) -> bool {
        self.state().ended
    }

    /// Whether somebody reads it now.
    pub(crate) fn is_read(&self) -> bool {
        self.state().readers > 0
    }

    /// Bytes held.
    pub(crate) fn held(&self) -> usize {
        self.state().bytes
    }

    /// Resolves when the first message was pushed or the channel ended.
    pub(crate) async fn wait_for_event(&self) {
        loop {
            let mut woken = pin!(self.wake.notified());
            woken.as_mut().enable();
            if self.has_events() || self.is_ended() {
                return;
            }
            woken.await;
        }
    }

    /// Becomes the reader of this channel, from what nobody has taken yet. An older reader ends.
    pub(crate) fn read(self: &Arc<Self>) -> Reader {
        self.reader_at(None)
    }

    /// Becomes the reader of this channel from a place that an event id named.
    pub(crate) fn resume(self: &Arc<Self>, place: u64) -> Reader {
        self.reader_at(Some(place))
    }

    fn reader_at(self: &Arc<Self>, place: Option<u64>) -> Reader {
        let (generation, place) = {
            let mut state = self.state();
            state.reader += 1;
            state.readers += 1;
            let end = state.first + state.events.len() as u64;
            (state.reader, place.unwrap_or(state.fresh).min(end))
        };
        self.wake.notify_waiters();
        Reader { channel: Arc::clone(self), generation, place }
    }
}

/// The place of one connection in a channel.
#[derive(Debug)]
pub(crate) struct Reader {
    channel: Arc<Channel>,
    generation: u64,
    place: u64,
}

impl Reader {
    /// The id that brings a client back to exactly this place.
    pub(crate) fn id(&self) -> String {
        event_id(self.channel.number, self.place)
    }

    /// The next message with its event id, or `None` at the end or when another reader took over.
    ///
    /// Cancel safe: a message counts as taken only when it is returned.
    pub(crate) async fn next(&mut self) -> Option<(String, Bytes)> {
        loop {
            let channel = Arc::clone(&self.channel);
            let mut woken = pin!(channel.wake.notified());
            woken.as_mut().enable();
            match self.look() {
                Found::Event(place, message) => return Some((event_id(channel.number, place), message)),
                Found::End => return None,
                Found::Nothing => woken.await,
            }
        }
    }

    fn look(&mut self) -> Found {
        let mut state = self.channel.state();
        if state.reader != self.generation {
            return Found::End;
        }
        self.place = self.place.max(state.first);
        let index = usize::try_from(self.place - state.first).unwrap_or(usize::MAX);
        match state.events.get(index).cloned() {
            Some(message) => {
                self.place += 1;
                state.fresh = state.fresh.max(self.place);
                Found::Event(self.place, message)
            }
            None if state.ended => Found::End,
            None => Found::Nothing,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.channel.state().readers -= 1;
    }
}

/// The id of a place: the stream, and how many of its events came before.
fn event_id(stream: u64, place: u64) -> String {
    format!("{stream}-{place}")
}

/// The stream and place that an event id names.
pub(crate) fn parse_event_id(id: &str) -> Option<(u64, u64)> {
    let (stream, place) = id.trim().split_once('-')?;
    Some((stream.parse().ok()?, place.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn drain(reader: &mut Reader) -> Vec<(String, Bytes)> {
        let mut all = Vec::new();
        while let Some(event) = reader.next().await {
            all.push(event);
        }
        all
    }

    #[tokio::test]
    async fn a_reader_gets_what_came_before_and_after_it() {
        let channel = Channel::new(3);
        channel.push(Bytes::from_static(b"a"));
        let mut reader = channel.read();
        channel.push(Bytes::from_static(b"b"));
        channel.end();
        let all = drain(&mut reader).await;
        assert_eq!(all, [("3-1".into(), Bytes::from_static(b"a")), ("3-2".into(), Bytes::from_static(b"b"))]);
    }

    #[tokio::test]
    async fn resuming_replays_exactly_what_follows_the_named_event() {
        let channel = Channel::new(7);
        for text in ["a", "b", "c"] {
            channel.push(Bytes::from_static(text.as_bytes()));
        }
        let mut first = channel.read();
        let (id, _) = first.next().await.expect("an event");
        first.next().await.expect("an event");
        drop(first);
        let (stream, place) = parse_event_id(&id).expect("our own id");
        assert_eq!(stream, 7);
        channel.end();
        let all = drain(&mut channel.resume(place)).await;
        assert_eq!(all.iter().map(|(_, m)| m.as_ref()).collect::<Vec<_>>(), [b"b", b"c"]);
    }

    #[tokio::test]
    async fn a_second_reader_ends_the_first_and_takes_what_is_left() {
        let channel = Channel::new(0);
        channel.push(Bytes::from_static(b"a"));
        let mut first = channel.read();
        first.next().await.expect("an event");
        let mut second = channel.read();
        channel.push(Bytes::from_static(b"b"));
        assert_eq!(first.next().await, None);
        assert_eq!(second.next().await.expect("an event").1, "b");
    }

    #[tokio::test]
    async fn a_full_channel_drops_the_oldest_and_keeps_the_newest() {
        let channel = Channel::new(1);
        let big = Bytes::from(vec![b'x'; MAX_BYTES]);
        channel.push(Bytes::from_static(b"old"));
        channel.push(big.clone());
        channel.end();
        let all = drain(&mut channel.read()).await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].1.len(), big.len());
        assert_eq!(all[0].0, "1-2");
    }

    #[tokio::test]
    async fn a_message_pushed_while_a_reader_waits_reaches_it() {
        let channel = Channel::new(1);
        let mut reader = channel.read();
        let waiting = tokio::spawn(async move { reader.next().await });
        tokio::task::yield_now().await;
        channel.push(Bytes::from_static(b"late"));
        assert_eq!(waiting.await.expect("no panic").expect("an event").1, "late");
    }

    #[test]
    fn foreign_event_ids_name_no_place() {
        for id in ["", "x", "1", "1-", "-1", "1-x", "99999999999999999999-1"] {
            assert_eq!(parse_event_id(id), None, "{id}");
        }
    }
}
