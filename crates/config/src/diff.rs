//! What changed between two configurations, so that only that is acted upon.

use std::collections::BTreeSet;

use crate::{Config, ServerConfig};

/// How far a server's change reaches; a later kind includes the work of the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Dates, review marks and keys of others: nothing has to be restarted.
    Note,
    /// Only whether it shall run.
    Switch,
    /// The address or its headers.
    Connection,
    /// The process, its environment or its isolation.
    Process,
}

/// One server that both configurations have and that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerChange {
    /// The server.
    pub name: String,
    /// How far the change reaches.
    pub kind: ChangeKind,
    /// The keys that differ.
    pub keys: Vec<&'static str>,
}

/// A part of the configuration that is not about one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Global {
    /// The address of the HTTP door.
    Listen,
    /// The data folder.
    DataDir,
    /// Admin key, client keys, whether `/mcp` asks for one, trusted hosts.
    Access,
    /// The global isolation switch.
    IsolationSwitch,
    /// Limits, images, network and everything else of `docker_isolation`.
    IsolationSettings,
    /// The engine's address.
    Endpoint,
    /// Logging.
    Logging,
    /// What `/mcp` offers and how its answers are cut.
    Gateway,
    /// Timeouts of calls and connections.
    Timeouts,
    /// What may be changed from outside.
    Management,
    /// Whether the login shell is asked.
    ShellEnvironment,
    /// What is kept of calls and events.
    Activity,
    /// Whether the person agreed to anonymous counters.
    Telemetry,
}

/// Everything that differs between two configurations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Servers that are new, in the order of the file.
    pub added: Vec<String>,
    /// Servers that are gone.
    pub removed: Vec<String>,
    /// Servers that differ.
    pub changed: Vec<ServerChange>,
    /// What differs besides servers.
    pub globals: BTreeSet<Global>,
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty() && self.globals.is_empty()
    }
}

/// Compares two configurations.
pub fn diff(old: &Config, new: &Config) -> Changes {
    Changes {
        added: new.servers.keys().filter(|name| !old.servers.contains_key(*name)).cloned().collect(),
        removed: old.servers.keys().filter(|name| !new.servers.contains_key(*name)).cloned().collect(),
        changed: old
            .servers
            .iter()
            .filter_map(|(name, before)| server_change(name, before, new.servers.get(name)?))
            .collect(),
        globals: globals(old, new),
    }
}

fn server_change(name: &str, old: &ServerConfig, new: &ServerConfig) -> Option<ServerChange> {
    // Every field is taken apart here, so that a new one cannot be forgotten.
    let ServerConfig {
        name: _,
        command,
        args,
        env,
        url,
        headers,
        protocol,
        enabled,
        working_dir,
        init_timeout,
        isolation,
        quarantined,
        created,
        updated,
        extra,
    } = old;
    let differences = [
        ("command", ChangeKind::Process, *command != new.command),
        ("args", ChangeKind::Process, *args != new.args),
        ("env", ChangeKind::Process, *env != new.env),
        ("working_dir", ChangeKind::Process, *working_dir != new.working_dir),
        ("isolation", ChangeKind::Process, *isolation != new.isolation),
        ("url", ChangeKind::Connection, *url != new.url),
        ("headers", ChangeKind::Connection, *headers != new.headers),
        ("protocol", ChangeKind::Connection, *protocol != new.protocol),
        ("init_timeout", ChangeKind::Connection, *init_timeout != new.init_timeout),
        ("enabled", ChangeKind::Switch, *enabled != new.enabled),
        ("quarantined", ChangeKind::Note, *quarantined != new.quarantined),
        ("created", ChangeKind::Note, *created != new.created),
        ("updated", ChangeKind::Note, *updated != new.updated),
        ("extra", ChangeKind::Note, *extra != new.extra),
    ];
    let differing = || differences.iter().filter(|(_, _, differs)| *differs);
    let kind = differing().map(|(_, kind, _)| *kind).max()?;
    Some(ServerChange { name: name.to_owned(), kind, keys: differing().map(|(key, ..)| *key).collect() })
}

fn globals(old: &Config, new: &Config) -> BTreeSet<Global> {
    let isolation = |config: &Config| {
        let mut isolation = config.isolation.clone();
        isolation.enabled = false;
        isolation.endpoint = None;
        isolation
    };
    let gateway = |config: &Config| {
        (config.routing_mode, config.instructions.clone(), config.tools_limit, config.tool_response_limit)
    };
    let management = |config: &Config| {
        let changes = (config.allow_server_add, config.allow_server_remove);
        (config.disable_management, config.read_only_mode, changes, config.quarantine_enabled)
    };
    let access = old.api_key != new.api_key
        || old.keys != new.keys
        || old.require_mcp_auth != new.require_mcp_auth
        || old.trusted_hosts != new.trusted_hosts;
    let timeouts = old.call_tool_timeout != new.call_tool_timeout || old.init_timeout != new.init_timeout;
    [
        (Global::Listen, old.listen != new.listen),
        (Global::DataDir, old.data_dir != new.data_dir),
        (Global::Access, access),
        (Global::IsolationSwitch, old.isolation.enabled != new.isolation.enabled),
        (Global::IsolationSettings, isolation(old) != isolation(new)),
        (Global::Endpoint, old.isolation.endpoint != new.isolation.endpoint),
        (Global::Logging, old.logging != new.logging),
        (Global::Gateway, gateway(old) != gateway(new)),
        (Global::Timeouts, timeouts),
        (Global::Management, management(old) != management(new)),
        (Global::ShellEnvironment, old.shell_environment != new.shell_environment),
        (Global::Activity, old.activity != new.activity),
        (Global::Telemetry, old.telemetry != new.telemetry),
    ]
    .into_iter()
    .filter_map(|(global, differs)| differs.then_some(global))
    .collect()
}
