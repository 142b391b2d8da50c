//! What an engine or the way to it answers when something fails, sorted by what a person can do about it.
use std::fmt::Display;
use std::io;
use std::time::Duration;

use super::endpoint::Endpoint;

/// Why a connection could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unreachable {
    /// There is no such socket, pipe or host.
    Absent,
    /// Something was there, nobody listens.
    Refused,
    /// The system does not let this user in.
    Permission,
    /// Nothing came back in time.
    Silent,
    /// This system cannot speak to such an address.
    Unsupported,
    /// Anything else the system said.
    Other,
}

/// A request to an engine that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No connection.
    #[error("The engine at {endpoint} cannot be reached: {detail}.")]
    Unreachable {
        /// Where it should be.
        endpoint: String,
        /// What stood in the way.
        reason: Unreachable,
        /// The system's words.
        detail: String,
    },
    /// The connection broke during a request.
    #[error("The connection to the engine broke: {detail}.")]
    Lost {
        /// What was seen.
        detail: String,
    },
    /// The engine took longer than this program waits.
    #[error("The engine did not finish “{what}” within {} s.", after.as_secs())]
    Timeout {
        /// The request in a word.
        what: &'static str,
        /// How long it was waited for.
        after: Duration,
    },
    /// An answer that is not what the API promises.
    #[error("The engine's answer makes no sense: {detail}.")]
    Protocol {
        /// What is wrong with it.
        detail: String,
    },
    /// No image of that name in the engine.
    #[error("The engine has no such image: {message}")]
    NoSuchImage {
        /// The engine's words.
        message: String,
    },
    /// Something else that does not exist there: a container, a volume, a path.
    #[error("The engine does not know it: {message}")]
    NotFound {
        /// The engine's words.
        message: String,
    },
    /// The name of a container or volume is taken.
    #[error("The name is taken in the engine: {message}")]
    NameTaken {
        /// The engine's words.
        message: String,
    },
    /// Something is in use or in the wrong state.
    #[error("The engine cannot do that now: {message}")]
    Conflict {
        /// The engine's words.
        message: String,
    },
    /// A folder that should be mounted does not exist where the engine looks.
    #[error("The engine does not see the folder: {message}")]
    BindMissing {
        /// The engine's words.
        message: String,
    },
    /// A folder that the engine's virtual machine does not share.
    #[error("The engine may not share the folder: {message}")]
    FolderNotShared {
        /// The engine's words.
        message: String,
    },
    /// The image cannot start the program it should.
    #[error("The image cannot run its first program: {message}")]
    Entrypoint {
        /// The engine's words.
        message: String,
    },
    /// A user named by a word that the image does not know.
    #[error("The image has no such user: {message}")]
    UnknownUser {
        /// The engine's words.
        message: String,
    },
    /// A network that does not exist or whose owner is gone.
    #[error("The network is not there: {message}")]
    Network {
        /// The engine's words.
        message: String,
    },
    /// No room on the engine's disk.
    #[error("The engine's disk is full: {message}")]
    DiskFull {
        /// The engine's words.
        message: String,
    },
    /// A gate in front of the engine (a filtering proxy) forbids the request.
    #[error("The engine's socket forbids this request: {message}")]
    Forbidden {
        /// The engine's words.
        message: String,
    },
    /// The request does not suit the engine.
    #[error("The engine refused the request: {message}")]
    Refused {
        /// The engine's words.
        message: String,
    },
    /// Anything else.
    #[error("The engine failed with status {status}: {message}")]
    Failed {
        /// Its HTTP status.
        status: u16,
        /// The engine's words.
        message: String,
    },
}

impl EngineError {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { reason: Unreachable::Permission, .. } => "engine_no_permission",
            Self::Unreachable { .. } => "engine_unreachable",
            Self::Lost { .. } => "engine_lost",
            Self::Timeout { .. } => "engine_timeout",
            Self::Protocol { .. } => "engine_protocol",
            Self::NoSuchImage { .. } => "engine_no_such_image",
            Self::NotFound { .. } => "engine_not_found",
            Self::NameTaken { .. } => "engine_name_taken",
            Self::Conflict { .. } => "engine_conflict",
            Self::BindMissing { .. } => "engine_bind_missing",
            Self::FolderNotShared { .. } => "engine_folder_not_shared",
            Self::Entrypoint { .. } => "engine_entrypoint",
            Self::UnknownUser { .. } => "engine_unknown_user",
            Self::Network { .. } => "engine_network",
            Self::DiskFull { .. } => "engine_disk_full",
            Self::Forbidden { .. } => "engine_forbidden",
            Self::Refused { .. } => "engine_refused",
            Self::Failed { .. } => "engine_failed",
        }
    }

    /// True when the engine itself is away or unwell, so that the same request may work later.
    pub const fn is_engine_away(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Lost { .. } | Self::Timeout { .. })
    }

    /// True when the thing asked for does not exist there.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::NoSuchImage { .. })
    }

    pub(crate) fn unreachable(endpoint: &Endpoint, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => Unreachable::Absent,
            io::ErrorKind::ConnectionRefused => Unreachable::Refused,
            io::ErrorKind::PermissionDenied => Unreachable::Permission,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Unreachable::Silent,
            io::ErrorKind::Unsupported => Unreachable::Unsupported,
            _ => Unreachable::Other,
        };
        Self::Unreachable { endpoint: endpoint.to_string(), reason, detail: error.to_string() }
    }

    pub(crate) fn lost(error: impl Display) -> Self {
        Self::Lost { detail: error.to_string() }
    }

    pub(crate) fn protocol(detail: impl Display) -> Self {
        Self::Protocol { detail: detail.to_string() }
    }

    /// Sorts an answer by its status and, where several causes share one, by the engine's words.
    pub(crate) fn answered(status: u16, message: &str) -> Self {
        let text = message.to_ascii_lowercase();
        let has = |part: &str| text.contains(part);
        let message = message.to_owned();
        if has("no space left on device") || has("disk quota exceeded") {
            return Self::DiskFull { message };
        }
        if has("bind source path does not exist") {
            return Self::BindMissing { message };
        }
        if has("mounts denied") || has("path is not shared") || has("filesharing") {
            return Self::FolderNotShared { message };
        }
        if has("unable to find user") || has("no matching entries in passwd file") {
            return Self::UnknownUser { message };
        }
        match status {
            404 if has("no such image") => Self::NoSuchImage { message },
            404 if has("network") => Self::Network { message },
            409 if has("cannot join network") => Self::Network { message },
            404 => Self::NotFound { message },
            409 if has("already in use by container") || has("is already in use") => {
                Self::NameTaken { message }
            }
            409 => Self::Conflict { message },
            400 | 500 if has("exec: ") || has("exec format error") => Self::Entrypoint { message },
            403 => Self::Forbidden { message },
            400 => Self::Refused { message },
            _ => Self::Failed { status, message },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_of_the_engine_gets_its_own_code() {
        for (status, message, code) in [
            (404, "No such image: python:9", "engine_no_such_image"),
            (404, "No such container: abc", "engine_not_found"),
            (
                409,
                "Conflict. The container name \"/x\" is already in use by container \"y\".",
                "engine_name_taken",
            ),
            (409, "cannot join network of a non running container: x", "engine_network"),
            (409, "removal of container x is already in progress", "engine_conflict"),
            (
                400,
                "invalid mount config for type \"bind\": bind source path does not exist: /x",
                "engine_bind_missing",
            ),
            (
                400,
                "OCI runtime create failed: exec: \"x\": stat x: no such file or directory",
                "engine_entrypoint",
            ),
            (500, "unable to find user mcp: no matching entries in passwd file", "engine_unknown_user"),
            (500, "write /var/lib/docker/tmp: no space left on device", "engine_disk_full"),
            (400, "conflicting options: hostname and the network mode", "engine_refused"),
            (403, "Forbidden", "engine_forbidden"),
            (404, "network nope not found", "engine_network"),
            (503, "starting", "engine_failed"),
        ] {
            assert_eq!(EngineError::answered(status, message).code(), code, "{status} {message}");
        }
    }

    #[test]
    fn only_an_absent_or_silent_engine_is_worth_asking_again() {
        assert!(EngineError::lost("eof").is_engine_away());
        assert!(EngineError::Timeout { what: "start", after: Duration::from_secs(1) }.is_engine_away());
        assert!(!EngineError::answered(400, "no").is_engine_away());
    }
}
