//! Signals as wishes: end, or read the configuration again.

use anyhow::{Context, Result};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// End everything in order.
    End,
    /// Read the configuration file again.
    Reload,
}

#[cfg(unix)]
mod platform {
    use super::Signal;
    use anyhow::Result;
    use tokio::signal::unix::{self, SignalKind, signal};

    #[derive(Debug)]
    pub(super) struct Source {
        interrupt: unix::Signal,
        terminate: unix::Signal,
        hangup: unix::Signal,
    }

    impl Source {
        pub(super) fn new() -> Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
            })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::End,
                _ = self.terminate.recv() => Signal::End,
                _ = self.hangup.recv() => Signal::Reload,
            }
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use super::Signal;
    use anyhow::Result;

    #[derive(Debug)]
    pub(super) struct Source;

    impl Source {
        #[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
        pub(super) fn new() -> Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) -> Signal {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Signal::End
        }
    }
}

/// The signals of this process, listened to from before the start on.
#[derive(Debug)]
pub(super) struct Signals(platform::Source);

impl Signals {
    pub(super) fn listen() -> Result<Self> {
        platform::Source::new().map(Self).context("Signals cannot be listened to")
    }

    /// The next signal.
    pub(super) async fn next(&mut self) -> Signal {
        self.0.next().await
    }

    /// A second wish to end, while the first is being carried out.
    pub(super) async fn second(&mut self) {
        while self.0.next().await != Signal::End {}
    }
}
