//! How the login shell is asked.

use std::path::PathBuf;
use std::time::Duration;

/// When the login shell is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Unless we were started from a terminal, whose environment is complete.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the login shell is asked.
#[derive(Debug, Clone)]
pub struct CaptureOptions {
    /// When to ask.
    pub mode: Mode,
    /// The process's own environment.
    pub process: Vec<(String, String)>,
    /// The program that answers `--print-env`; without one the shell prints its environment itself.
    pub responder: Option<PathBuf>,
    /// The shell to ask instead of the person's own.
    pub shell: Option<PathBuf>,
    /// The home folder; the user database's entry if absent.
    pub home: Option<PathBuf>,
    /// A folder for the answer of the last time; nothing is kept without one.
    pub cache_dir: Option<PathBuf>,
    /// Our version, so that a newer one does not trust an older one's answer.
    pub version: String,
    /// How long the shell may take.
    pub deadline: Duration,
    /// How long the second, simpler attempt may take.
    pub retry_deadline: Duration,
    /// Ask even when running as root, whose start-up files we otherwise leave alone.
    pub allow_root: bool,
    /// Further variables to take from the shell, since the configuration refers to them by name.
    pub wanted: Vec<String>,
    /// Folders with tools that belong behind everything on `PATH`, if they exist.
    pub bundle_dirs: Vec<PathBuf>,
}

impl CaptureOptions {
    /// The usual way for a process with this environment.
    pub fn new(process: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            mode: Mode::Auto,
            process: process.into_iter().collect(),
            responder: None,
            shell: None,
            home: None,
            cache_dir: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            deadline: Duration::from_secs(5),
            retry_deadline: Duration::from_secs(3),
            allow_root: false,
            wanted: Vec::new(),
            bundle_dirs: Vec::new(),
        }
    }

    /// A variable of the process's own environment.
    #[cfg(unix)]
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.process.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
