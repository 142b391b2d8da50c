//! What the parts of the application share: handles, and nothing that could not be derived from a snapshot.

use crate::{args::Args, crash::Crash, quit::Gate, stage::Stage};
use mcpproxy_core::{Core, Paths, Settings};
use std::sync::Arc;
use tauri::AppHandle;
use tokio::sync::{mpsc, watch};

/// Rows that were chosen and wait to be carried out; more than a person can click.
pub(crate) const CLICKS: usize = 32;

/// The application, as its parts see it; clones share it.
#[derive(Clone)]
pub(crate) struct Face(Arc<Shared>);

/// What is shared.
pub(crate) struct Shared {
    pub(crate) args: Args,
    pub(crate) settings: Settings,
    pub(crate) paths: Paths,
    pub(crate) stage: watch::Receiver<Stage>,
    pub(crate) gate: Gate,
    pub(crate) clicks: mpsc::Sender<String>,
    /// Whether a tray shows the icon; none until that is known.
    pub(crate) tray: watch::Sender<Option<bool>>,
    /// How the program ended the last time, when that was not well.
    pub(crate) crash: watch::Sender<Option<Crash>>,
    /// Turns true each time the page says that something is painted.
    pub(crate) painted: watch::Sender<u64>,
    /// Counts the times the window was shown, so that an old timer does not free a window that is used again.
    pub(crate) shown: watch::Sender<u64>,
}

impl Face {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// The core, while it runs.
    pub(crate) fn core(&self) -> Option<Core> {
        self.stage.borrow().core()
    }

    /// What the system's autostart entry is about.
    pub(crate) fn autostart(&self) -> Option<mcpproxy_autostart::Surroundings> {
        crate::autostart::surroundings(&self.settings)
    }
}

impl std::ops::Deref for Face {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The face that an application's handle carries.
pub(crate) fn of(app: &AppHandle) -> Face {
    use tauri::Manager as _;
    app.state::<Face>().inner().clone()
}
