//! Pausing everything: calls are refused at once, those that run may finish, then the servers are held still. They keep
//! their memory; clients stay connected. A pause ends with its resume, or with the program.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use mcpproxy_gateway::Gateway;
use tokio::{sync::watch, task::JoinHandle, time::timeout};

use crate::board::Board;

/// How long calls that run may take to finish.
const DRAIN: Duration = Duration::from_secs(10);

/// A pause that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PausedView {
    /// When it was asked for.
    pub since: Timestamp,
    /// No call runs any more, and the servers are held still.
    pub settled: bool,
}

/// What servers have to do because of a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Hold {
    /// Nothing.
    #[default]
    Off,
    /// Who is not started waits; who runs finishes its calls.
    Starts,
    /// Who runs stands still.
    Still,
}

/// The pause, held by the steward.
pub(crate) struct Pause {
    hold: watch::Sender<Hold>,
    gateway: Gateway,
    board: Arc<Board>,
    draining: Option<JoinHandle<()>>,
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.stop_draining();
    }
}

impl Pause {
    pub(crate) fn new(hold: watch::Sender<Hold>, gateway: Gateway, board: Arc<Board>) -> Self {
        Self { hold, gateway, board, draining: None }
    }

    /// Begins; calls that run are waited for in the background.
    pub(crate) fn begin(&mut self) -> bool {
        if *self.hold.borrow() != Hold::Off {
            return false;
        }
        tracing::info!("paused by the user");
        self.hold.send_replace(Hold::Starts);
        self.gateway.pause();
        self.board.set_paused(Some(PausedView { since: Timestamp::now(), settled: false }));
        let (hold, gateway, board) = (self.hold.clone(), self.gateway.clone(), Arc::clone(&self.board));
        self.draining = Some(tokio::spawn(async move {
            if timeout(DRAIN, gateway.calls_ended()).await.is_err() {
                tracing::warn!("calls that did not finish in time are given up");
            }
            gateway.give_up_calls();
            if still(&hold) {
                board.settle_pause();
            }
        }));
        true
    }

    /// Ends; the servers go on where they were.
    pub(crate) fn end(&mut self) -> bool {
        self.stop_draining();
        if self.hold.send_replace(Hold::Off) == Hold::Off {
            return false;
        }
        self.gateway.resume();
        self.board.set_paused(None);
        tracing::info!("resumed by the user");
        true
    }

    fn stop_draining(&mut self) {
        if let Some(draining) = self.draining.take() {
            draining.abort();
        }
    }
}

/// Lets servers stand still, unless the pause ended at this very moment: an aborted task ends at its next wait only.
fn still(hold: &watch::Sender<Hold>) -> bool {
    hold.send_if_modified(|hold| {
        let waits = *hold == Hold::Starts;
        if waits {
            *hold = Hold::Still;
        }
        waits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_do_not_stand_still_for_a_pause_that_ended_meanwhile() {
        let hold = watch::Sender::new(Hold::Starts);
        assert!(still(&hold));
        assert_eq!(*hold.borrow(), Hold::Still);
        hold.send_replace(Hold::Off);
        assert!(!still(&hold), "resumed while the last calls ended");
        assert_eq!(*hold.borrow(), Hold::Off);
    }
}
