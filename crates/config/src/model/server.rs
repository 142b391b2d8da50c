//! One server as the person describes it.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::ServerIsolation;

/// How a server is spoken to, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// A command means stdio, an address means HTTP.
    #[default]
    Auto,
    /// Over standard input and output of a process.
    Stdio,
    /// Over HTTP, whichever form the server speaks.
    Http,
    /// Over the older HTTP form with an event stream.
    Sse,
    /// Over streamable HTTP.
    StreamableHttp,
}

impl Protocol {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
            Self::StreamableHttp => "streamable-http",
        }
    }
}

/// What a server is once `protocol`, `command` and `url` are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A process of ours, isolated or not.
    Process,
    /// An address; `sse` picks the older form.
    Remote {
        /// Whether only the older event stream form is spoken.
        sse: bool,
    },
}

/// One entry of `mcpServers`.
#[derive(Clone, PartialEq, Default)]
pub struct ServerConfig {
    /// Unique name.
    pub name: String,
    /// The program; absent for a remote server.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment.
    pub env: IndexMap<String, String>,
    /// The address of a remote server.
    pub url: Option<String>,
    /// Headers sent to a remote server.
    pub headers: IndexMap<String, String>,
    /// How it is spoken to, as written.
    pub protocol: Protocol,
    /// Whether it shall run.
    pub enabled: bool,
    /// The folder on this computer that it is started in.
    pub working_dir: Option<PathBuf>,
    /// How long `initialize` may take; absent follows the global value.
    pub init_timeout: Option<Duration>,
    /// What differs from the global isolation.
    pub isolation: ServerIsolation,
    /// Whether it waits for a review; absent means that nobody said.
    pub quarantined: Option<bool>,
    /// When it was added (RFC 3339).
    pub created: Option<String>,
    /// When it was last changed (RFC 3339).
    pub updated: Option<String>,
    /// Keys of other programs and of later versions; they are kept as they are.
    pub extra: Map<String, Value>,
}

impl ServerConfig {
    /// What this server is: a process of ours or an address.
    pub fn transport(&self) -> Transport {
        match self.protocol {
            Protocol::Stdio => Transport::Process,
            Protocol::Auto if self.command.is_some() => Transport::Process,
            Protocol::Auto | Protocol::Http | Protocol::StreamableHttp => Transport::Remote { sse: false },
            Protocol::Sse => Transport::Remote { sse: true },
        }
    }

    /// Whether it is a process, so that isolation applies to it.
    pub fn is_process(&self) -> bool {
        self.transport() == Transport::Process
    }
}

/// Arguments, environment, headers and addresses may hold secrets, so only their outline is shown.
impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerConfig")
            .field("name", &self.name)
            .field("command", &self.command)
            .field("args", &self.args.len())
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("has_url", &self.url.is_some())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("protocol", &self.protocol)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}
