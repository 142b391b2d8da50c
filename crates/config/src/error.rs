//! Why a configuration cannot be read, used or saved.

use std::path::PathBuf;

use crate::Position;

/// Why a configuration cannot be read, used or saved.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The text is no JSON (comments and trailing commas are fine).
    #[error("{at}: {expected}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is missing or wrong there.
        expected: &'static str,
    },
    /// A value that cannot be used.
    #[error("{0}")]
    Invalid(Box<Mistake>),
    /// There is no such file.
    #[error("{} does not exist.", .path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
    },
    /// The file is no configuration: too large, not text, or no file.
    #[error("{} cannot be used: {reason}.", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The system did not let us read the file.
    #[error("{} cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system did not let us write the file.
    #[error("{} cannot be written: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Somebody else changed the file after it was read; read it again and repeat the edit.
    #[error("{} was changed by another program meanwhile.", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An edit names a server that is not there.
    #[error("There is no server named {name}.")]
    UnknownServer {
        /// The name.
        name: String,
    },
    /// An edit adds a server whose name is taken.
    #[error("There is already a server named {name}.")]
    DuplicateServer {
        /// The name.
        name: String,
    },
}

impl ConfigError {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "config_syntax",
            Self::Invalid(_) => "config_invalid",
            Self::NotFound { .. } => "config_not_found",
            Self::Unusable { .. } => "config_unusable",
            Self::Read { .. } => "config_read",
            Self::Write { .. } => "config_write",
            Self::Changed { .. } => "config_changed",
            Self::UnknownServer { .. } => "server_unknown",
            Self::DuplicateServer { .. } => "server_duplicate",
        }
    }

    /// Where in the file, if the error is about a place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { at, .. } => Some(*at),
            Self::Invalid(mistake) => mistake.at,
            _ => None,
        }
    }

    /// The parts of the error's sentence, by name.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        if let Some(at) = self.position() {
            fields.push(("line", at.line.to_string()));
            fields.push(("column", at.column.to_string()));
        }
        match self {
            Self::Syntax { expected, .. } => fields.push(("expected", (*expected).to_owned())),
            Self::Invalid(mistake) => {
                fields.push(("server", mistake.server.clone().unwrap_or_default()));
                fields.push(("key", mistake.key.clone()));
                fields.push(("value", mistake.value.clone()));
                fields.push(("expected", mistake.expected.clone()));
                fields.push(("suggestion", mistake.suggestion.clone().unwrap_or_default()));
            }
            Self::NotFound { path } | Self::Changed { path } => {
                fields.push(("path", path.display().to_string()))
            }
            Self::Unusable { path, reason } => {
                fields.push(("path", path.display().to_string()));
                fields.push(("reason", (*reason).to_owned()));
            }
            Self::Read { path, source } | Self::Write { path, source } => {
                fields.push(("path", path.display().to_string()));
                fields.push(("reason", source.to_string()));
            }
            Self::UnknownServer { name } | Self::DuplicateServer { name } => {
                fields.push(("server", name.clone()))
            }
        }
        fields
    }
}

/// A value that cannot be used, and what should stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The server whose setting it is.
    pub server: Option<String>,
    /// The key, with its parents (`docker_isolation.timeout`).
    pub key: String,
    /// Where; absent when the value did not come from a file.
    pub at: Option<Position>,
    /// What stands there, shortened; secrets are hidden. Empty when something is missing.
    pub value: String,
    /// What should stand there.
    pub expected: String,
    /// What could be written instead, where we can tell.
    pub suggestion: Option<String>,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(at) = self.at {
            write!(f, "{at}: ")?;
        }
        if let Some(server) = &self.server {
            write!(f, "{server}: ")?;
        }
        match self.value.as_str() {
            "" => write!(f, "{} needs {}.", self.key, self.expected)?,
            value => write!(f, "{} {value} cannot be used. It takes {}.", self.key, self.expected)?,
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, " Write {suggestion}."),
            None => Ok(()),
        }
    }
}

impl From<Mistake> for ConfigError {
    fn from(mistake: Mistake) -> Self {
        Self::Invalid(Box::new(mistake))
    }
}
