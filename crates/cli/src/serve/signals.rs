//! Signals that end the program: the interrupt key, a polite request, and the end of the terminal it was started in.

use anyhow::{Context, Result};

#[cfg(unix)]
mod platform {
    use anyhow::Result;
    use tokio::signal::unix::{self, SignalKind, signal};

    #[derive(Debug)]
    pub(super) struct Source {
        interrupt: unix::Signal,
        terminate: unix::Signal,
        /// None where `nohup` asked for the terminal's end to be survived.
        hangup: Option<unix::Signal>,
    }

    impl Source {
        pub(super) fn new() -> Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
            })
        }

        pub(super) async fn next(&mut self) {
            let hangup = async {
                match &mut self.hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                _ = hangup => {}
            }
        }
    }

    /// What this process inherited, as the kernel tells it; systems that do not tell count as asked to end.
    fn hangup_is_ignored() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        ignores_hangup(&status)
    }

    fn ignores_hangup(status: &str) -> bool {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
    }

    #[cfg(test)]
    mod tests {
        use super::ignores_hangup;

        #[test]
        fn the_mask_of_ignored_signals_tells_of_nohup() {
            assert!(ignores_hangup("Name:\tx\nSigIgn:\t0000000000001001\n"));
            assert!(!ignores_hangup("Name:\tx\nSigIgn:\t0000000000001000\n"));
            assert!(!ignores_hangup(""));
        }
    }
}

#[cfg(not(unix))]
mod platform {
    use anyhow::Result;

    #[derive(Debug)]
    pub(super) struct Source;

    impl Source {
        #[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix")]
        pub(super) fn new() -> Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
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

    /// Returns when the program shall end.
    pub(super) async fn next(&mut self) {
        self.0.next().await;
    }
}
