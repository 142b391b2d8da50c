//! Arguments of `clients`, `connect`, `disconnect`, `import` and `keys`.

use clap::{Args, Subcommand};

/// Words below `clients`.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientsWord {
    /// List the AI clients of this computer and whether they use MCPProxy
    #[command(after_help = "Examples:\n  mcpproxy clients list\n  mcpproxy clients list --all --json")]
    List {
        /// Also those that are not on this computer
        #[arg(long)]
        all: bool,
    },
}

/// Arguments of `connect`.
#[derive(Debug, Args)]
pub(crate) struct ConnectArgs {
    /// The client, such as claude-code; see `mcpproxy clients list`
    pub(crate) client: String,
    /// Only show what would be changed
    #[arg(long)]
    pub(crate) show: bool,
    /// Take the newest change of the client's file back
    #[arg(long, conflicts_with_all = ["show", "take", "keep"])]
    pub(crate) undo: bool,
    /// Take this server out of the client's file; all that answer here if left out
    #[arg(long, value_name = "NAME", conflicts_with = "keep")]
    pub(crate) take: Vec<String>,
    /// Leave the client's other servers in its file
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Arguments of `disconnect`.
#[derive(Debug, Args)]
pub(crate) struct DisconnectArgs {
    /// The client
    pub(crate) client: String,
    /// Only show what would be changed
    #[arg(long)]
    pub(crate) show: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The servers by the names in the list; all that are worth it if left out
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Only those of this client
    #[arg(long, value_name = "CLIENT")]
    pub(crate) from: Option<String>,
    /// Only show what would be imported
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Grant no folder, not even those that a server's own arguments name
    #[arg(long)]
    pub(crate) no_folders: bool,
}

/// Words below `keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysWord {
    /// List the keys of clients, without their values
    #[command(after_help = "Example:\n  mcpproxy keys list --json")]
    List,
    /// Make a key that opens /mcp only; it is shown this once
    #[command(after_help = "Example:\n  mcpproxy keys add my-script")]
    Add {
        /// Its name, shown beside its requests
        name: String,
    },
    /// Take a key away; who used it is refused from the next request on
    #[command(visible_alias = "del", after_help = "Example:\n  mcpproxy keys revoke my-script")]
    Revoke {
        /// Its name
        name: String,
    },
}
