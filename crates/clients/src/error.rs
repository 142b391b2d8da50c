//! Why a client's file was not read or written: codes for programs, words for people.

use crate::Mistake;

/// Why something could not be done with a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing of the client is on this computer.
    #[error("{client} was not found on this computer.")]
    Absent {
        /// The client.
        client: &'static str,
    },
    /// The file has a mistake.
    #[error(
        "{client}'s {file} has a mistake at line {}, column {} ({}). MCPProxy will not write into it.",
        mistake.line, mistake.column, mistake.what
    )]
    Broken {
        /// The client.
        client: &'static str,
        /// The file.
        file: String,
        /// What is wrong, and where.
        mistake: Mistake,
    },
    /// The file, or what would be written, is not what the person saw.
    #[error("{client} changed this file meanwhile. Look at the new difference.")]
    Changed {
        /// The client.
        client: &'static str,
    },
    /// The system lets nobody look.
    #[error("The system refused access to {client}'s file {file}. Allow MCPProxy in the privacy settings.")]
    Refused {
        /// The client.
        client: &'static str,
        /// The file.
        file: String,
    },
    /// The system would ask the person first.
    #[error("The system will ask before MCPProxy may look into {client}'s file. Ask for it explicitly.")]
    NeedsConsent {
        /// The client.
        client: &'static str,
    },
    /// The file is of a kind that is not read or written.
    #[error("{client}'s {file} cannot be used: {reason}.")]
    Unusable {
        /// The client.
        client: &'static str,
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// Reading, writing or keeping a copy failed.
    #[error("{what} {file} failed: {error}. Nothing of {client} was changed.")]
    Failed {
        /// The client.
        client: &'static str,
        /// What was tried, e.g. `Writing`.
        what: &'static str,
        /// The file.
        file: String,
        /// The system's answer.
        #[source]
        error: std::io::Error,
    },
    /// There is no kept copy.
    #[error("There is nothing to undo for {client}.")]
    NothingToUndo {
        /// The client.
        client: &'static str,
    },
    /// Our entry is not in the file.
    #[error("{client} is not connected.")]
    NotConnected {
        /// The client.
        client: &'static str,
    },
    /// An entry that shall be taken is not in the file.
    #[error("{client} has no server named {name} in its file.")]
    UnknownEntry {
        /// The client.
        client: &'static str,
        /// The entry.
        name: String,
    },
}

impl ClientError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Absent { .. } => "client_absent",
            Self::Broken { .. } => "client_file_broken",
            Self::Changed { .. } => "client_file_changed",
            Self::Refused { .. } => "client_data_refused",
            Self::NeedsConsent { .. } => "client_needs_consent",
            Self::Unusable { .. } => "client_file_unusable",
            Self::Failed { .. } => "client_file_failed",
            Self::NothingToUndo { .. } => "client_nothing_to_undo",
            Self::NotConnected { .. } => "client_not_connected",
            Self::UnknownEntry { .. } => "client_entry_unknown",
        }
    }

    /// Where the mistake in the file stands.
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Broken { mistake, .. } => Some((mistake.line, mistake.column)),
            _ => None,
        }
    }
}
