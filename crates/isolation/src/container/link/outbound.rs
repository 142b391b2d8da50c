//! The writing side: the server's input and our orders, frame after frame on one socket.
//!
//! A frame that the socket takes only in part is finished before anything else goes out. Two tasks write: the one that
//! holds the server's input, and the container's watcher. A socket remembers one waker, so both are behind one.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use mcpproxy_shim::frame::{self, Kind};

use super::halves::Writer;

/// The most input that goes into one frame.
const FRAME: usize = 64 * 1024;
/// The most of orders that waits for a server that does not read: far more than a start's preamble and heartbeats.
const ORDERS: usize = 2 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Outbound {
    state: Mutex<State>,
    wakers: Arc<Wakers>,
    /// Wakes both of `wakers`.
    both: Waker,
}

#[derive(Debug)]
struct State {
    writer: Option<Writer>,
    /// The rest of a frame, and whole frames after it.
    pending: VecDeque<u8>,
    ended: bool,
}

#[derive(Debug, Default)]
struct Wakers {
    data: AtomicWaker,
    orders: AtomicWaker,
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.data.wake();
        self.orders.wake();
    }
}

impl Outbound {
    pub(super) fn new(writer: Writer) -> Outbound {
        let wakers = Arc::new(Wakers::default());
        let both = Waker::from(Arc::clone(&wakers));
        let state = State { writer: Some(writer), pending: VecDeque::new(), ended: false };
        Outbound { state: Mutex::new(state), wakers, both }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is complete before the lock is let go, so a panic elsewhere leaves sound data behind.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a piece of input as one frame.
    pub(super) fn poll_data(&self, cx: &Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.wakers.data.register(cx.waker());
        let mut cx = Context::from_waker(&self.both);
        let mut state = self.state();
        if state.ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        std::task::ready!(state.poll_flush(&mut cx))?;
        let piece = &bytes[..bytes.len().min(FRAME)];
        if piece.is_empty() {
            return Poll::Ready(Ok(0));
        }
        // FRAME fits into 32 bits.
        let header = frame::header(Kind::Data, piece.len() as u32);
        let written = std::task::ready!(state.poll_write(&mut cx, [&header, piece]))?;
        state.pending.extend(header.iter().chain(piece).skip(written));
        Poll::Ready(Ok(piece.len()))
    }

    /// Waits until all that was accepted is with the socket.
    pub(super) fn poll_flush(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.wakers.data.register(cx.waker());
        self.state().poll_flush(&mut Context::from_waker(&self.both))
    }

    /// The input ends.
    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.wakers.data.register(cx.waker());
        let mut state = self.state();
        state.end();
        state.poll_flush(&mut Context::from_waker(&self.both))
    }

    /// The input ends, without waiting: what does not go out now goes with the next order.
    pub(super) fn end_soon(&self) {
        let mut state = self.state();
        state.end();
        // Nobody is left to hear of an error; the reading side learns of a broken connection by itself.
        let _ = state.poll_flush(&mut Context::from_waker(&self.both));
    }

    /// Puts whole frames, or the preamble, behind what is waiting.
    pub(super) fn enqueue(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        if state.writer.is_none() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if state.pending.len() + bytes.len() > ORDERS {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.pending.extend(bytes);
        Ok(())
    }

    /// Sends what waits, for the watcher.
    pub(super) fn poll_flush_orders(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.wakers.orders.register(cx.waker());
        self.state().poll_flush(&mut Context::from_waker(&self.both))
    }

    /// Ends the connection in this direction, whatever waits.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.writer = None;
        state.ended = true;
        state.forget();
        drop(state);
        self.wakers.wake_by_ref();
    }
}

impl State {
    fn end(&mut self) {
        if !self.ended && self.writer.is_some() {
            self.pending.extend(frame::END_OF_INPUT);
        }
        self.ended = true;
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, parts: [&[u8]; 2]) -> Poll<io::Result<usize>> {
        let Some(writer) = &mut self.writer else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        match std::task::ready!(writer.poll_write(cx, &parts.map(IoSlice::new))) {
            Ok(0) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            other => Poll::Ready(other),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let Some(writer) = &mut self.writer else {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            };
            let (front, back) = self.pending.as_slices();
            match std::task::ready!(writer.poll_write(cx, &[IoSlice::new(front), IoSlice::new(back)]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.drain(written),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Takes off what was sent, leaving no trace of it: the preamble passes here.
    fn drain(&mut self, written: usize) {
        self.pending.range_mut(..written).for_each(|byte| *byte = 0);
        std::hint::black_box(&mut self.pending);
        self.pending.drain(..written);
    }

    fn forget(&mut self) {
        let all = self.pending.len();
        self.drain(all);
    }
}
