//! Calls while everything is paused: none begins, those that run may finish, and what is left when the servers are
//! held still gets its one answer all the same. Lists are answered from what is known.

use tokio::sync::watch;
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

use crate::{Gateway, request::Failure};

/// What a client is told.
pub(crate) const PAUSED: &str = "MCPProxy is paused by the user.";
/// The stable code beside it.
pub(crate) const PAUSED_CODE: &str = "paused";

/// How far a pause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Calls pass.
    Open,
    /// No call begins.
    Closing,
    /// No call is waited for any more.
    Closed,
}

/// Whether calls pass.
#[derive(Debug)]
pub(crate) struct Pause {
    stage: watch::Sender<Stage>,
    calls: TaskTracker,
}

impl Default for Pause {
    fn default() -> Self {
        Self { stage: watch::Sender::new(Stage::Open), calls: TaskTracker::new() }
    }
}

impl Pause {
    /// Lets a call begin, and counts it until the pass is dropped.
    pub(crate) fn enter(&self) -> Result<Pass, Failure> {
        // Counted first: whoever closes after this look waits for it.
        let token = self.calls.token();
        let stage = self.stage.subscribe();
        if *stage.borrow() == Stage::Open { Ok(Pass { stage, _token: token }) } else { Err(Failure::Paused) }
    }

    pub(crate) fn is_on(&self) -> bool {
        *self.stage.borrow() != Stage::Open
    }
}

/// A call that was let begin.
pub(crate) struct Pass {
    stage: watch::Receiver<Stage>,
    _token: TaskTrackerToken,
}

impl Pass {
    /// Waits until the call is no longer waited for.
    pub(crate) async fn revoked(&mut self) {
        if self.stage.wait_for(|stage| *stage == Stage::Closed).await.is_err() {
            std::future::pending().await
        }
    }
}

impl Gateway {
    /// From now on no call begins; clients stay connected and still see what there is.
    pub fn pause(&self) {
        self.inner.pause.stage.send_replace(Stage::Closing);
        self.inner.pause.calls.close();
    }

    /// Waits until no call runs any more. Only of use while paused.
    pub async fn calls_ended(&self) {
        self.inner.pause.calls.wait().await;
    }

    /// Answers the calls that still run: their servers are about to be held still.
    pub fn give_up_calls(&self) {
        self.inner.pause.stage.send_if_modified(|stage| {
            let closing = *stage == Stage::Closing;
            if closing {
                *stage = Stage::Closed;
            }
            closing
        });
    }

    /// How many requests a server works on now.
    pub fn calls_at(&self, server: &str) -> usize {
        self.inner.store.load().server(server).map_or(0, |attached| attached.handle.in_flight())
    }

    /// Calls pass again.
    pub fn resume(&self) {
        self.inner.pause.calls.reopen();
        self.inner.pause.stage.send_replace(Stage::Open);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_began_is_counted_until_it_ends_and_no_other_begins() {
        let pause = Pause::default();
        let pass = pause.enter().map_err(|_| ()).expect("open");
        pause.stage.send_replace(Stage::Closing);
        pause.calls.close();
        assert!(pause.enter().is_err() && pause.is_on());
        assert!(!pause.calls.is_empty());
        drop(pass);
        pause.calls.wait().await;
    }

    #[tokio::test]
    async fn a_call_is_revoked_only_when_it_is_no_longer_waited_for() {
        let pause = Pause::default();
        let mut pass = pause.enter().map_err(|_| ()).expect("open");
        pause.stage.send_replace(Stage::Closing);
        assert!(futures_util::FutureExt::now_or_never(pass.revoked()).is_none());
        pause.stage.send_replace(Stage::Closed);
        pass.revoked().await;
    }
}
