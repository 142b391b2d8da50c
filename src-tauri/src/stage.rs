//! Where the application stands, as everything that is seen reads it.

use axum::Router;
use mcpproxy_core::Core;
use tokio::sync::watch;

/// The core's life in this process.
#[derive(Clone)]
pub(crate) enum Stage {
    /// It is on its way.
    Starting,
    /// It runs, and this router leads to it.
    Running { core: Core, router: Router },
    /// It could not start.
    Failed(Problem),
    /// It is being ended.
    Quitting,
}

/// Why the core did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The stable code.
    pub(crate) code: String,
    /// The sentence, with what to do.
    pub(crate) reason: String,
}

impl Stage {
    /// The stable word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running { .. } => "running",
            Self::Failed(_) => "failed",
            Self::Quitting => "quitting",
        }
    }

    /// The core, while it runs.
    pub(crate) fn core(&self) -> Option<Core> {
        match self {
            Self::Running { core, .. } => Some(core.clone()),
            _ => None,
        }
    }
}

/// The one who changes the stage.
pub(crate) fn channel() -> (watch::Sender<Stage>, watch::Receiver<Stage>) {
    watch::channel(Stage::Starting)
}
