//! The input of a process, which its writer holds and the one who stops the process can close.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::AsyncWrite;
use tokio::process::ChildStdin;

#[derive(Debug)]
struct Shared {
    pipe: Option<ChildStdin>,
    waiting: Option<Waker>,
}

/// The writer's end.
#[derive(Debug)]
pub struct Input(Arc<Mutex<Shared>>);

/// Closes it from elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Closer(Arc<Mutex<Shared>>);

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    // Nothing is left half-done under this lock.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Input {
    pub(super) fn new(pipe: std::process::ChildStdin) -> io::Result<Input> {
        let pipe = Some(ChildStdin::from_std(pipe)?);
        Ok(Input(Arc::new(Mutex::new(Shared { pipe, waiting: None }))))
    }

    pub(super) fn closer(&self) -> Closer {
        Closer(Arc::clone(&self.0))
    }

    fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        work: impl FnOnce(Pin<&mut ChildStdin>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut shared = lock(&self.0);
        let Some(pipe) = &mut shared.pipe else { return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())) };
        let result = work(Pin::new(pipe), cx);
        shared.waiting = result.is_pending().then(|| cx.waker().clone());
        result
    }
}

impl Closer {
    /// Closes the process's input; a writer that waits learns of it.
    pub(super) fn close(&self) {
        let mut shared = lock(&self.0);
        shared.pipe = None;
        if let Some(waiting) = shared.waiting.take() {
            waiting.wake();
        }
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        lock(&self.0).pipe = None;
    }
}

impl AsyncWrite for Input {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(cx, |pipe, cx| pipe.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, |pipe, cx| pipe.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A pipe ends when it is closed.
        lock(&self.0).pipe = None;
        Poll::Ready(Ok(()))
    }
}
