//! The callers' side of a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Id, rpc};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::call::Call;
use crate::error::{CallError, CloseReason, OpenError};
use crate::initialize::InitializeResult;
use crate::outbox::Outbox;
use crate::slots::{Answer, Slot};

/// Messages that may wait for the connection's task.
const QUEUE: usize = 512;
/// Bytes that may wait for it; one message is taken whatever its size.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Calls that may wait for their answers.
const IN_FLIGHT: usize = 8192;

/// One incarnation of a server, to be asked by many. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    port: Port,
    initialize: Arc<InitializeResult>,
}

impl Handle {
    pub(crate) fn new(port: Port, initialize: InitializeResult) -> Self {
        Self { port, initialize: Arc::new(initialize) }
    }

    /// What the server said of itself.
    pub fn initialize(&self) -> &InitializeResult {
        &self.initialize
    }

    /// Asks the server, and gives its whole answer with the caller's own id. Dropped early, it counts as cancelled.
    pub async fn call(&self, call: Call) -> Result<Bytes, CallError> {
        self.port.call(call).await
    }

    /// Asks something of our own, and gives the raw result.
    pub async fn request(
        &self,
        method: &str,
        params: Option<&str>,
        within: Duration,
    ) -> Result<Bytes, CallError> {
        let asked = self.port.ask(method, params.map(str::as_bytes), true);
        timeout(within, asked).await.unwrap_or(Err(CallError::Timeout))
    }

    /// Passes a notification on, in order with the calls.
    pub fn notify(&self, message: Bytes) -> Result<(), CallError> {
        self.port.notify(message)
    }

    /// How many calls wait for an answer.
    pub fn in_flight(&self) -> usize {
        self.port.shared.in_flight.load(Ordering::Relaxed)
    }

    /// Waits until the connection has ended.
    pub async fn closed(&self) -> CloseReason {
        let mut closed = self.port.shared.closed.subscribe();
        match closed.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or(CloseReason::Stopped),
            Err(_) => CloseReason::Stopped,
        }
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.port.shared.closed.borrow().is_some()
    }

    /// Asks the connection to send what is queued, close the server's input and end.
    pub fn close(&self) {
        self.port.shared.outbox.close();
    }
}

/// What callers and the connection's task share.
#[derive(Debug)]
pub(crate) struct Shared {
    next_id: AtomicU64,
    queued_bytes: AtomicUsize,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) closed: watch::Sender<Option<CloseReason>>,
    pub(crate) outbox: Outbox,
}

/// A message on its way to the connection's task.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) message: Bytes,
    pub(crate) edits: Vec<Edit>,
    /// Who waits for the answer, under which mapped id; a notification has nobody.
    pub(crate) slot: Option<(u64, Slot)>,
    /// Nothing may overtake it.
    pub(crate) first: bool,
}

/// The way into a connection, before the handshake as well as after.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    pub(crate) shared: Arc<Shared>,
    queue: mpsc::Sender<Outgoing>,
}

impl Port {
    /// A port, and where its messages come out.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Outgoing>) {
        let (queue, outgoing) = mpsc::channel(QUEUE);
        let shared = Shared {
            next_id: AtomicU64::new(1),
            queued_bytes: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            closed: watch::Sender::new(None),
            outbox: Outbox::default(),
        };
        (Self { shared: Arc::new(shared), queue }, outgoing)
    }

    async fn call(&self, call: Call) -> Result<Bytes, CallError> {
        let Call { message, envelope, mut edits, origin, progress, timeout: within, cancel } = call;
        if cancel.is_cancelled() {
            return Err(CallError::Cancelled);
        }
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let slot = Slot::for_call(&message, &envelope, origin, progress, reply);
        // The token is the mapped id itself: as unique, and it leads to the same slot.
        let mapped = Id::number(id).token().clone();
        edits.extend(
            [envelope.id, envelope.progress_token]
                .into_iter()
                .flatten()
                .map(|span| Edit::new(span, mapped.clone())),
        );
        let mut guard = self.enter(id)?;
        self.send(Outgoing { message, edits, slot: Some((id, slot)), first: false })?;
        let answered = async {
            match within {
                Some(within) => timeout(within, answer).await.map_err(|_| CallError::Timeout),
                None => Ok(answer.await),
            }
        };
        let answered = tokio::select! {
            biased;
            answered = answered => answered?,
            () = cancel.cancelled() => return Err(CallError::Cancelled),
        };
        guard.answered();
        answered.unwrap_or_else(|_| Err(CallError::Closed(self.reason())))
    }

    /// Asks something of our own; `tell` says whether the server hears of it when nobody waits any longer.
    pub(crate) async fn ask(&self, method: &str, params: Option<&[u8]>, tell: bool) -> Answer {
        let id = self.shared.next_id.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let message = rpc::request(&Id::number(id), method, params);
        let mut guard = self.enter(id)?;
        guard.tell = tell;
        self.send(Outgoing {
            message,
            edits: Vec::new(),
            slot: Some((id, Slot::for_us(reply))),
            first: false,
        })?;
        let answered = answer.await;
        guard.answered();
        answered.unwrap_or_else(|_| Err(CallError::Closed(self.reason())))
    }

    pub(crate) fn notify(&self, message: Bytes) -> Result<(), CallError> {
        self.send(Outgoing { message, edits: Vec::new(), slot: None, first: false })
    }

    /// Ends the handshake.
    pub(crate) fn announce(&self, message: Bytes) -> Result<(), OpenError> {
        self.send(Outgoing { message, edits: Vec::new(), slot: None, first: true }).map_err(|error| {
            match error {
                CallError::Closed(reason) => OpenError::Closed(reason),
                other => OpenError::Malformed(other.to_string()),
            }
        })
    }

    /// Why the connection ended; it did.
    fn reason(&self) -> CloseReason {
        self.shared.closed.borrow().clone().unwrap_or(CloseReason::Stopped)
    }

    fn enter(&self, id: u64) -> Result<Guard<'_>, CallError> {
        let guard = Guard { shared: &self.shared, id, waiting: true, tell: true };
        if self.shared.in_flight.fetch_add(1, Ordering::Relaxed) >= IN_FLIGHT {
            return Err(CallError::Busy);
        }
        Ok(guard)
    }

    fn send(&self, outgoing: Outgoing) -> Result<(), CallError> {
        let size = outgoing.message.len();
        let queued = self.shared.queued_bytes.fetch_add(size, Ordering::Relaxed);
        let outcome = if queued > 0 && queued + size > QUEUE_BYTES {
            Err(CallError::Busy)
        } else {
            self.queue.try_send(outgoing).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => CallError::Busy,
                mpsc::error::TrySendError::Closed(_) => CallError::Closed(self.reason()),
            })
        };
        if outcome.is_err() {
            self.shared.queued_bytes.fetch_sub(size, Ordering::Relaxed);
        }
        outcome
    }
}

impl Shared {
    /// The task took a message out of the queue.
    pub(crate) fn taken(&self, outgoing: &Outgoing) {
        self.queued_bytes.fetch_sub(outgoing.message.len(), Ordering::Relaxed);
    }
}

/// Counts a call, and sees to it that the server hears when nobody waits for the answer any longer.
struct Guard<'a> {
    shared: &'a Shared,
    id: u64,
    waiting: bool,
    tell: bool,
}

impl Guard<'_> {
    fn answered(&mut self) {
        self.waiting = false;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.waiting && self.tell {
            self.shared.outbox.cancel(self.id);
        }
    }
}
