//! The smaller values of the configuration.

use std::path::PathBuf;

/// A key for one client; it opens `/mcp` and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientKey {
    /// The client's name, shown beside its sessions.
    pub name: String,
    /// The key itself.
    pub key: String,
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientKey").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What `/mcp` offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutingMode {
    /// A few built-in tools that search and call the rest.
    RetrieveTools,
    /// Every tool of every server.
    Direct,
    /// One tool that runs scripts.
    CodeExecution,
}

impl RoutingMode {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RetrieveTools => "retrieve_tools",
            Self::Direct => "direct",
            Self::CodeExecution => "code_execution",
        }
    }
}

/// Whether the login shell is asked for `PATH` and a few other variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShellEnvironment {
    /// Only when not started from a terminal.
    #[default]
    Auto,
    /// At every start.
    Always,
    /// Never.
    Never,
}

/// Where and how much is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingConfig {
    /// The lowest level that is written.
    pub level: String,
    /// Whether log files are written.
    pub enable_file: bool,
    /// Whether the log also goes to standard error.
    pub enable_console: bool,
    /// Name of the main log file.
    pub filename: String,
    /// The folder, with `~` expanded; `None` means the system's usual one.
    pub log_dir: Option<PathBuf>,
    /// Size in megabytes at which a file is set aside.
    pub max_size_mb: u32,
    /// How many files set aside are kept.
    pub max_backups: u32,
    /// Days after which a file set aside is deleted; 0 means never.
    pub max_age_days: u32,
    /// Whether files set aside are compressed.
    pub compress: bool,
    /// Whether each line is a JSON object.
    pub json_format: bool,
}

impl Default for LoggingConfig {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            enable_file: true,
            enable_console: true,
            filename: "main.log".to_owned(),
            log_dir: None,
            max_size_mb: 10,
            max_backups: 5,
            max_age_days: 30,
            compress: true,
            json_format: false,
        }
    }
}

/// How much of what was done is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivityConfig {
    /// Days after which a record is deleted; 0 means never.
    pub retention_days: u32,
    /// Records that are kept; 0 means any number.
    pub max_records: u64,
    /// Megabytes that the records may take; 0 means any size.
    pub max_size_mb: u32,
    /// Bytes of arguments and of a response that a record keeps.
    pub max_response_size: u32,
    /// Minutes between two looks for what is too old.
    pub cleanup_interval_min: u32,
}

impl Default for ActivityConfig {
    fn default() -> Self {
        Self {
            retention_days: 90,
            max_records: 100_000,
            max_size_mb: 256,
            max_response_size: 65_536,
            cleanup_interval_min: 60,
        }
    }
}
