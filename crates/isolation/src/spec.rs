//! What a person asked to run, before anything is decided about where it runs.

use std::fmt;
use std::path::PathBuf;

use mcpproxy_secrets::Secret;

/// A word handed to a server: either public, or a secret that only ever travels in the shim's preamble.
#[derive(Clone, PartialEq)]
pub enum Text {
    /// May be shown, logged and compared.
    Plain(String),
    /// Shown as `***`, whatever prints it.
    Secret(Secret),
    /// Holds a secret in a public shell, such as `--api-key=***`.
    Partly {
        /// What may be printed.
        shown: String,
        /// The whole word.
        value: Secret,
    },
}

/// What stands in the place of a secret in everything printable.
pub const MASK: &str = "***";

impl Text {
    /// A public word.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    /// A word that nothing may print.
    pub fn secret(text: impl Into<String>) -> Self {
        Self::Secret(Secret::new(text))
    }

    /// The real value; only what hands it to the server may ask for it.
    pub fn expose(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) | Self::Partly { value: secret, .. } => secret.expose(),
        }
    }

    /// The value as it may be printed.
    pub fn shown(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(_) => MASK,
            Self::Partly { shown, .. } => shown,
        }
    }

    /// Whether it holds something that nothing may print.
    pub const fn is_secret(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.shown(), out)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

/// One stdio server as the person configured it, references already resolved.
#[derive(Clone)]
pub struct ServerSpec {
    /// Its name in the configuration.
    pub name: String,
    /// The program, as written.
    pub command: String,
    /// Its arguments; those that held a reference are secret.
    pub args: Vec<Text>,
    /// Its environment. Values are treated as secret, whatever they hold.
    pub env: Vec<(String, Text)>,
    /// The folder it would run in on the host.
    pub working_dir: Option<PathBuf>,
}

impl fmt::Debug for ServerSpec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        out.debug_struct("ServerSpec")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("args", &self.args)
            .field("env", &names)
            .field("working_dir", &self.working_dir)
            .finish()
    }
}
