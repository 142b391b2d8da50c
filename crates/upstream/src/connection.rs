//! The future that does a connection's work. Whoever opened it owns it: polled it works, dropped it closes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use crate::error::CloseReason;
use crate::handle::Handle;
use crate::inbound::Inbound;

/// What opening gives: the handle for callers, what the server sends by itself, and the work to be driven.
pub type Opened = (Handle, mpsc::Receiver<Inbound>, Connection);

/// The work of one connection; ends with the reason why it closed.
#[must_use = "a connection does nothing unless it is polled"]
pub struct Connection(Pin<Box<dyn Future<Output = CloseReason> + Send>>);

impl Connection {
    pub(crate) fn new(work: impl Future<Output = CloseReason> + Send + 'static) -> Self {
        Self(Box::pin(work))
    }
}

impl Future for Connection {
    type Output = CloseReason;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<CloseReason> {
        self.0.as_mut().poll(context)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connection")
    }
}
