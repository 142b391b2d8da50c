//! The task that looks after one running container: heartbeats, its end, and ending it.
//!
//! What ended and how is believed in this order: the report of PID 1, the engine's exit code, the broken connection.

use std::sync::Arc;
use std::time::Duration;

use mcpproxy_shim::frame;
use mcpproxy_shim::report::{self, Cause};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at};

use super::link::Link;
use super::preamble::{GRACE, HEARTBEAT, millis};
use crate::engine::{Engine, EngineError, Wait};
use crate::freeze::{FreezeError, FreezeOrders};
use crate::running::{Exit, ExitCause, StopOrder};

/// After one sign of the end, how long the others may take: report and exit code come on different connections.
const STRAGGLER: Duration = Duration::from_secs(2);
/// How long an order may take to get into the connection before the engine is asked instead.
const ORDER_LIMIT: Duration = Duration::from_millis(500);
/// How long the engine may take to remove a container that has ended.
pub(super) const REMOVAL_LIMIT: Duration = Duration::from_secs(3);
/// How long letting a container go on may take when it is to end, before it is removed as it is.
const THAW_LIMIT: Duration = Duration::from_secs(2);

const SIGKILL: i32 = 9;

pub(super) struct Watch {
    engine: Engine,
    id: String,
    /// Ends with the watch, even with one that was dropped before its first step.
    link: Lease,
    ice: Ice,
    started: Instant,
    exited: watch::Sender<Option<Exit>>,
}

/// The two kinds of end that a container has while it is watched.
enum End {
    /// By itself, or by somebody else.
    Seen(Exit),
    /// On our order, to be over by then.
    Ordered(Duration),
}

impl Watch {
    pub(super) fn new(
        engine: Engine,
        id: String,
        link: Arc<Link>,
        started: Instant,
        exited: watch::Sender<Option<Exit>>,
    ) -> Watch {
        let ice = Ice { engine: engine.clone(), id: id.clone(), frozen: false };
        Watch { engine, id, link: Lease(link), ice, started, exited }
    }

    /// Watches until the container is gone.
    pub(super) async fn run(
        mut self,
        wait: Wait,
        mut orders: mpsc::Receiver<StopOrder>,
        mut freezes: FreezeOrders,
    ) {
        let mut code = Code::Awaited(Box::pin(wait.exit()));
        let exit = match self.until_end(&mut code, &mut orders, &mut freezes).await {
            End::Seen(exit) => exit,
            End::Ordered(limit) => self.end(&mut code, limit).await,
        };
        // Nothing is left that could be let go on.
        self.ice.frozen = false;
        tracing::debug!(container = %self.id, cause = exit.cause.code(), code = exit.code, "container ended");
        self.exited.send_replace(Some(exit));
        // What is still on its way reaches the readers of output and stderr, also when only one of them reads.
        let rest = timeout(STRAGGLER, self.link.read_to_end());
        tokio::join!(self.gone(), rest).0;
    }

    async fn until_end(
        &mut self,
        code: &mut Code,
        orders: &mut mpsc::Receiver<StopOrder>,
        freezes: &mut FreezeOrders,
    ) -> End {
        let mut beat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let known = self.link.known();
            if let Some(exit) = known.exit {
                return End::Seen(self.reported(exit));
            }
            if known.ended || code.is_known() {
                return End::Seen(self.unreported(code).await);
            }
            tokio::select! {
                () = self.link.news() => {}
                () = self.link.read_to_end(), if known.output_dropped => {}
                () = code.know() => {}
                // What is frozen reads nothing; PID 1 knows a pause from the silence of an owner that is gone.
                _ = beat.tick(), if !self.ice.frozen => {
                    // A server that does not read holds heartbeats up too, and cannot be told from here; PID 1 knows.
                    let _ = timeout(ORDER_LIMIT, self.link.send(&frame::HEARTBEAT)).await;
                }
                Some(order) = freezes.recv() => {
                    let done = self.ice.set(order.frozen).await;
                    // Who asked may have given up meanwhile.
                    let _ = order.reply.send(done);
                }
                order = orders.recv() => {
                    // Without a sender nobody can order anything, and this task is about to be dropped as well.
                    return End::Ordered(order.map_or(GRACE, |order| order.limit));
                }
            }
        }
    }

    /// Ends the container: by word, by signal, by force.
    async fn end(&mut self, code: &mut Code, limit: Duration) -> Exit {
        let deadline = Instant::now() + limit;
        self.ice.melt(THAW_LIMIT.min(limit / 4)).await;
        let grace = GRACE.min(limit / 5);
        let told = timeout(ORDER_LIMIT.min(limit), self.link.send(&frame::stop(millis(grace)))).await;
        if !matches!(told, Ok(Ok(())))
            && let Err(error) = self.engine.api().kill(&self.id, "SIGTERM").await
        {
            tracing::debug!(container = %self.id, %error, "the signal to end did not arrive");
        }
        // Two graces and the sweep are what PID 1 needs at most.
        let by_itself = (grace * 2 + Duration::from_secs(1)).min(limit.mul_f32(0.6));
        if let Ok(exit) = timeout_at(Instant::now() + by_itself, self.ended(code)).await {
            return exit;
        }
        tracing::warn!(container = %self.id, "the container did not end when asked and is removed by force");
        match timeout_at(deadline, self.engine.api().remove(&self.id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(container = %self.id, %error, "removing the container failed"),
            Err(_) => tracing::warn!(container = %self.id, "the engine did not remove the container in time"),
        }
        timeout_at(deadline, self.ended(code)).await.unwrap_or_else(|_| self.unknown(ExitCause::EngineLost))
    }

    /// Waits for the end that was ordered.
    async fn ended(&self, code: &mut Code) -> Exit {
        loop {
            let known = self.link.known();
            if let Some(exit) = known.exit {
                return self.reported(exit);
            }
            if known.ended || code.is_known() {
                let exit = self.unreported(code).await;
                return Exit {
                    cause: if exit.cause == ExitCause::Killed { ExitCause::Stopped } else { exit.cause },
                    ..exit
                };
            }
            tokio::select! {
                () = self.link.news() => {}
                // Who stops a server may have stopped reading it.
                () = self.link.read_to_end() => {}
                () = code.know() => {}
            }
        }
    }

    /// One sign of the end has come without a report: gives the rest of them a moment.
    async fn unreported(&self, code: &mut Code) -> Exit {
        let both = async {
            code.know().await;
            while !self.link.known().ended && self.link.known().exit.is_none() {
                tokio::select! {
                    () = self.link.news() => {}
                    () = self.link.read_to_end() => {}
                }
            }
        };
        // In time or not, what is known now decides.
        let _ = timeout(STRAGGLER, both).await;
        if let Some(exit) = self.link.known().exit {
            return self.reported(exit);
        }
        match code {
            Code::Known(Ok(code)) => {
                let code = i32::try_from(*code).unwrap_or(i32::MAX);
                let signal = (code > 128).then(|| code - 128);
                Exit { code: signal.is_none().then_some(code), signal, ..self.unknown(ExitCause::Killed) }
            }
            Code::Known(Err(error)) if error.is_not_found() => self.unknown(ExitCause::Killed),
            Code::Known(Err(_)) | Code::Awaited(_) => self.unknown(ExitCause::EngineLost),
        }
    }

    fn unknown(&self, cause: ExitCause) -> Exit {
        Exit::unknown(cause, self.started.elapsed())
    }

    fn reported(&self, exit: report::Exit) -> Exit {
        let errno = exit.errno.unwrap_or(0);
        let killed = exit.signal == Some(SIGKILL) || exit.code == Some(128 + SIGKILL);
        Exit {
            code: exit.code,
            signal: exit.signal,
            oom: killed && exit.oom_kills.is_some_and(|kills| kills > 0),
            cause: match exit.cause {
                Cause::Exit => ExitCause::Exited,
                Cause::InputEnded => ExitCause::StdinClosed,
                Cause::Stop => ExitCause::Stopped,
                Cause::HeartbeatLost => ExitCause::HeartbeatLost,
                Cause::Signal => ExitCause::Killed,
                Cause::BadFrame => ExitCause::Garbled,
                Cause::Exec => ExitCause::ExecFailed { errno },
                Cause::Directory => ExitCause::DirectoryFailed { errno },
                Cause::SecretFile => ExitCause::SecretFileFailed { errno },
            },
            peak_memory: exit.peak_memory,
            oom_kills: exit.oom_kills,
            reaped: exit.reaped,
            duration: Duration::from_millis(exit.wall_ms),
        }
    }

    /// Waits until the engine has removed the container, and sees to it if it does not.
    async fn gone(&self) {
        if let Ok(true) = timeout(REMOVAL_LIMIT, removed(&self.engine, &self.id)).await {
            return;
        }
        if let Ok(Err(error)) = timeout(REMOVAL_LIMIT, self.engine.api().remove(&self.id)).await {
            tracing::debug!(container = %self.id, %error, "the container is left to the reaper");
        }
    }
}

/// Waits until the engine has removed a container; true when it has.
pub(super) async fn removed(engine: &Engine, id: &str) -> bool {
    match engine.wait_removed(id).await {
        Ok(wait) => !matches!(wait.exit().await, Err(error) if !error.is_not_found()),
        Err(error) => error.is_not_found(),
    }
}

/// Whether the container is held still. Dropped while it is, as an aborted task does, it lets the container go on, so
/// that it sees the end of its lease.
struct Ice {
    engine: Engine,
    id: String,
    frozen: bool,
}

impl Ice {
    async fn set(&mut self, frozen: bool) -> Result<(), FreezeError> {
        if frozen {
            // Before the engine does it: an order that is given up half-way counts as carried out.
            self.frozen = true;
            if let Err(error) = self.engine.api().pause(&self.id).await {
                // It runs on, with its heartbeats. What an engine did without saying so is undone.
                self.frozen = self.engine.api().unpause(&self.id).await.is_err();
                return Err(error.into());
            }
        } else {
            self.engine.api().unpause(&self.id).await?;
            self.frozen = false;
        }
        Ok(())
    }

    /// Lets the container go on so that it can end by itself; what cannot is removed by force after all.
    async fn melt(&mut self, limit: Duration) {
        if !self.frozen {
            return;
        }
        match timeout(limit, self.engine.api().unpause(&self.id)).await {
            Ok(Ok(())) => self.frozen = false,
            Ok(Err(error)) => {
                tracing::debug!(container = %self.id, %error, "it is removed while it is paused")
            }
            Err(_) => {
                tracing::debug!(container = %self.id, "it is removed while it is paused: the engine is slow")
            }
        }
    }
}

impl Drop for Ice {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.frozen {
            let (engine, id) = (self.engine.clone(), std::mem::take(&mut self.id));
            runtime.spawn(async move {
                if let Err(error) = engine.api().unpause(&id).await {
                    tracing::debug!(container = %id, %error, "a paused container is left to the reaper");
                }
            });
        }
    }
}

/// Dropped with the task, whether it came to its end or was aborted: then the server's lease ends as well.
struct Lease(Arc<Link>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.end_lease();
    }
}

impl std::ops::Deref for Lease {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.0
    }
}

/// The engine's exit code, asked for once and kept.
enum Code {
    Awaited(std::pin::Pin<Box<dyn Future<Output = Result<i64, EngineError>> + Send>>),
    Known(Result<i64, EngineError>),
}

impl Code {
    const fn is_known(&self) -> bool {
        matches!(self, Code::Known(_))
    }

    /// Cancel safe: the question stays asked.
    async fn know(&mut self) {
        if let Code::Awaited(wait) = self {
            let code = wait.await;
            *self = Code::Known(code);
        }
    }
}
