//! The top level of the file.

use std::time::Duration;

use indexmap::IndexMap;

use super::fields::{Fields, Reader};
use super::tree::{Node, NodeValue};
use super::{isolation, server};
use crate::known;
use crate::{ActivityConfig, ClientKey, Config, LoggingConfig, RoutingMode, ShellEnvironment};

/// Any positive time that makes sense to wait.
pub(crate) const ANY_TIMEOUT: (Duration, Duration) =
    (Duration::from_millis(1), Duration::from_secs(24 * 3600));
/// What `initialize` may take.
pub(crate) const INIT_TIMEOUT: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(1800));

/// Log levels; `trace` is accepted as a synonym of the most detailed one.
const LEVELS: &[(&str, &str)] = &[
    ("trace", "trace"),
    ("debug", "debug"),
    ("info", "info"),
    ("warn", "warn"),
    ("warning", "warn"),
    ("error", "error"),
];

pub(crate) fn config(reader: &mut Reader<'_>, tree: &Node) -> Config {
    let default = Config::default();
    let mut fields = Fields::open(reader, tree, "", &known::TOP);
    let mut config = Config {
        listen: listen(&mut fields).unwrap_or(default.listen),
        data_dir: fields.filled_text("data_dir").map(|path| fields.reader.expand(&path)),
        api_key: fields.filled_text("api_key"),
        keys: Vec::new(),
        require_mcp_auth: fields.flag("require_mcp_auth").unwrap_or(default.require_mcp_auth),
        trusted_hosts: fields.list("trusted_hosts"),
        servers: IndexMap::new(),
        isolation: default.isolation,
        logging: default.logging,
        routing_mode: routing_mode(&mut fields),
        instructions: fields.filled_text("instructions"),
        tools_limit: fields.small_number("tools_limit", 1..=1000).unwrap_or(default.tools_limit),
        tool_response_limit: fields
            .number("tool_response_limit", 0..=u64::MAX)
            .unwrap_or(default.tool_response_limit),
        call_tool_timeout: fields
            .duration("call_tool_timeout", ANY_TIMEOUT)
            .unwrap_or(default.call_tool_timeout),
        init_timeout: fields.duration("init_timeout", INIT_TIMEOUT).unwrap_or(default.init_timeout),
        disable_management: fields.flag("disable_management").unwrap_or(default.disable_management),
        read_only_mode: fields.flag("read_only_mode").unwrap_or(default.read_only_mode),
        allow_server_add: fields.flag("allow_server_add").unwrap_or(default.allow_server_add),
        allow_server_remove: fields.flag("allow_server_remove").unwrap_or(default.allow_server_remove),
        quarantine_enabled: fields.flag("quarantine_enabled").unwrap_or(default.quarantine_enabled),
        shell_environment: shell_environment(&mut fields),
        activity: activity(&mut fields),
        telemetry: default.telemetry,
    };
    let telemetry = fields.get("telemetry");
    let (isolation, logging) = (fields.get("docker_isolation"), fields.get("logging"));
    let (keys, servers) = (fields.get("keys"), fields.get("mcpServers"));
    if let Some(node) = telemetry {
        let mut fields = Fields::open(reader, node, "telemetry", &known::TELEMETRY);
        config.telemetry = fields.flag("enabled").unwrap_or_default();
    }
    if let Some(node) = isolation {
        config.isolation = isolation::global(reader, node);
    }
    if let Some(node) = logging {
        config.logging = logging_config(reader, node);
    }
    if let Some(node) = keys {
        config.keys = client_keys(reader, node);
    }
    if let Some(node) = servers {
        config.servers = server::servers(reader, node);
    }
    config
}

fn routing_mode(fields: &mut Fields<'_, '_, '_>) -> Option<RoutingMode> {
    let words = [
        ("auto", None),
        ("retrieve_tools", Some(RoutingMode::RetrieveTools)),
        ("direct", Some(RoutingMode::Direct)),
        ("code_execution", Some(RoutingMode::CodeExecution)),
    ];
    fields.word("routing_mode", &words).flatten()
}

fn activity(fields: &mut Fields<'_, '_, '_>) -> ActivityConfig {
    let default = ActivityConfig::default();
    let mut small = |key, range, default| fields.small_number(key, range).unwrap_or(default);
    ActivityConfig {
        retention_days: small("activity_retention_days", 0..=36_500, default.retention_days),
        max_size_mb: small("activity_max_size_mb", 0..=1_000_000, default.max_size_mb),
        max_response_size: small("activity_max_response_size", 0..=16_777_216, default.max_response_size),
        cleanup_interval_min: small(
            "activity_cleanup_interval_min",
            1..=100_000,
            default.cleanup_interval_min,
        ),
        max_records: fields.number("activity_max_records", 0..=u64::MAX).unwrap_or(default.max_records),
    }
}

fn shell_environment(fields: &mut Fields<'_, '_, '_>) -> ShellEnvironment {
    let words = [
        ("auto", ShellEnvironment::Auto),
        ("always", ShellEnvironment::Always),
        ("never", ShellEnvironment::Never),
    ];
    fields.word("shell_environment", &words).unwrap_or_default()
}

/// `host:port`, where an empty host means every interface.
fn listen(fields: &mut Fields<'_, '_, '_>) -> Option<String> {
    let text = fields.filled_text("listen")?;
    let good = text.rsplit_once(':').is_some_and(|(host, port)| {
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = !host.contains([':', '/', ' ', '[', ']']);
        port.parse::<u16>().is_ok() && (bracketed || plain)
    });
    if !good && let Some(node) = fields.get("listen") {
        let suggestion = text.parse::<u16>().ok().map(|port| format!("127.0.0.1:{port}"));
        fields.wrong("listen", node, "an address and a port such as 127.0.0.1:8080", suggestion);
    }
    good.then_some(text)
}

fn logging_config(reader: &mut Reader<'_>, node: &Node) -> LoggingConfig {
    let default = LoggingConfig::default();
    let mut fields = Fields::open(reader, node, "logging", &known::LOGGING);
    let filename = fields.filled_text("filename");
    if let (Some(name), Some(node)) = (&filename, fields.get("filename"))
        && name.contains(['/', '\\'])
    {
        fields.wrong("filename", node, "a file's name without a folder (log_dir names the folder)", None);
    }
    LoggingConfig {
        level: fields.word("level", LEVELS).map_or(default.level, str::to_owned),
        enable_file: fields.flag("enable_file").unwrap_or(default.enable_file),
        enable_console: fields.flag("enable_console").unwrap_or(default.enable_console),
        filename: filename.unwrap_or(default.filename),
        log_dir: fields.filled_text("log_dir").map(|path| fields.reader.expand(&path)),
        max_size_mb: fields.small_number("max_size", 1..=10_000).unwrap_or(default.max_size_mb),
        max_backups: fields.small_number("max_backups", 0..=10_000).unwrap_or(default.max_backups),
        max_age_days: fields.small_number("max_age", 0..=100_000).unwrap_or(default.max_age_days),
        compress: fields.flag("compress").unwrap_or(default.compress),
        json_format: fields.flag("json_format").unwrap_or(default.json_format),
    }
}

fn client_keys(reader: &mut Reader<'_>, node: &Node) -> Vec<ClientKey> {
    let NodeValue::List(items) = &node.value else {
        reader.wrong("keys", node, "a list of objects with name and key", None);
        return Vec::new();
    };
    let mut keys: Vec<ClientKey> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let mut fields = Fields::open(reader, item, &format!("keys[{index}]"), &known::CLIENT_KEY);
        match (fields.filled_text("name"), fields.filled_text("key")) {
            (Some(name), _) if keys.iter().any(|key| key.name == name) => {
                fields.wrong("name", item, "a name that no other key has", None);
            }
            (Some(name), Some(key)) => keys.push(ClientKey { name, key }),
            _ => fields.reader.missing(&format!("keys[{index}]"), item, "both name and key"),
        }
    }
    keys
}
