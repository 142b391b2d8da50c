//! What a configuration says, checked and with every default filled in.

mod defaults;
mod isolation;
mod server;
mod values;

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

pub use defaults::documented_images;
pub use isolation::{CaCertificates, IsolationConfig, ServerIsolation};
pub use server::{Protocol, ServerConfig, Transport};
pub use values::{ActivityConfig, ClientKey, LoggingConfig, RoutingMode, ShellEnvironment};

/// The whole configuration.
#[derive(Clone, PartialEq)]
pub struct Config {
    /// Address and port of the HTTP door, as written (`:8080` means every interface).
    pub listen: String,
    /// The data folder, with `~` expanded; `None` means the usual one.
    pub data_dir: Option<PathBuf>,
    /// The admin key; an empty one in the file counts as absent.
    pub api_key: Option<String>,
    /// Keys of single clients, which open `/mcp` only.
    pub keys: Vec<ClientKey>,
    /// Whether `/mcp` asks for a key.
    pub require_mcp_auth: bool,
    /// Further hosts and origins that may speak to the HTTP door.
    pub trusted_hosts: Vec<String>,
    /// The servers, in the order of the file.
    pub servers: IndexMap<String, ServerConfig>,
    /// How servers are isolated unless they say otherwise.
    pub isolation: IsolationConfig,
    /// Where and how much is logged.
    pub logging: LoggingConfig,
    /// What `/mcp` offers; `None` lets the number of tools decide.
    pub routing_mode: Option<RoutingMode>,
    /// Text of the `initialize` answer; `None` means ours.
    pub instructions: Option<String>,
    /// How many tools `retrieve_tools` answers by default.
    pub tools_limit: u32,
    /// Characters after which an answer is cut and cached; 0 means never.
    pub tool_response_limit: u64,
    /// How long one tool call may take.
    pub call_tool_timeout: Duration,
    /// How long `initialize` may take on the host and over the network.
    pub init_timeout: Duration,
    /// Whether changes over MCP are refused and their tools hidden.
    pub disable_management: bool,
    /// Whether all changes but reading are refused.
    pub read_only_mode: bool,
    /// Whether servers may be added from outside the file.
    pub allow_server_add: bool,
    /// Whether servers may be removed from outside the file.
    pub allow_server_remove: bool,
    /// Whether servers and tools that appear from outside wait for a review.
    pub quarantine_enabled: bool,
    /// Whether the login shell is asked for its environment.
    pub shell_environment: ShellEnvironment,
    /// What is kept of calls and events.
    pub activity: ActivityConfig,
    /// Whether the person agreed to anonymous counters.
    pub telemetry: bool,
}

/// Keys stay out of logs and panics: only whether they are there is shown.
impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("has_api_key", &self.api_key.is_some())
            .field("servers", &self.servers)
            .field("isolation", &self.isolation)
            .field("logging", &self.logging)
            .field("routing_mode", &self.routing_mode)
            .finish_non_exhaustive()
    }
}
