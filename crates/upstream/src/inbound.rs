//! What the server sends by itself, and how its requests are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope, Id, Kind, rpc, scan, splice};
use tokio::sync::mpsc;

use crate::call::Origin;
use crate::handle::Port;

/// Messages that may wait for the gateway.
pub(crate) const QUEUE: usize = 1024;
/// Requests of the server that may be unanswered.
const UNANSWERED: usize = 256;

/// A message that answers nothing.
#[derive(Debug)]
pub enum Inbound {
    /// A notification (progress of a call goes to the call instead).
    Notification {
        /// As it came.
        message: Bytes,
        /// Its envelope.
        envelope: Envelope,
    },
    /// A request, to be answered through `reply`.
    Request {
        /// As it came, with the server's own id.
        message: Bytes,
        /// Its envelope.
        envelope: Envelope,
        /// Whom it is for, where that can be told.
        origin: Option<Origin>,
        /// Where the answer goes.
        reply: ReplySlot,
    },
}

/// Takes the answer to one request of the server. Dropped unused, it answers that nobody knows the method.
#[derive(Debug)]
pub struct ReplySlot {
    port: Port,
    id: Id,
    pending: Arc<AtomicUsize>,
    answered: bool,
}

impl ReplySlot {
    /// Sends a client's whole answer, whatever its id, with the server's own id. What is no answer is not sent, and
    /// counts as none.
    pub fn send(mut self, answer: Bytes) {
        let Ok(envelope) = scan(&answer) else { return };
        if !matches!(envelope.kind, Kind::Result | Kind::Error) {
            return;
        }
        let Some(id) = envelope.id else { return };
        self.answered = true;
        self.port.shared.outbox.reply(splice(&answer, &mut [Edit::new(id, self.id.token().clone())]));
    }

    /// Sends an error of our own.
    pub fn refuse(mut self, code: i64, message: &str) {
        self.answered = true;
        self.port.shared.outbox.reply(rpc::error(Some(&self.id), code, message, None));
    }

    /// The server's own id.
    pub fn id(&self) -> &Id {
        &self.id
    }
}

impl Drop for ReplySlot {
    fn drop(&mut self) {
        self.pending.fetch_sub(1, Ordering::Relaxed);
        if !self.answered {
            let refusal = rpc::error(
                Some(&self.id),
                rpc::METHOD_NOT_FOUND,
                "no connected client can answer this",
                None,
            );
            self.port.shared.outbox.reply(refusal);
        }
    }
}

/// The sending end of the queue to the gateway: never waits, and says what is lost when it is full.
#[derive(Debug)]
pub(crate) struct InboundQueue {
    queue: mpsc::Sender<Inbound>,
    /// Notices that a list has changed, one of a kind, that found no room: losing them would leave lists stale.
    held: Vec<(Bytes, Envelope)>,
    pending: Arc<AtomicUsize>,
    lost: u64,
}

impl InboundQueue {
    pub(crate) fn new(queue: mpsc::Sender<Inbound>) -> Self {
        Self { queue, held: Vec::new(), pending: Arc::default(), lost: 0 }
    }

    /// Whether something waits for room.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Waits for room, then sends what was held.
    pub(crate) async fn release(&mut self) {
        match self.queue.reserve().await {
            Ok(permit) => {
                if let Some((message, envelope)) = self.held.pop() {
                    permit.send(Inbound::Notification { message, envelope });
                }
            }
            Err(_) => self.held.clear(),
        }
    }

    pub(crate) fn notification(&mut self, message: Bytes, envelope: Envelope, server: &str) {
        let Err(error) = self.queue.try_send(Inbound::Notification { message, envelope }) else { return };
        let mpsc::error::TrySendError::Full(Inbound::Notification { message, envelope }) = error else {
            return;
        };
        let method = envelope.method(&message).unwrap_or_default().into_owned();
        if !method.ends_with("/list_changed") {
            self.lost += 1;
            if self.lost.is_power_of_two() {
                tracing::warn!(
                    server,
                    method,
                    lost = self.lost,
                    "notifications of the server are lost: too many at once"
                );
            }
        } else if !self.held.iter().any(|(held, of)| of.method(held).as_deref() == Some(&*method)) {
            self.held.push((message, envelope));
        }
    }

    pub(crate) fn request(
        &self,
        message: Bytes,
        envelope: Envelope,
        id: Id,
        origin: Option<Origin>,
        port: &Port,
    ) {
        let unanswered = self.pending.fetch_add(1, Ordering::Relaxed);
        let reply = ReplySlot { port: port.clone(), id, pending: Arc::clone(&self.pending), answered: false };
        if unanswered >= UNANSWERED {
            return reply.refuse(rpc::INTERNAL_ERROR, "too many requests of this server wait for an answer");
        }
        let request = Inbound::Request { message, envelope, origin, reply };
        if let Err(mpsc::error::TrySendError::Full(Inbound::Request { reply, .. })) =
            self.queue.try_send(request)
        {
            reply.refuse(rpc::INTERNAL_ERROR, "too many messages of this server wait to be taken");
        }
    }
}
