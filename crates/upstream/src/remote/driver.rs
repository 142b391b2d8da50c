//! The one task of a remote connection: takes calls, runs their HTTP exchanges side by side, routes what comes back.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::{AbortHandle, abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use mcpproxy_protocol::{ScanErrorKind, splice_into};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::exchange::{self, Outcome, Received};
use super::link::Link;
use super::sse::Stream;
use crate::call::Origin;
use crate::error::{CallError, CloseReason};
use crate::handle::Outgoing;
use crate::outbox::Urgent;
use crate::route::Router;

/// Exchanges that may run side by side before no further calls are taken from the queue.
const SIDE_BY_SIDE: usize = 128;
/// Messages that may wait to be routed.
const RECEIVED: usize = 64;
/// How long ending the session may take.
const LINGER: Duration = Duration::from_secs(2);

/// What an exchange was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// A call under a mapped id, and whose it is.
    Call(u64, Option<Origin>),
    /// A notification or an answer of ours.
    Notice,
    /// The notice after the handshake: nothing overtakes it.
    Announcement,
    /// The stream on which the server speaks by itself.
    Listen,
}

type Running = Pin<Box<dyn Future<Output = (Purpose, Option<Outcome>)> + Send>>;

/// The state of a remote connection.
pub(crate) struct Driver {
    link: Arc<Link>,
    router: Router,
    outgoing: mpsc::Receiver<Outgoing>,
    exchanges: FuturesUnordered<Running>,
    aborts: HashMap<u64, AbortHandle>,
    received: mpsc::Receiver<Received>,
    to_us: mpsc::Sender<Received>,
    /// Answers come on the server's stream only, never with the post.
    answers_elsewhere: bool,
    announcing: bool,
    listening: Option<AbortHandle>,
}

impl Driver {
    pub(crate) fn streamable(link: Arc<Link>, router: Router, outgoing: mpsc::Receiver<Outgoing>) -> Self {
        let (to_us, received) = mpsc::channel(RECEIVED);
        Self {
            link,
            router,
            outgoing,
            exchanges: FuturesUnordered::new(),
            aborts: HashMap::new(),
            received,
            to_us,
            answers_elsewhere: false,
            announcing: false,
            listening: None,
        }
    }

    pub(crate) fn sse(
        link: Arc<Link>,
        router: Router,
        outgoing: mpsc::Receiver<Outgoing>,
        stream: Stream,
    ) -> Self {
        let mut driver = Self { answers_elsewhere: true, ..Self::streamable(link, router, outgoing) };
        let to_us = driver.to_us.clone();
        driver.run_exchange(Purpose::Listen, stream.follow(to_us));
        driver
    }

    pub(crate) async fn run(mut self) -> CloseReason {
        let reason = self.converse().await;
        self.router.close(&reason);
        self.exchanges.clear();
        if reason == CloseReason::Stopped {
            // A server that does not answer now must not keep us.
            let _ = timeout(LINGER, self.link.end_session()).await;
        }
        tracing::debug!(server = self.router.server(), reason = reason.code(), "connection closed");
        reason
    }

    async fn converse(&mut self) -> CloseReason {
        loop {
            let room = self.exchanges.len() < SIDE_BY_SIDE && !self.announcing;
            let holding = self.router.inbound.is_holding();
            let busy = !self.exchanges.is_empty();
            let Router { inbound, port, .. } = &mut self.router;
            tokio::select! {
                Some((message, tied)) = self.received.recv() => self.router.route(message, tied),
                Some(ended) = self.exchanges.next(), if busy => {
                    if let Some(reason) = self.ended(ended) {
                        return reason;
                    }
                }
                Some(outgoing) = self.outgoing.recv(), if room => self.send(outgoing),
                () = port.shared.outbox.rung() => {
                    if self.take_urgent() {
                        return self.finish().await;
                    }
                }
                () = inbound.release(), if holding => {}
            }
        }
    }

    fn send(&mut self, mut outgoing: Outgoing) {
        self.router.port.shared.taken(&outgoing);
        let purpose = match &outgoing.slot {
            Some((id, slot)) => Purpose::Call(*id, slot.origin()),
            None if outgoing.first => Purpose::Announcement,
            None => Purpose::Notice,
        };
        if !self.router.enter(&mut outgoing) {
            return;
        }
        self.announcing |= purpose == Purpose::Announcement;
        let mut message = BytesMut::with_capacity(outgoing.message.len() + 64);
        splice_into(&outgoing.message, &mut outgoing.edits, &mut message);
        self.post(purpose, message.freeze());
    }

    fn post(&mut self, purpose: Purpose, message: Bytes) {
        let (link, to_us) = (Arc::clone(&self.link), self.to_us.clone());
        let tied = match purpose {
            Purpose::Call(_, origin) => origin,
            _ => None,
        };
        let is_call = matches!(purpose, Purpose::Call(..));
        self.run_exchange(purpose, async move {
            let deadline = link.deadline;
            let posted = exchange::post(link, message, tied, to_us);
            if is_call {
                return posted.await;
            }
            timeout(deadline, posted).await.unwrap_or(Outcome::Done)
        });
    }

    fn run_exchange(&mut self, purpose: Purpose, work: impl Future<Output = Outcome> + Send + 'static) {
        let (work, abort) = abortable(work);
        match purpose {
            Purpose::Call(id, _) => drop(self.aborts.insert(id, abort)),
            Purpose::Listen => self.listening = Some(abort),
            Purpose::Notice | Purpose::Announcement => {}
        }
        self.exchanges.push(Box::pin(async move { (purpose, work.await.ok()) }));
    }

    /// Draws the conclusion from an exchange's end; a reason ends the connection.
    fn ended(&mut self, (purpose, outcome): (Purpose, Option<Outcome>)) -> Option<CloseReason> {
        // What it passed on comes before its end.
        while let Ok((message, tied)) = self.received.try_recv() {
            self.router.route(message, tied);
        }
        if let Some(Outcome::Over(reason)) = outcome {
            return Some(reason);
        }
        match purpose {
            Purpose::Call(id, origin) => self.call_ended(id, origin, outcome),
            Purpose::Announcement => {
                self.announcing = false;
                if !self.answers_elsewhere {
                    self.run_exchange(
                        Purpose::Listen,
                        exchange::listen(Arc::clone(&self.link), self.to_us.clone()),
                    );
                }
            }
            Purpose::Notice => {
                self.router.owed = self.router.owed.saturating_sub(1);
                if let Some(Outcome::Failed(error)) = outcome {
                    tracing::debug!(server = self.router.server(), %error, "a notice was not taken");
                }
            }
            Purpose::Listen => {}
        }
        None
    }

    fn call_ended(&mut self, id: u64, origin: Option<Origin>, outcome: Option<Outcome>) {
        self.aborts.remove(&id);
        if self.router.slots.get(id).is_none() {
            return;
        }
        let error = match outcome {
            Some(Outcome::Done) if self.answers_elsewhere => return,
            Some(Outcome::Ended(resume)) => {
                let (link, to_us) = (Arc::clone(&self.link), self.to_us.clone());
                return self
                    .run_exchange(Purpose::Call(id, origin), exchange::resume(link, resume, origin, to_us));
            }
            Some(Outcome::Failed(error)) => error,
            // A stream or body that ended without the answer.
            _ => CallError::Unusable(ScanErrorKind::NotAMessage),
        };
        if let Some(slot) = self.router.slots.take(id) {
            slot.fail(error);
        }
    }

    /// Says whether to close.
    fn take_urgent(&mut self) -> bool {
        let mut close = false;
        for urgent in self.router.port.shared.outbox.take() {
            match urgent {
                Urgent::Cancel(id) => {
                    if let Some(notice) = self.router.cancel(id) {
                        self.post(Purpose::Notice, notice);
                    }
                    if let Some(abort) = self.aborts.remove(&id) {
                        abort.abort();
                    }
                }
                Urgent::Reply(message) => self.post(Purpose::Notice, message),
                Urgent::Close => close = true,
            }
        }
        close
    }

    /// Sends what is queued before the end.
    async fn finish(&mut self) -> CloseReason {
        while let Ok(outgoing) = self.outgoing.try_recv() {
            if outgoing.slot.is_none() {
                self.send(outgoing);
            }
        }
        for abort in self.aborts.values().chain(&self.listening) {
            abort.abort();
        }
        // What is left are notices, which are quick.
        let notices = async { while self.exchanges.next().await.is_some() {} };
        let _ = timeout(LINGER, notices).await;
        CloseReason::Stopped
    }
}
