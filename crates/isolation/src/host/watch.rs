//! The task that looks after one process on this computer: its end, and ending it.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout, timeout_at};

use super::input::Closer;
use super::platform;
use super::process::Process;
use super::tool::OwnContainer;
use crate::freeze::{FreezeError, FreezeOrders};
use crate::running::{Exit, ExitCause, StopOrder};

/// How long a process gets to end by itself after its input ended, and again after it was asked to.
const GRACE: Duration = Duration::from_secs(2);
/// What a container of its own may need after its command has ended.
const REMOVAL: Duration = Duration::from_secs(6);

type Ended = oneshot::Receiver<io::Result<ExitStatus>>;

pub(super) struct Watch {
    /// Dropped with the task, also when that is aborted: then the process ends at once.
    process: Process,
    input: Closer,
    container: Option<OwnContainer>,
    exited: watch::Sender<Option<Exit>>,
    started: Instant,
    frozen: bool,
}

impl Watch {
    pub(super) fn new(
        process: Process,
        input: Closer,
        container: Option<OwnContainer>,
        exited: watch::Sender<Option<Exit>>,
    ) -> Watch {
        Watch { process, input, container, exited, started: Instant::now(), frozen: false }
    }

    pub(super) async fn run(
        mut self,
        mut ended: Ended,
        mut orders: mpsc::Receiver<StopOrder>,
        mut freezes: FreezeOrders,
    ) {
        let exit = loop {
            tokio::select! {
                status = &mut ended => break self.exit(status, ExitCause::Exited),
                Some(order) = freezes.recv() => {
                    let done = self.set_frozen(order.frozen).await;
                    // Who asked may have given up meanwhile.
                    let _ = order.reply.send(done);
                }
                // Without a sender nobody can order anything, and this task is about to be dropped as well.
                order = orders.recv() => {
                    break self.end(&mut ended, order.map_or(GRACE, |order| order.limit)).await;
                }
            }
        };
        self.exited.send_replace(Some(exit));
        if let Some(container) = &self.container
            && timeout(REMOVAL, container.remove()).await.is_err()
        {
            tracing::warn!(pid = self.process.id(), "the container of a command is left to the reaper");
        }
    }

    /// The container of a command first: a command that goes on passes the signal that lets it on to its container, and
    /// an engine lets a paused container go on at any signal.
    async fn set_frozen(&mut self, frozen: bool) -> Result<(), FreezeError> {
        if frozen {
            self.frozen = true;
            let done = match &self.container {
                Some(container) if !container.set_paused(true).await => Err(FreezeError::OwnContainer),
                _ => self.process.freeze().map_err(FreezeError::from),
            };
            if let (Err(_), Some(container)) = (&done, &self.container) {
                // It runs on as a whole; what was done in spite of the answer is undone.
                container.set_paused(false).await;
            }
            return done;
        }
        let done = match &self.container {
            Some(container) => container.set_paused(false).await,
            None => true,
        };
        self.process.thaw()?;
        self.frozen = false;
        if done { Ok(()) } else { Err(FreezeError::OwnContainer) }
    }

    async fn end(&mut self, ended: &mut Ended, limit: Duration) -> Exit {
        let grace = GRACE.min(limit / 5);
        if self.frozen
            && let Ok(Err(error)) = timeout(grace, self.set_frozen(false)).await
        {
            tracing::debug!(pid = self.process.id(), %error, "it is ended while it stands still");
        }
        self.input.close();
        for ask in [Process::terminate, Process::kill] {
            if let Ok(status) = timeout(grace, &mut *ended).await {
                return self.exit(status, ExitCause::Stopped);
            }
            ask(&self.process);
        }
        // A process that survives KILL is stuck in the kernel; it is nobody's to wait for.
        match timeout_at(Instant::now() + grace, ended).await {
            Ok(status) => self.exit(status, ExitCause::Stopped),
            Err(_) => Exit::unknown(ExitCause::Stopped, self.started.elapsed()),
        }
    }

    fn exit(
        &self,
        status: Result<io::Result<ExitStatus>, oneshot::error::RecvError>,
        cause: ExitCause,
    ) -> Exit {
        let (code, signal) = match status {
            Ok(Ok(status)) => platform::exit_of(status),
            Ok(Err(_)) | Err(_) => (None, None),
        };
        Exit { code, signal, ..Exit::unknown(cause, self.started.elapsed()) }
    }
}
