//! The attached connection of one container: its three streams, without a task or a queue in between.
//!
//! One socket carries everything. Whoever reads the server's output reads the socket: it takes the engine's frames
//! apart, keeps the output, and puts what belongs to stderr aside, reports sorted out. So a message reaches its reader
//! with one wake-up. While it does not read, the reader of stderr does; when it is gone, or the server comes to its end,
//! the container's watcher does, so that nothing is held up by nobody. On the way in, data and orders share the socket frame by frame.

mod halves;
mod inbound;
mod outbound;

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use mcpproxy_shim::report::{self, Nonce};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;

use self::inbound::Inbound;
use self::outbound::Outbound;
use crate::engine::Upgraded;

/// The connection, shared by the three streams and the watcher. Gone when all of them are.
#[derive(Debug)]
pub(super) struct Link {
    inbound: Mutex<Inbound>,
    outbound: Outbound,
    /// The watcher has something to look at: a report, the end, or the reading to take over.
    news: Notify,
}

/// What the reading side knows by now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) ready: bool,
    pub(super) exit: Option<report::Exit>,
    /// Nothing more will come.
    pub(super) ended: bool,
    /// Nobody reads the output any more.
    pub(super) output_dropped: bool,
}

impl Link {
    /// Takes a connection over, and the stream handles that go with it.
    pub(super) fn new(upgraded: Upgraded, nonce: Nonce) -> (Arc<Link>, Input, Output, Errors) {
        let (reader, writer) = halves::split(upgraded.stream);
        let link = Arc::new(Link {
            inbound: Mutex::new(Inbound::new(reader, &upgraded.head, nonce)),
            outbound: Outbound::new(writer),
            news: Notify::new(),
        });
        (Arc::clone(&link), Input(Arc::clone(&link)), Output(Arc::clone(&link)), Errors(link))
    }

    fn inbound(&self) -> MutexGuard<'_, Inbound> {
        // Every change is complete before the lock is let go, so a panic elsewhere leaves sound data behind.
        self.inbound.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self) -> Known {
        self.inbound().known()
    }

    /// Waits until there is something new to [`Link::known`].
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// Reads until the server runs, or can no longer; output that comes before is kept.
    pub(super) async fn ready(&self) -> Known {
        std::future::poll_fn(|cx| self.inbound().poll_ready(cx, &self.news)).await
    }

    /// Reads on to the end, for when the output's reader is gone or may not be reading.
    pub(super) async fn read_to_end(&self) {
        std::future::poll_fn(|cx| self.inbound().poll_to_end(cx, &self.news)).await;
    }

    /// Sends bytes that are not the server's input: the preamble, an order, a heartbeat.
    pub(super) async fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.outbound.enqueue(bytes)?;
        std::future::poll_fn(|cx| self.outbound.poll_flush_orders(cx)).await
    }

    /// Ends the lease: nothing more is written, so the server ends. What it still says can be read.
    pub(super) fn end_lease(&self) {
        self.outbound.close();
    }
}

/// The server's input.
#[derive(Debug)]
pub struct Input(Arc<Link>);

impl AsyncWrite for Input {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.outbound.poll_data(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.outbound.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.outbound.poll_end(cx)
    }
}

impl Drop for Input {
    /// A writer that is gone has no more to say. The watcher sends what does not go out at once.
    fn drop(&mut self) {
        self.0.outbound.end_soon();
        self.0.news.notify_one();
    }
}

/// The server's output.
#[derive(Debug)]
pub struct Output(Arc<Link>);

impl AsyncRead for Output {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.inbound().poll_output(cx, buffer, &self.0.news)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.0.inbound().drop_output();
        self.0.news.notify_one();
    }
}

/// What the server says beside its output.
#[derive(Debug)]
pub struct Errors(Arc<Link>);

impl AsyncRead for Errors {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.inbound().poll_errors(cx, buffer, &self.0.news)
    }
}
