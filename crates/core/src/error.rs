//! Why a start or a command failed: codes for programs, fields for the sentence that the rim writes.
use std::path::PathBuf;

use mcpproxy_config::ConfigError;

use crate::Holder;

/// Why the core did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be read or says something impossible.
    #[error("{}: {error}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong in it, with line and column.
        #[source]
        error: ConfigError,
    },
    /// Another instance holds the data folder.
    #[error("MCPProxy already runs here: {holder}. Stop it, or choose another folder with --data-dir.")]
    Locked {
        /// The data folder.
        data_dir: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// Others may enter the data folder.
    #[error("{} can be entered by other users (mode {mode:04o}). Run: chmod 700 {}", path.display(), path.display())]
    Permission {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The data folder or something in it cannot be made or read.
    #[error("{what} {} failed: {error}. Check the folder's owner and free space.", path.display())]
    Folder {
        /// What was tried, e.g. `Creating`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        #[source]
        error: std::io::Error,
    },
}

impl StartError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } => "config_broken",
            Self::Locked { .. } => "already_running",
            Self::Permission { .. } => "data_dir_open_to_others",
            Self::Folder { .. } => "data_dir_unusable",
        }
    }

    /// The exit code of `serve`.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Locked { .. } => 3,
            Self::Config { .. } => 4,
            Self::Permission { .. } => 5,
            Self::Folder { error, .. } if error.kind() == std::io::ErrorKind::PermissionDenied => 5,
            Self::Folder { .. } => 1,
        }
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no server of this name.
    #[error("There is no server named {name}. Run: mcpproxy servers list")]
    UnknownServer {
        /// The name that was asked for.
        name: String,
    },
    /// A server of this name already exists.
    #[error("A server named {name} already exists. Choose another name, or change that one.")]
    ServerExists {
        /// The name.
        name: String,
    },
    /// The change would leave a configuration that cannot work, or the file cannot be written.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The configuration file is broken; what stands in it must be mended before it is written again.
    #[error("{}. The file is not written until that is mended.", error.trim_end_matches('.'))]
    FileBroken {
        /// What is wrong in the file.
        error: String,
    },
    /// The configuration forbids this kind of change.
    #[error("The configuration does not allow this ({key}). Change it in the file.")]
    Denied {
        /// The key that forbids it.
        key: &'static str,
    },
    /// Nothing is being downloaded or installed for this server.
    #[error("{name} downloads and installs nothing at the moment.")]
    NothingToCancel {
        /// The server.
        name: String,
    },
    /// Isolation has no meaning for this server.
    #[error("{name} does not start a process of its own here, so there is nothing to isolate.")]
    NotIsolatable {
        /// The server.
        name: String,
    },
    /// The key is none that may be set from outside the file.
    #[error("{key:?} cannot be set here. Change it in the file, or by its own command.")]
    NotASetting {
        /// The key; empty for the whole.
        key: String,
    },
    /// No removal is remembered that could be undone.
    #[error("There is no removal that can still be undone. Add the server again.")]
    NothingToUndo,
    /// It runs without isolation already, so that there is nothing to limit in time.
    #[error(
        "{name} runs without isolation already, until it is turned on. Turn it on first: mcpproxy isolate {name} on"
    )]
    AlreadyUnprotected {
        /// The server.
        name: String,
    },
    /// Isolation cannot be off for so long, or not at all.
    #[error(
        "Isolation can be off for 1 second to 30 days. Name such a time, or turn it off until you turn it on."
    )]
    SpanOutOfRange,
    /// The exemption cannot be kept, so that it is not given.
    #[error("{} cannot be written: {error}. The server stays isolated.", path.display())]
    ExemptionNotSaved {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        error: std::io::Error,
    },
    /// The core is shutting down.
    #[error("MCPProxy is shutting down.")]
    Closed,
}

impl CommandError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownServer { .. } => "unknown_server",
            Self::ServerExists { .. } => "server_exists",
            Self::Config(error) => error.code(),
            Self::FileBroken { .. } => "config_file_broken",
            Self::Denied { .. } => "change_denied",
            Self::NothingToCancel { .. } => "nothing_to_cancel",
            Self::NotIsolatable { .. } => "not_isolatable",
            Self::NotASetting { .. } => "not_a_setting",
            Self::NothingToUndo => "nothing_to_undo",
            Self::AlreadyUnprotected { .. } => "already_unprotected",
            Self::SpanOutOfRange => "span_out_of_range",
            Self::ExemptionNotSaved { .. } => "exemption_not_saved",
            Self::Closed => "shutting_down",
        }
    }
}
