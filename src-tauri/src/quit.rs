//! One gate for every way to end: the menu, signals, the session, another start. It opens once.
//!
//! The first to come starts the end of all servers; the event loop leaves only after that.

use std::sync::Arc;
use tauri::AppHandle;
use tokio::{
    sync::watch,
    time::{Duration, timeout},
};

/// How long the system waits for a program at the end of a session.
const SESSION_END: Duration = Duration::from_secs(4);

/// How the program shall go on after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Not at all.
    Leave,
    /// It starts anew.
    StartAgain,
}

/// The gate; clones share it.
#[derive(Clone)]
pub(crate) struct Gate {
    wanted: Arc<watch::Sender<bool>>,
    after: Arc<watch::Sender<After>>,
    ended: watch::Receiver<bool>,
}

/// What the core's life holds of the gate.
pub(crate) struct Inside {
    /// Turns true when the end is wanted.
    pub(crate) wanted: watch::Receiver<bool>,
    /// Is set when nothing is left.
    pub(crate) ended: watch::Sender<bool>,
}

/// A closed gate.
pub(crate) fn gate() -> (Gate, Inside) {
    let (wanted, wish) = watch::channel(false);
    let (ended, end) = watch::channel(false);
    let after = Arc::new(watch::Sender::new(After::Leave));
    (Gate { wanted: Arc::new(wanted), after, ended: end }, Inside { wanted: wish, ended })
}

impl Gate {
    /// Asks for the end; the first one decides what comes after it.
    pub(crate) fn ask(&self, after: After, why: &'static str) {
        let first = self.wanted.send_if_modified(|wanted| !std::mem::replace(wanted, true));
        if first {
            self.after.send_replace(after);
            tracing::info!(why, "MCPProxy ends");
        }
    }

    /// Whether the end was asked for.
    pub(crate) fn is_wanted(&self) -> bool {
        *self.wanted.borrow()
    }

    /// Whether nothing is left that has to be ended.
    pub(crate) fn is_open(&self) -> bool {
        *self.ended.borrow()
    }

    /// What comes after the end.
    pub(crate) fn after(&self) -> After {
        *self.after.borrow()
    }

    /// Waits until nothing is left.
    pub(crate) async fn passed(&self) {
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// The session ends and the system waits for this very call: all servers are ended before it returns.
    pub(crate) fn session_ends(&self) {
        if self.is_open() {
            return;
        }
        self.ask(After::Leave, "session");
        tauri::async_runtime::block_on(async {
            if timeout(SESSION_END, self.passed()).await.is_err() {
                tracing::warn!("the session did not wait for the end of all servers");
            }
        });
    }
}

/// Leaves the event loop as soon as everything has ended.
pub(crate) async fn leave(gate: Gate, app: AppHandle) {
    gate.passed().await;
    app.exit(0);
}

#[cfg(unix)]
mod signals {
    use super::{After, Gate};
    use tokio::signal::unix::{SignalKind, signal};

    /// The first signal asks for the end, the second one does not wait for it.
    pub(crate) async fn listen(gate: Gate) -> std::io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        loop {
            let number = tokio::select! {
                _ = interrupt.recv() => 2,
                _ = terminate.recv() => 15,
                _ = hangup.recv() => 1,
            };
            if gate.is_wanted() {
                std::process::exit(128 + number);
            }
            gate.ask(After::Leave, "signal");
        }
    }
}

#[cfg(not(unix))]
mod signals {
    use super::{After, Gate};

    /// A window program has no console; this serves starts from one.
    pub(crate) async fn listen(gate: Gate) -> std::io::Result<()> {
        loop {
            tokio::signal::ctrl_c().await?;
            if gate.is_wanted() {
                std::process::exit(130);
            }
            gate.ask(After::Leave, "signal");
        }
    }
}

pub(crate) use signals::listen;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_to_ask_decides_and_all_wait_for_the_one_end() {
        let (gate, mut inside) = gate();
        let other = gate.clone();
        assert!(!gate.is_wanted());
        gate.ask(After::StartAgain, "test");
        other.ask(After::Leave, "test");
        assert_eq!(other.after(), After::StartAgain);
        inside.wanted.wait_for(|wanted| *wanted).await.unwrap();
        assert!(!gate.is_open());
        inside.ended.send_replace(true);
        tokio::join!(gate.passed(), other.passed());
        assert!(other.is_open());
    }
}
