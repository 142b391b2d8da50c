//! From a running process to its end: handshake within its time, then whatever ends first.
use mcpproxy_isolation::freeze::Freezer;
use mcpproxy_isolation::running::{Exit, ExitCause, ExitWatch, Running, Stop};
use mcpproxy_messages::phrases;
use mcpproxy_upstream::{CloseReason, OpenError, Opened, open};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Duration, Instant, sleep, timeout},
};

use super::{Hide, Incarnation, STOP};
use crate::{
    ExitView,
    pause::Hold,
    servers::{
        failure::{self, Place, Trouble},
        life::{End, Step},
        stderr::{self, Ring},
    },
};

/// How long a process whose output has ended may take to end too, before it is stopped.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Samples of text between messages that are kept; the first says enough.
const NOISE: usize = 4;
/// How long after a failure a process that should go on is let go on once more.
const THAW_AGAIN: Duration = Duration::from_secs(2);
/// How often: an engine that says no so often has let it go on already, or never will.
const THAW_TRIES: usize = 10;

/// What is left to look after once the streams are given away.
struct Attended {
    exit: ExitWatch,
    stop: Stop,
    freezer: Freezer,
    stderr: Ring,
    pump: JoinHandle<()>,
    in_container: bool,
}

impl Drop for Attended {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

impl Incarnation {
    /// Speaks with the process until something ends; then nothing of it is left.
    pub(super) async fn attend(
        &self,
        running: Running,
        clock: Instant,
        hide: Hide,
        place: Place<'_>,
    ) -> Result<Trouble, Trouble> {
        self.step(Step::Handshaking).await;
        let ring = Ring::default();
        let pump = stderr::pump(running.stderr, ring.clone(), hide.clone(), self.name().to_owned());
        let mut attended = Attended {
            exit: running.exit,
            stop: running.stop,
            freezer: running.freezer,
            stderr: ring,
            pump: tokio::spawn(pump),
            in_container: running.container.is_some(),
        };
        let (noise, mut heard) = mpsc::channel(NOISE);
        let mut options = self.options(self.blueprint.timeout.saturating_sub(clock.elapsed()));
        options.noise = Some(noise);
        let opened = tokio::select! {
            opened = open(running.stdout, running.stdin, options) => Some(opened),
            () = self.cancel.cancelled() => None,
        };
        let trouble = match opened {
            None => attended.finish(Trouble::asked(), true, false, place).await,
            Some(Err(error)) => {
                if attended.in_container {
                    tracing::info!("{}", phrases::INITIALIZATION_FAILED);
                }
                let trouble = match heard.try_recv() {
                    Ok(line) => failure::of_noise(&line),
                    Err(_) => failure::of_open(&error, self.blueprint.timeout.as_secs()),
                };
                // Only an output that ended tells of a process that ends; one that was given up ends because of us.
                let ending = matches!(error, OpenError::Closed(_));
                attended.finish(trouble, true, ending, place).await
            }
            Some(Ok(opened)) => self.serve(opened, attended, place).await,
        };
        Ok(trouble.redacted(&hide).named(self.name()))
    }

    /// In the gateway until process, connection or wish ends it.
    async fn serve(&self, opened: Opened, mut attended: Attended, place: Place<'_>) -> Trouble {
        let mut connected = self.enter(opened).await;
        let mut exit = attended.exit.clone();
        let trouble = tokio::select! {
            () = self.cancel.cancelled() => Trouble::asked(),
            reason = connected.handle.closed() => failure::of_close(&reason),
            _ = exit.wait() => failure::of_close(&CloseReason::Ended),
            () = self.watch_tools(&connected) => Trouble::asked(),
            () = self.follow_pause(&attended.freezer) => Trouble::asked(),
        };
        // Out of the gateway first: no call may go to a server that is being ended.
        connected.leave();
        let trouble = attended.finish(trouble, false, true, place).await;
        drop(connected);
        trouble
    }
}

impl Incarnation {
    /// Holds the process still while everything is paused; never returns. What cannot be held still runs on, and gets
    /// no calls.
    async fn follow_pause(&self, freezer: &Freezer) {
        let mut hold = self.context.hold.clone();
        let (mut still, mut tries) = (false, 0);
        loop {
            let wanted = *hold.borrow_and_update() == Hold::Still;
            if wanted != still {
                match freezer.set(wanted).await {
                    Ok(()) => {
                        tracing::info!(paused = wanted, "held still, or let go on");
                        (still, tries) = (wanted, 0);
                    }
                    Err(error) => {
                        tracing::warn!(code = error.code(), %error, paused = wanted, "it stays as it was; calls are refused while all is paused");
                        if !wanted && tries < THAW_TRIES {
                            // Calls pass again and wait for it: it must not be left standing.
                            tries += 1;
                            sleep(THAW_AGAIN).await;
                            continue;
                        }
                        (still, tries) = (false, 0);
                    }
                }
            }
            if hold.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

impl Attended {
    /// Ends what is left and finds out which came first: where the process ended by itself, that is the reason.
    async fn finish(&mut self, trouble: Trouble, early: bool, ending: bool, place: Place<'_>) -> Trouble {
        let asked = trouble.end == End::Asked;
        // An output that ends is mostly a process that ends: its own words say more.
        let mut own = self.exit.now();
        if own.is_none() && ending && !asked {
            own = timeout(LAST_WORDS, self.exit.wait()).await.ok();
        }
        let exit = self.stop.stop(STOP).await;
        if self.in_container && own.is_none() {
            tracing::info!(forced = exit.signal == Some(9), "{}", phrases::STOPPED_GRACEFULLY);
        }
        // The last lines are in the pipe; its end comes with the end of the process.
        let _ = timeout(LAST_WORDS, &mut self.pump).await;
        let view = view(&exit);
        let trouble = match own {
            _ if asked => trouble,
            Some(own) => of_own_end(&own, early, place).unwrap_or(trouble),
            None => trouble,
        };
        trouble.with(self.stderr.lines(), view)
    }
}

/// What the way in which a process ended says, if it says anything.
fn of_own_end(exit: &Exit, early: bool, place: Place<'_>) -> Option<Trouble> {
    match exit.cause {
        ExitCause::EngineLost => Some(Trouble::new(End::EngineLost, "engine_lost", Vec::new(), "")),
        ExitCause::ExecFailed { errno } => {
            Some(Trouble::lasting("exec_failed", vec![("errno", errno.to_string())], ""))
        }
        ExitCause::DirectoryFailed { errno } => {
            Some(Trouble::lasting("working_dir_failed", vec![("errno", errno.to_string())], ""))
        }
        ExitCause::Exited if exit.oom || exit.code.is_some() || exit.signal.is_some() => {
            Some(failure::of_exit(&view(exit), early, place))
        }
        ExitCause::Killed if exit.oom => Some(failure::of_exit(&view(exit), early, place)),
        ExitCause::Exited | ExitCause::StdinClosed | ExitCause::Stopped => None,
        ExitCause::Killed
        | ExitCause::HeartbeatLost
        | ExitCause::SecretFileFailed { .. }
        | ExitCause::Garbled => Some(Trouble::passing(exit.cause.code(), Vec::new(), "")),
    }
}

fn view(exit: &Exit) -> ExitView {
    ExitView {
        code: exit.code,
        signal: exit.signal,
        oom: exit.oom,
        at: jiff::Timestamp::now(),
        ran_ms: u64::try_from(exit.duration.as_millis()).unwrap_or(u64::MAX),
        peak_memory: exit.peak_memory,
    }
}
