//! Arguments of `servers`, and of `upstream`, its older spelling.

use clap::{Args, Subcommand};

/// Words below `servers`.
#[derive(Debug, Subcommand)]
pub(crate) enum ServersWord {
    /// List all servers with their state
    #[command(after_help = "Examples:\n  mcpproxy servers list\n  mcpproxy servers list --json")]
    List,
    /// Show all that is known of one server
    #[command(visible_alias = "inspect", after_help = "Example:\n  mcpproxy servers show github")]
    Show {
        /// The server
        name: String,
    },
    /// Say in plain sentences what a server can reach
    #[command(after_help = "Example:\n  mcpproxy servers explain github")]
    Explain {
        /// The server
        name: String,
    },
    /// Add a server
    #[command(
        after_help = "Examples:\n  mcpproxy servers add time -- uvx mcp-server-time\n  mcpproxy servers add \
                            github --env GITHUB_TOKEN='${keyring:GITHUB_TOKEN}' -- npx -y \
                            @modelcontextprotocol/server-github\n  mcpproxy servers add files -v /home/me/notes:/home/me/notes:rw \
                            -- npx -y @modelcontextprotocol/server-filesystem /home/me/notes\n  mcpproxy servers add docs https://example.com/mcp"
    )]
    Add(Box<AddArgs>),
    /// Add a server from its JSON entry
    #[command(
        after_help = "Example:\n  mcpproxy servers add-json time '{\"command\":\"uvx\",\"args\":[\"mcp-server-time\"]}'"
    )]
    AddJson {
        /// Its name
        name: String,
        /// Its entry, as in mcpServers; - reads it from standard input
        json: String,
    },
    /// Remove a server
    #[command(
        after_help = "Examples:\n  mcpproxy servers remove github\n  mcpproxy servers remove github --yes --if-exists\n\nData it kept stays for the day it is added again; it lies in a volume labelled \
                            com.mcpproxy.server=NAME."
    )]
    Remove {
        /// The server
        name: String,
        /// Do not complain if there is none
        #[arg(long)]
        if_exists: bool,
    },
    /// Turn a server on
    #[command(after_help = "Examples:\n  mcpproxy servers enable github\n  mcpproxy servers enable --all")]
    Enable(NameOrAll),
    /// Turn a server off
    #[command(after_help = "Examples:\n  mcpproxy servers disable github\n  mcpproxy servers disable --all")]
    Disable(NameOrAll),
    /// End a server's process and start it anew
    #[command(after_help = "Examples:\n  mcpproxy servers restart github\n  mcpproxy servers restart --all")]
    Restart(NameOrAll),
    /// Release a server that is held, once you have looked at it
    #[command(after_help = "Example:\n  mcpproxy servers approve github")]
    Approve {
        /// The server
        name: String,
    },
    /// End the download or installation that a server waits for
    #[command(after_help = "Example:\n  mcpproxy servers cancel github")]
    Cancel {
        /// The server
        name: String,
    },
    /// Show processor and memory of each server that has a process here
    #[command(after_help = "Example:\n  mcpproxy servers figures -f")]
    Figures {
        /// Go on until interrupted
        #[arg(short, long)]
        follow: bool,
    },
    /// Show a server's log
    #[command(
        after_help = "Examples:\n  mcpproxy servers logs github\n  mcpproxy servers logs -f github -n 200"
    )]
    Logs(LogArgs),
}

/// One server, or all of them.
#[derive(Debug, Args)]
pub(crate) struct NameOrAll {
    /// The server
    #[arg(required_unless_present_any = ["all", "server"])]
    pub(crate) name: Option<String>,
    /// The server, in the older spelling
    #[arg(short, long, hide = true, conflicts_with = "name")]
    pub(crate) server: Option<String>,
    /// All servers
    #[arg(long, conflicts_with_all = ["name", "server"])]
    pub(crate) all: bool,
    /// Taken for older scripts
    #[arg(long, hide = true)]
    pub(crate) force: bool,
}

impl NameOrAll {
    /// The name, or nothing for all.
    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref().or(self.server.as_deref())
    }
}

/// Arguments of `add`.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Unique name, without a colon
    pub(crate) name: String,
    /// Address of a remote server
    #[arg(conflicts_with = "command")]
    pub(crate) url: Option<String>,
    /// The command and its arguments, after --
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// A variable for the server; may hold ${keyring:NAME} or ${env:NAME}
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,
    /// A header for a remote server
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// Folder in which it starts when it runs on the host
    #[arg(long, value_name = "FOLDER")]
    pub(crate) working_dir: Option<String>,
    /// A folder it may see: SOURCE:TARGET, read-only unless it ends with :rw
    #[arg(short = 'v', long, value_name = "FOLDER")]
    pub(crate) volume: Vec<String>,
    /// Its image, instead of the one that fits its command
    #[arg(long)]
    pub(crate) image: Option<String>,
    /// Its network: bridge, none or host
    #[arg(long, value_name = "MODE")]
    pub(crate) network: Option<String>,
    /// Its memory limit, such as 1g
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// Transport of a remote server: http, sse or streamable-http
    #[arg(long, value_name = "NAME")]
    pub(crate) transport: Option<String>,
    /// Do not complain if it exists
    #[arg(long)]
    pub(crate) if_not_exists: bool,
    /// Taken for older scripts: a server that the person adds is trusted
    #[arg(long, hide = true)]
    pub(crate) no_quarantine: bool,
}

/// Arguments of `logs`.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// The server; the program's own log if left out
    pub(crate) name: Option<String>,
    /// Go on with new lines until interrupted
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Number of lines
    #[arg(short = 'n', long, default_value_t = 50, value_name = "LINES")]
    pub(crate) tail: usize,
    /// Only this level and above: debug, info, warn or error
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
}
