//! The reading side: the engine's frames taken apart, output and stderr told from each other.
//!
//! A frame is eight bytes (stream, three zeros, length big-endian) and a payload that may be cut anywhere.

use std::collections::VecDeque;
use std::io;
use std::task::{Context, Poll, Waker};

use mcpproxy_shim::report::{Filter, Nonce, Piece, Report};
use tokio::io::ReadBuf;
use tokio::sync::Notify;

use super::Known;
use super::halves::Reader;

/// A little more than the largest frame that engines send.
const BUFFER: usize = 32 * 1024 + HEADER;
const HEADER: usize = 8;
/// What a reader of stderr may fall behind before the oldest is dropped.
const BACKLOG: usize = 256 * 1024;
/// Output that is kept for a reader that does not read just now. Before the report of readiness more than this makes
/// readiness plain.
const EARLY: usize = 1024 * 1024;

/// Whose payload a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channel {
    Output,
    Errors,
    /// The engine's own words about what went wrong.
    Engine,
    /// An echo of stdin, which nobody asked for.
    Echo,
}

#[derive(Debug)]
pub(super) struct Inbound {
    reader: Option<Reader>,
    buffer: Box<[u8]>,
    /// What of the buffer is filled and not yet taken.
    start: usize,
    end: usize,
    /// The frame in progress, and how much of it is still to come.
    frame: Option<(Channel, usize)>,
    filter: Filter,
    early: VecDeque<u8>,
    errors: VecDeque<u8>,
    errors_waker: Option<Waker>,
    /// Set while the output's reader waits for the socket: then it is the one to be woken.
    output_waker: Option<Waker>,
    known: Known,
}

impl Inbound {
    pub(super) fn new(reader: Reader, head: &[u8], nonce: Nonce) -> Inbound {
        let mut buffer = vec![0; BUFFER.max(head.len())].into_boxed_slice();
        buffer[..head.len()].copy_from_slice(head);
        Inbound {
            reader: Some(reader),
            buffer,
            start: 0,
            end: head.len(),
            frame: None,
            filter: Filter::new(nonce),
            early: VecDeque::new(),
            errors: VecDeque::new(),
            errors_waker: None,
            output_waker: None,
            known: Known { ready: false, exit: None, ended: false, output_dropped: false },
        }
    }

    pub(super) fn known(&self) -> Known {
        self.known
    }

    pub(super) fn drop_output(&mut self) {
        self.known.output_dropped = true;
        self.early = VecDeque::new();
    }

    pub(super) fn poll_output(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
        news: &Notify,
    ) -> Poll<io::Result<()>> {
        self.output_waker = None;
        if !self.early.is_empty() {
            take(&mut self.early, into);
            return Poll::Ready(Ok(()));
        }
        loop {
            match self.piece(news) {
                Some((Channel::Output, length)) => {
                    let length = length.min(into.remaining());
                    into.put_slice(&self.buffer[self.start..self.start + length]);
                    self.consume(length);
                    return Poll::Ready(Ok(()));
                }
                Some((_, length)) => self.put_aside(length, news),
                None if self.known.ended => return Poll::Ready(Ok(())),
                None if self.fill(cx, news).is_pending() => {
                    self.output_waker = Some(cx.waker().clone());
                    return Poll::Pending;
                }
                None => {}
            }
        }
    }

    /// Reads for itself only while the output's reader does not, lest each message wake two tasks.
    pub(super) fn poll_errors(
        &mut self,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
        news: &Notify,
    ) -> Poll<io::Result<()>> {
        if self.errors.is_empty() && self.output_waker.is_none() {
            // Ready or not: what matters is what it put aside.
            let _ = self.poll_ahead(cx, news, |inbound| !inbound.errors.is_empty());
        }
        if self.errors.is_empty() && !self.known.ended {
            self.errors_waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        take(&mut self.errors, into);
        Poll::Ready(Ok(()))
    }

    /// Reads until the server runs, or can no longer.
    pub(super) fn poll_ready(&mut self, cx: &mut Context<'_>, news: &Notify) -> Poll<Known> {
        let enough = |inbound: &Inbound| {
            inbound.known.ready || inbound.known.exit.is_some() || inbound.early.len() >= EARLY
        };
        self.poll_ahead(cx, news, enough).map(|()| self.known)
    }

    /// Reads to the end.
    pub(super) fn poll_to_end(&mut self, cx: &mut Context<'_>, news: &Notify) -> Poll<()> {
        self.poll_ahead(cx, news, |_| false)
    }

    /// Reads in place of the output's reader, keeping the output for it, or dropping it when that reader is gone.
    /// Ends with the connection or when there is `enough`; pauses while more is kept than is reasonable.
    fn poll_ahead(
        &mut self,
        cx: &mut Context<'_>,
        news: &Notify,
        enough: impl Fn(&Inbound) -> bool,
    ) -> Poll<()> {
        loop {
            if enough(self) {
                return Poll::Ready(());
            }
            match self.piece(news) {
                Some((Channel::Output, length)) => {
                    if !self.known.output_dropped {
                        if self.early.len() >= EARLY {
                            return Poll::Pending;
                        }
                        self.early.extend(&self.buffer[self.start..self.start + length]);
                        wake(&mut self.output_waker);
                    }
                    self.consume(length);
                }
                Some((_, length)) => self.put_aside(length, news),
                None if self.known.ended => return Poll::Ready(()),
                None => std::task::ready!(self.fill(cx, news)),
            }
        }
    }

    /// The next piece of payload in the buffer: whose it is, and how long. `None` asks for more bytes, or is the end.
    fn piece(&mut self, news: &Notify) -> Option<(Channel, usize)> {
        loop {
            let there = self.end - self.start;
            match self.frame {
                Some((_, 0)) => self.frame = None,
                Some((channel, left)) => return (there > 0).then_some((channel, left.min(there))),
                None if there < HEADER => return None,
                None => {
                    let [kind, _, _, _, length @ ..] = *self.buffer[self.start..].first_chunk::<HEADER>()?;
                    let channel = match kind {
                        0 => Channel::Echo,
                        1 => Channel::Output,
                        2 => Channel::Errors,
                        3 => Channel::Engine,
                        other => {
                            tracing::warn!(kind = other, "the engine's stream is out of step");
                            self.start = self.end;
                            self.finish(news);
                            return None;
                        }
                    };
                    self.start += HEADER;
                    self.frame =
                        Some((channel, usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)));
                }
            }
        }
    }

    fn consume(&mut self, length: usize) {
        self.start += length;
        if let Some((_, left)) = &mut self.frame {
            *left -= length;
        }
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Takes a piece that is not output.
    fn put_aside(&mut self, length: usize, news: &Notify) {
        let bytes = &self.buffer[self.start..self.start + length];
        match self.frame {
            Some((Channel::Engine, _)) => {
                tracing::warn!(text = %String::from_utf8_lossy(bytes).trim(), "the engine reports an error on a stream");
            }
            Some((Channel::Errors, _)) => {
                let (errors, known) = (&mut self.errors, &mut self.known);
                self.filter.feed(bytes, |piece| keep(piece, errors, known, news));
                if !self.errors.is_empty() {
                    wake(&mut self.errors_waker);
                }
            }
            _ => {}
        }
        self.consume(length);
    }

    /// Reads what the socket has. Pending keeps the caller's waker; the end is noted and is `Ready` too.
    fn fill(&mut self, cx: &mut Context<'_>, news: &Notify) -> Poll<()> {
        let Some(reader) = &mut self.reader else {
            self.finish(news);
            return Poll::Ready(());
        };
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let mut free = ReadBuf::new(&mut self.buffer[self.end..]);
        match std::task::ready!(reader.poll_read(cx, &mut free)) {
            Ok(()) if !free.filled().is_empty() => self.end += free.filled().len(),
            Ok(()) => self.finish(news),
            Err(error) => {
                tracing::debug!(%error, "the connection of a container broke");
                self.finish(news);
            }
        }
        Poll::Ready(())
    }

    fn finish(&mut self, news: &Notify) {
        self.reader = None;
        self.known.ended = true;
        let (errors, known) = (&mut self.errors, &mut self.known);
        self.filter.finish(|piece| keep(piece, errors, known, news));
        wake(&mut self.errors_waker);
        wake(&mut self.output_waker);
        news.notify_one();
    }
}

/// Text goes to the reader of stderr, the oldest giving way; a report becomes knowledge.
fn keep(piece: Piece<'_>, errors: &mut VecDeque<u8>, known: &mut Known, news: &Notify) {
    match piece {
        Piece::Text(text) => {
            let text = &text[text.len().saturating_sub(BACKLOG)..];
            let excess = (errors.len() + text.len()).saturating_sub(BACKLOG);
            errors.drain(..excess);
            errors.extend(text);
        }
        Piece::Report(Report::Ready { .. }) => known.ready = true,
        Piece::Report(Report::Exit(exit)) => {
            known.exit = Some(exit);
            news.notify_one();
        }
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn take(from: &mut VecDeque<u8>, into: &mut ReadBuf<'_>) {
    let (front, _) = from.as_slices();
    let length = front.len().min(into.remaining());
    into.put_slice(&front[..length]);
    from.drain(..length);
}

#[cfg(test)]
mod tests;
