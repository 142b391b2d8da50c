//! From the way of a call to the thread that writes: bounded, and nobody ever waits to put something in.
//!
//! The thread is woken by the first thing that waits and by a full batch, not by each: a wake costs more than all the
//! rest that a call pays for its record.
use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use mcpproxy_gateway::CallRecord;
use tokio::sync::oneshot;

use super::record::Entry;

/// Calls that may wait.
const ROWS: usize = 4096;
/// Events that may wait beyond the calls: they are rare, and a person looks for them.
const SPARE: usize = 1024;
/// Bytes of messages that may wait.
const BYTES: usize = 32 << 20;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_millis(250);
/// How many make a batch that waits no longer.
const BATCH: usize = 200;
/// How many are taken at once.
const MOST: usize = 1000;

/// Something to be written.
#[derive(Debug)]
pub(super) enum Event {
    /// A call, not looked at yet.
    Call(Box<CallRecord>),
    /// Anything else.
    Entry(Box<Entry>),
}

/// What the thread is handed.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub events: Vec<Event>,
    /// Who waits until these stand in the file.
    pub waiting: Vec<oneshot::Sender<()>>,
    pub end: bool,
    /// Nothing is left in the queue.
    pub emptied: bool,
}

/// The queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    inside: Mutex<Inside>,
    wake: Condvar,
    rows: AtomicUsize,
    bytes: AtomicUsize,
    missed: AtomicU64,
}

#[derive(Debug, Default)]
struct Inside {
    events: VecDeque<Event>,
    since: Option<Instant>,
    waiting: Vec<oneshot::Sender<()>>,
    end: bool,
}

impl Queue {
    /// Whether a call can be taken; who is told no is counted.
    pub(super) fn has_room(&self) -> bool {
        let room = self.rows.load(Ordering::Relaxed) < ROWS && self.bytes.load(Ordering::Relaxed) < BYTES;
        if !room {
            self.miss(1);
        }
        room
    }

    /// Counts calls that are not written.
    pub(super) fn miss(&self, calls: u64) {
        self.missed.fetch_add(calls, Ordering::Relaxed);
    }

    /// The calls that were not written since somebody asked.
    pub(super) fn missed(&self) -> u64 {
        self.missed.swap(0, Ordering::Relaxed)
    }

    pub(super) fn put_call(&self, record: CallRecord) {
        self.bytes.fetch_add(record.held(), Ordering::Relaxed);
        self.put(Event::Call(Box::new(record)));
    }

    /// Puts an event in; where even the spare room is taken it is lost, which takes a thousand in a quarter second.
    pub(super) fn put_entry(&self, entry: Entry) {
        if self.rows.load(Ordering::Relaxed) < ROWS + SPARE {
            self.put(Event::Entry(Box::new(entry)));
        } else {
            tracing::warn!(kind = entry.kind.id(), "an event was not recorded");
        }
    }

    fn put(&self, event: Event) {
        let waiting = {
            let mut inside = self.inside();
            inside.events.push_back(event);
            let waiting = inside.events.len();
            if waiting == 1 {
                inside.since = Some(Instant::now());
            }
            waiting
        };
        self.rows.store(waiting, Ordering::Relaxed);
        if waiting == 1 || waiting == BATCH {
            self.wake.notify_one();
        }
    }

    /// Resolves when everything put in before stands in the file; at once when nobody writes any more.
    pub(super) fn flush(&self) -> oneshot::Receiver<()> {
        let (written, waiting) = oneshot::channel();
        let mut inside = self.inside();
        if !inside.end {
            inside.waiting.push(written);
        }
        drop(inside);
        self.wake.notify_one();
        waiting
    }

    /// Lets the thread end after what is in the queue.
    pub(super) fn end(&self) {
        self.inside().end = true;
        self.wake.notify_one();
    }

    /// Waits for a batch, for somebody who waits, for the end, or until `deadline`.
    pub(super) fn take(&self, deadline: Instant) -> Taken {
        let mut inside = self.inside();
        loop {
            let now = Instant::now();
            let ready = inside.since.map(|since| since + GATHER);
            let full = inside.events.len() >= BATCH;
            if inside.is_urgent() || full || ready.is_some_and(|ready| ready <= now) || deadline <= now {
                return self.hand_out(&mut inside);
            }
            let until = ready.unwrap_or(deadline).min(deadline);
            inside = self.wait(inside, until.saturating_duration_since(now));
        }
    }

    /// Leaves the processor to others for so long, unless somebody waits.
    pub(super) fn rest(&self, length: Duration) {
        let until = Instant::now() + length;
        let mut inside = self.inside();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || inside.is_urgent() {
                return;
            }
            inside = self.wait(inside, left);
        }
    }

    fn hand_out(&self, inside: &mut Inside) -> Taken {
        let most = if inside.is_urgent() { usize::MAX } else { MOST };
        let count = inside.events.len().min(most);
        let events: Vec<Event> = inside.events.drain(..count).collect();
        let held: usize = events.iter().map(Event::held).sum();
        self.bytes.fetch_sub(held, Ordering::Relaxed);
        self.rows.store(inside.events.len(), Ordering::Relaxed);
        let emptied = inside.events.is_empty();
        inside.since = (!emptied).then(Instant::now);
        Taken { events, waiting: std::mem::take(&mut inside.waiting), end: inside.end, emptied }
    }

    fn wait<'a>(&self, inside: MutexGuard<'a, Inside>, length: Duration) -> MutexGuard<'a, Inside> {
        self.wake.wait_timeout(inside, length).unwrap_or_else(PoisonError::into_inner).0
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn is_urgent(&self) -> bool {
        self.end || !self.waiting.is_empty()
    }
}

impl Event {
    fn held(&self) -> usize {
        match self {
            Self::Call(record) => record.held(),
            Self::Entry(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn put(queue: &Queue, count: usize) {
        for _ in 0..count {
            queue.put_entry(Entry::default());
        }
    }

    #[test]
    fn a_full_batch_is_handed_out_at_once_and_in_parts() {
        let queue = Queue::default();
        put(&queue, MOST + 5);
        let first = queue.take(soon());
        assert_eq!((first.events.len(), first.emptied), (MOST, false));
        assert_eq!(queue.take(soon()).events.len(), 5);
    }

    #[test]
    fn who_waits_and_who_ends_get_everything() {
        let queue = Queue::default();
        put(&queue, MOST + 5);
        let mut waiting = queue.flush();
        let taken = queue.take(soon());
        assert_eq!((taken.events.len(), taken.waiting.len(), taken.emptied), (MOST + 5, 1, true));
        assert!(waiting.try_recv().is_err());
        queue.end();
        assert!(queue.take(soon()).end);
        assert!(queue.flush().try_recv().is_err());
    }

    #[test]
    fn a_full_queue_takes_no_calls_and_counts_them() {
        let queue = Queue::default();
        put(&queue, ROWS);
        assert!(!queue.has_room() && !queue.has_room());
        assert_eq!((queue.missed(), queue.missed()), (2, 0));
        put(&queue, SPARE * 2);
        let _waiting = queue.flush();
        assert_eq!(queue.take(soon()).events.len(), ROWS + SPARE);
        assert!(queue.has_room());
    }

    #[test]
    fn an_empty_queue_is_handed_out_at_its_deadline() {
        let taken = Queue::default().take(Instant::now());
        assert!(taken.events.is_empty() && taken.emptied && !taken.end);
    }
}
