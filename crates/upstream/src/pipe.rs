//! A connection over a reader and a writer on which a line is a message: one task, reading and writing side by side.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use mcpproxy_protocol::lines::LineBuffer;
use mcpproxy_protocol::{flatten, rpc, splice_into};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::connection::{Connection, Opened};
use crate::error::{CloseReason, OpenError};
use crate::handle::{Handle, Outgoing, Port};
use crate::inbound::{self, InboundQueue};
use crate::initialize::shake_hands;
use crate::options::Options;
use crate::outbox::Urgent;
use crate::route::Router;

/// Bytes that may wait to be written before no further calls are taken from the queue.
const HIGH_WATER: usize = 64 * 1024;
/// What is read at least at once, and once a long message is under way.
const READ: usize = 8 * 1024;
const READ_MORE: usize = 256 * 1024;
/// How long answers are still awaited after the server closed its input, or we asked to close.
const LINGER: Duration = Duration::from_secs(2);

/// Opens a connection: `initialize`, then `notifications/initialized`. The returned connection is to be driven on.
pub async fn open<R, W>(reader: R, writer: W, options: Options) -> Result<Opened, OpenError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let (port, outgoing) = Port::new();
    let (inbound, received) = mpsc::channel(inbound::QUEUE);
    let router =
        Router::new(port.clone(), InboundQueue::new(inbound), options.server.clone(), options.noise.clone());
    let pipe = Pipe {
        router,
        outgoing,
        lines: LineBuffer::new(options.max_line),
        out: Out {
            writer: Some(writer),
            buffer: BytesMut::new(),
            unflushed: false,
            grown: false,
            written: 0,
            stall: None,
        },
        write_stall: options.write_stall,
    };
    let mut connection = Connection::new(pipe.run(reader));
    let initialize = shake_hands(&port, &options, &mut connection).await?;
    port.announce(rpc::notification("notifications/initialized", None))?;
    Ok((Handle::new(port, initialize), received, connection))
}

/// The state of a running connection.
struct Pipe<W> {
    router: Router,
    outgoing: mpsc::Receiver<Outgoing>,
    lines: LineBuffer,
    out: Out<W>,
    write_stall: Duration,
}

/// The writing side.
struct Out<W> {
    /// Gone once it was closed: the writing end of a pipe ends only with its owner.
    writer: Option<W>,
    buffer: BytesMut,
    unflushed: bool,
    /// The buffer had to grow beyond what is worth keeping.
    grown: bool,
    /// Bytes that were taken so far.
    written: u64,
    /// While bytes wait: how many had been taken when the clock was started, and when to give up if it stays at that.
    stall: Option<(u64, Instant)>,
}

/// What happened next.
enum Step {
    Read(io::Result<usize>),
    Wrote(io::Result<()>),
    Call(Option<Outgoing>),
    Urgent,
    Stalled,
    Released,
}

impl<W: AsyncWrite + Send + Unpin> Pipe<W> {
    async fn run<R: AsyncRead + Send + Unpin>(mut self, mut reader: R) -> CloseReason {
        let reason = match self.converse(&mut reader).await {
            Ending::Now(reason) => reason,
            Ending::Linger(reason) => {
                // The server's input is gone, but answers to what it has read may still be on their way.
                let _ = timeout(LINGER, self.drain_answers(&mut reader)).await;
                reason
            }
            Ending::Finish => {
                let _ = timeout(LINGER, self.out.finish()).await;
                self.out.writer = None;
                let _ = timeout(LINGER, self.drain_answers(&mut reader)).await;
                CloseReason::Stopped
            }
        };
        self.router.close(&reason);
        tracing::debug!(server = self.router.server(), reason = reason.code(), "connection closed");
        reason
    }

    async fn converse<R: AsyncRead + Send + Unpin>(&mut self, reader: &mut R) -> Ending {
        loop {
            self.out.push(self.write_stall);
            if !self.out.is_pending() {
                self.router.owed = 0;
            }
            match self.step(reader).await {
                Step::Read(Ok(0)) => {
                    if let Some(rest) = self.lines.finish() {
                        self.router.route(BytesMut::from(rest), None);
                    }
                    return Ending::Now(CloseReason::Ended);
                }
                Step::Read(Ok(_)) => {
                    if let Err(reason) = self.take_lines() {
                        return Ending::Now(reason);
                    }
                }
                Step::Read(Err(error)) => return Ending::Now(CloseReason::ReadFailed(error.to_string())),
                Step::Wrote(Ok(())) => self.out.stall = None,
                Step::Wrote(Err(error)) => {
                    return Ending::Linger(CloseReason::WriteFailed(error.to_string()));
                }
                Step::Call(Some(outgoing)) => self.take_calls(outgoing),
                Step::Call(None) => return Ending::Finish,
                Step::Urgent => {
                    if self.take_urgent() {
                        return Ending::Finish;
                    }
                }
                Step::Stalled if self.out.made_progress() => self.out.stall = None,
                Step::Stalled => return Ending::Now(CloseReason::WriteStalled),
                Step::Released => {}
            }
        }
    }

    async fn step<R: AsyncRead + Send + Unpin>(&mut self, reader: &mut R) -> Step {
        let Self { router, outgoing, lines, out, .. } = self;
        let space = lines.space();
        if space.capacity() - space.len() < READ / 2 {
            space.reserve(if space.len() > READ { READ_MORE } else { READ });
        }
        let (pending, deadline) = (out.is_pending(), out.stall.map(|(_, deadline)| deadline));
        let room = out.buffer.len() < HIGH_WATER;
        let Router { inbound, port, .. } = router;
        let holding = inbound.is_holding();
        tokio::select! {
            read = reader.read_buf(space) => Step::Read(read),
            call = outgoing.recv(), if room => Step::Call(call),
            () = port.shared.outbox.rung() => Step::Urgent,
            wrote = out.drain(), if pending => Step::Wrote(wrote),
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Step::Stalled,
            () = inbound.release(), if holding => Step::Released,
        }
    }

    fn take_lines(&mut self) -> Result<(), CloseReason> {
        loop {
            match self.lines.next_line() {
                Ok(Some(line)) => self.router.route(line, None),
                Ok(None) => return Ok(()),
                Err(error) => return Err(CloseReason::LineTooLong { limit: error.limit }),
            }
        }
    }

    fn take_calls(&mut self, first: Outgoing) {
        let mut next = Some(first);
        while let Some(mut outgoing) = next.take() {
            self.router.port.shared.taken(&outgoing);
            if self.router.enter(&mut outgoing) {
                self.out.put_spliced(&outgoing.message, &mut outgoing.edits);
            }
            if self.out.buffer.len() < HIGH_WATER {
                next = self.outgoing.try_recv().ok();
            }
        }
    }

    /// Says whether to close.
    fn take_urgent(&mut self) -> bool {
        let mut close = false;
        for urgent in self.router.port.shared.outbox.take() {
            match urgent {
                Urgent::Cancel(id) => {
                    if let Some(notice) = self.router.cancel(id) {
                        self.out.put(&notice);
                    }
                }
                Urgent::Reply(message) => self.out.put(&message),
                Urgent::Close => close = true,
            }
        }
        if close {
            while let Ok(outgoing) = self.outgoing.try_recv() {
                self.take_calls(outgoing);
            }
        }
        close
    }

    async fn drain_answers<R: AsyncRead + Send + Unpin>(&mut self, reader: &mut R) {
        loop {
            self.lines.space().reserve(READ);
            match reader.read_buf(self.lines.space()).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    if self.take_lines().is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// How a conversation ends.
enum Ending {
    /// Nothing more can come.
    Now(CloseReason),
    /// The writing side broke.
    Linger(CloseReason),
    /// We were asked to close.
    Finish,
}

impl<W: AsyncWrite + Send + Unpin> Out<W> {
    fn is_pending(&self) -> bool {
        self.unflushed || !self.buffer.is_empty()
    }

    fn put(&mut self, message: &[u8]) {
        self.put_spliced(message, &mut []);
    }

    /// Appends a message as one line.
    fn put_spliced(&mut self, message: &[u8], edits: &mut [mcpproxy_protocol::Edit]) {
        let start = self.buffer.len();
        self.grown |= message.len() > 4 * HIGH_WATER;
        self.buffer.reserve(message.len() + 32 * edits.len() + 1);
        splice_into(message, edits, &mut self.buffer);
        flatten(&mut self.buffer[start..]);
        self.buffer.put_u8(b'\n');
    }

    /// Writes what the pipe takes at once; what it does not take starts the clock.
    fn push(&mut self, write_stall: Duration) {
        if !self.is_pending() {
            return;
        }
        let done = {
            let mut context = Context::from_waker(Waker::noop());
            matches!(pin!(self.drain()).poll(&mut context), Poll::Ready(Ok(())))
        };
        if done {
            self.stall = None;
        } else if self.stall.is_none() || self.made_progress() {
            self.stall = Some((self.written, Instant::now() + write_stall));
        }
    }

    fn made_progress(&self) -> bool {
        self.stall.is_some_and(|(written, _)| written != self.written)
    }

    /// Writes everything. May be dropped at any point: what was written has left the buffer.
    async fn drain(&mut self) -> io::Result<()> {
        let writer = self.writer.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        while !self.buffer.is_empty() {
            let taken = writer.write_buf(&mut self.buffer).await?;
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.written += taken as u64;
            self.unflushed = true;
        }
        if self.unflushed {
            writer.flush().await?;
            self.unflushed = false;
        }
        if self.grown {
            // One long message is no reason to keep its room for ever.
            (self.buffer, self.grown) = (BytesMut::new(), false);
        }
        Ok(())
    }

    /// Writes everything and closes.
    async fn finish(&mut self) -> io::Result<()> {
        let outcome = self.drain().await;
        if let Some(mut writer) = self.writer.take() {
            writer.shutdown().await?;
        }
        outcome
    }
}
