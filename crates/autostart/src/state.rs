//! What start at login can be, and why it may not be switched.

use std::io;
use std::path::PathBuf;

/// How start at login stands, as the system's own entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// This program starts at login.
    On,
    /// It does not.
    Off,
    /// There is an entry, and the person switched it off in the system's own settings.
    DisabledByPerson {
        /// Where they did.
        place: Place,
    },
    /// It does not start at login, and cannot be made to as things are.
    Refused {
        /// Why.
        reason: Refusal,
    },
    /// An entry is switched on and starts another program: an older place of this one, or a second copy.
    Stale {
        /// The program that it names.
        path: PathBuf,
    },
    /// There is nothing here that this program could write for a start at login.
    Unsupported,
}

impl State {
    /// The stable word for the state: what interfaces show and translate.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::On => "autostart_on",
            Self::Off => "autostart_off",
            Self::DisabledByPerson { .. } => "autostart_disabled_by_person",
            Self::Refused { reason } => reason.code(),
            Self::Stale { .. } => "autostart_stale",
            Self::Unsupported => "autostart_unsupported",
        }
    }
}

/// Where a person switches programs off that start at login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The desktop's list of programs to start; it is kept in this file.
    StartupApplications(PathBuf),
    /// System Settings, General, Login Items.
    LoginItems,
    /// Settings, Apps, Startup, which is also in the Task Manager.
    StartupApps,
}

/// Why start at login cannot be switched on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// macOS runs a downloaded program from a random read-only place until it is moved.
    #[error("macOS runs MCPProxy from a temporary place. Move it to Applications and open it there.")]
    Translocated,
    /// A mounted image or drive is not there at login.
    #[error("MCPProxy runs from a mounted volume. Move it to Applications and open it there.")]
    MountedVolume,
    /// The path holds a character that whoever starts entries here cannot start.
    #[error(
        "The path of MCPProxy has a {0} in it, which this desktop cannot start at login. Move it to another folder."
    )]
    Unstartable(char),
    /// The entry is text.
    #[error("The path of MCPProxy is not valid text. Move it to another folder.")]
    PathNotText,
    /// The path holds a line break or another control character, which no entry can hold.
    #[error("The path of MCPProxy has a control character in it. Move it to another folder.")]
    ControlInPath,
    /// Windows passes over longer values.
    #[error("The path of MCPProxy is too long for Windows to start it at login. Move it to another folder.")]
    PathTooLong,
    /// The entry is there and cannot be read.
    #[error("The entry for start at login cannot be read: {0}")]
    Unreadable(String),
}

impl Refusal {
    /// The stable word for the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Translocated => "autostart_translocated",
            Self::MountedVolume => "autostart_mounted_volume",
            Self::Unstartable(_) => "autostart_path_unstartable",
            Self::PathNotText => "autostart_path_not_text",
            Self::ControlInPath => "autostart_control_in_path",
            Self::PathTooLong => "autostart_path_too_long",
            Self::Unreadable(_) => "autostart_unreadable",
        }
    }
}

/// Why a wish about start at login was not fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The entry cannot be made for this program at this place.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The system did not let the entry be written or removed.
    #[error("Start at login could not be changed in {place}: {source}")]
    Write {
        /// The file or key.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// There is nothing here to write to.
    #[error("This system offers no start at login to MCPProxy.")]
    Unsupported,
    /// This program's own path or the home folder is unknown.
    #[error("MCPProxy cannot tell {what}: {source}")]
    Unknown {
        /// What is unknown.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Error {
    /// The stable word for the error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(reason) => reason.code(),
            Self::Write { .. } => "autostart_write",
            Self::Unsupported => "autostart_unsupported",
            Self::Unknown { .. } => "autostart_unknown",
        }
    }
}
