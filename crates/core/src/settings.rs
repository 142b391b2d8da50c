//! What a start is given: flags, environment and home as values, so that nothing inside reads the process.
use std::path::PathBuf;

use mcpproxy_secrets::Secret;

/// Who holds the core in its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// `mcpproxy serve`, started by a person or a unit.
    Serve,
    /// A `serve` that `mcpproxy stdio` started by itself; it yields to an app.
    Detached,
    /// The desktop app.
    App,
}

impl Host {
    /// The word that stands in the lock file and in status.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Detached => "detached",
            Self::App => "app",
        }
    }
}

/// Everything a start depends on; each `None` falls back to environment, file and default, in this order.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who hosts the core.
    pub host: Host,
    /// The version that is shown and declared to servers.
    pub version: String,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--log-dir`.
    pub log_dir: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--api-key`.
    pub api_key: Option<Secret>,
    /// `--log-level`.
    pub log_level: Option<String>,
    /// `--log-to-file=false` switches the files off.
    pub log_to_file: bool,
    /// The process environment.
    pub environment: Vec<(String, String)>,
    /// The person's home folder.
    pub home: PathBuf,
    /// The folder the process was started in.
    pub working_dir: PathBuf,
    /// The program that clients start for `stdio`; none means the one beside this one.
    pub program: Option<PathBuf>,
    /// A terminal is there: the process environment is already the login shell's.
    pub terminal: bool,
}

impl Settings {
    /// Settings of a plain start: no flags, the given environment and home.
    pub fn new(host: Host, version: impl Into<String>, home: PathBuf) -> Self {
        Self {
            host,
            version: version.into(),
            config: None,
            data_dir: None,
            log_dir: None,
            listen: None,
            api_key: None,
            log_level: None,
            log_to_file: true,
            environment: Vec::new(),
            working_dir: home.clone(),
            home,
            program: None,
            terminal: true,
        }
    }

    /// The value of an environment variable, none when it is absent or empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}
