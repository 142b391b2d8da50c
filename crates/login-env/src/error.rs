//! Why the login shell was not, or could not be, asked.

use std::path::PathBuf;

/// Why the login shell was not, or could not be, asked. The process's own environment still serves.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// It is switched off, or we were started from a terminal.
    #[error("The login shell was not asked, since this program's own environment is complete.")]
    NotNeeded,
    /// We run as root.
    #[error("The login shell was not asked, since this program runs as root.")]
    Root,
    /// This system has no login shells.
    #[error("This system has no login shell; its own environment is used.")]
    Unsupported,
    /// There is no shell that we may run.
    #[error("No usable login shell was found.")]
    NoShell,
    /// The shell may be altered by others, or is not listed as one.
    #[error("The login shell {} was not run: {reason}.", .shell.display())]
    UntrustedShell {
        /// The shell.
        shell: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The shell could not be started.
    #[error("The login shell {} could not be started: {source}", .shell.display())]
    Start {
        /// The shell.
        shell: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The shell ended without an answer.
    #[error("The login shell {} ended without an answer. Look at its start-up files.", .shell.display())]
    NoAnswer {
        /// The shell.
        shell: PathBuf,
        /// Its exit code, if it had one.
        status: Option<i32>,
        /// The last of what it wrote.
        output: String,
    },
    /// The shell did not answer in time.
    #[error("The login shell {} did not answer within {seconds} s. Look at its start-up files.", .shell.display())]
    TimedOut {
        /// The shell.
        shell: PathBuf,
        /// The deadline.
        seconds: u64,
        /// The last of what it wrote.
        output: String,
    },
    /// The answer was not what we asked for.
    #[error("The answer of the login shell is not usable: {0}.")]
    BadAnswer(&'static str),
}

impl CaptureError {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotNeeded => "login_env_not_needed",
            Self::Root => "login_env_root",
            Self::Unsupported => "login_env_unsupported",
            Self::NoShell => "login_env_no_shell",
            Self::UntrustedShell { .. } => "login_env_untrusted_shell",
            Self::Start { .. } => "login_env_start",
            Self::NoAnswer { .. } => "login_env_no_answer",
            Self::TimedOut { .. } => "login_env_timed_out",
            Self::BadAnswer(_) => "login_env_bad_answer",
        }
    }
}
