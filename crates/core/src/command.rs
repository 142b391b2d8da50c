//! What can be asked of the core: typed commands in, typed outcomes out.
use serde_json::Value;

/// A wish. Each one that changes the configuration edits the file, saves it atomically and applies the difference.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Adds a server; the value is one entry of `mcpServers` with its `name`.
    Add {
        /// The entry.
        server: Value,
    },
    /// Changes a server by a merge patch; null removes a key.
    Change {
        /// The server.
        name: String,
        /// The merge patch over its entry.
        patch: Value,
    },
    /// Removes a server; the outcome carries the entry, so that it can be added again.
    Remove {
        /// The server.
        name: String,
    },
    /// Turns a server on or off.
    Enable {
        /// The server.
        name: String,
        /// On or off.
        on: bool,
    },
    /// Turns all servers on or off.
    EnableAll {
        /// On or off.
        on: bool,
    },
    /// Ends a server's process and starts it anew.
    Restart {
        /// The server.
        name: String,
    },
    /// Restarts all servers that are on.
    RestartAll,
    /// Switches isolation for one server.
    Isolate {
        /// The server.
        name: String,
        /// On or off.
        on: bool,
    },
    /// Runs a server without isolation for a while; the configuration keeps it on.
    Unprotect {
        /// The server.
        name: String,
        /// For how long.
        span: crate::Span,
    },
    /// Turns the global isolation switch.
    IsolateAll {
        /// On or off.
        on: bool,
    },
    /// Pauses all servers: running calls may finish, then the servers are held still.
    Pause,
    /// Lets all servers go on.
    Resume,
    /// Sets one key of the configuration; null removes it.
    Set {
        /// The path of keys.
        path: Vec<String>,
        /// The new value.
        value: Value,
    },
    /// Gives a client a key of its own, which opens `/mcp` only; none takes it away.
    SetKey {
        /// The name of the key.
        name: String,
        /// The key.
        key: Option<mcpproxy_secrets::Secret>,
    },
    /// Sets global keys by a merge patch; only those that are settings.
    Settings {
        /// The merge patch over the file.
        patch: Value,
    },
    /// Adds the server again that was removed a moment ago.
    UndoRemove {
        /// Which one; the last one if left out.
        name: Option<String>,
    },
    /// Reads the configuration file again.
    Reload,
    /// Looks for the engine now.
    CheckEngine,
    /// Ends the download or installation that a server waits for.
    CancelPreparation {
        /// The server.
        name: String,
    },
}

/// One place of the configuration that a command writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// The server whose entry is meant; none for a global key.
    pub server: Option<String>,
    /// The keys below it; empty for the whole entry.
    pub path: Vec<String>,
    /// The value after the write; none removes it.
    pub value: Option<Value>,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The revision of the first snapshot that shows it.
    pub revision: u64,
    /// What was written to the file, in order; empty when nothing had to be.
    pub edits: Vec<Edit>,
    /// The servers that start, stop or restart because of it.
    pub affected: Vec<String>,
    /// The entry that was removed: adding it again undoes the removal.
    pub undo: Option<Value>,
    /// Keys that were changed but take effect at the next start only.
    pub needs_restart: Vec<&'static str>,
}
