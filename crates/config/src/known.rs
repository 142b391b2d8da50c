//! The keys of the file, sorted by what we do with them.
//!
//! `READ` keys are typed and checked. `KEPT` keys belong to later steps or to other editions: they are neither
//! checked nor changed, and nothing is said about them. Any other key is kept as well, with a warning.

/// A place in the file that has keys.
pub(crate) struct Section {
    /// Keys that are typed and checked.
    pub(crate) read: &'static [&'static str],
    /// Known keys without effect here.
    pub(crate) kept: &'static [&'static str],
    /// Keys that once had an effect.
    pub(crate) deprecated: &'static [&'static str],
}

/// The top level.
pub(crate) const TOP: Section = Section {
    read: &[
        "listen",
        "data_dir",
        "api_key",
        "keys",
        "require_mcp_auth",
        "trusted_hosts",
        "mcpServers",
        "docker_isolation",
        "logging",
        "routing_mode",
        "instructions",
        "tools_limit",
        "tool_response_limit",
        "call_tool_timeout",
        "init_timeout",
        "disable_management",
        "read_only_mode",
        "allow_server_add",
        "allow_server_remove",
        "quarantine_enabled",
        "shell_environment",
        "activity_retention_days",
        "activity_max_records",
        "activity_max_size_mb",
        "activity_max_response_size",
        "activity_cleanup_interval_min",
        "telemetry",
    ],
    kept: &[
        "$schema",
        "aggregate_upstream_prompts",
        "allow_private_registry_fetch",
        "check_server_repo",
        "code_execution_max_parallel",
        "code_execution_max_tool_calls",
        "code_execution_pool_size",
        "code_execution_timeout_ms",
        "debug_search",
        "docker_recovery",
        "enable_code_execution",
        "enable_prompts",
        "enable_socket",
        "environment",
        "forward_proxy_env",
        "health_check_interval",
        "http_idle_timeout",
        "http_read_timeout",
        "http_write_timeout",
        "intent_declaration",
        "max_concurrent_requests",
        "max_result_size_chars",
        "oauth_expiry_warning_hours",
        "observability",
        "output_sanitisation",
        "output_validation",
        "profiles",
        "queue_size",
        "queue_timeout",
        "registries",
        "registries_locked",
        "reveal_secret_headers",
        "security",
        "sensitive_data_detection",
        "server_concurrency_defaults",
        "server_edition",
        "teams",
        "tls",
        "tokenizer",
        "tool_discovery_interval",
        "tool_response_mode",
        "tool_response_session_risk_warning",
        "toon_min_savings_pct",
        "toon_output",
        "tray_endpoint",
        "update_check",
    ],
    deprecated: &["top_k", "enable_tray", "features"],
};

/// One entry of `mcpServers`; the names other clients use for the same thing are in [`ALIASES`].
pub(crate) const SERVER: Section = Section {
    read: &[
        "name",
        "command",
        "args",
        "env",
        "url",
        "headers",
        "protocol",
        "enabled",
        "working_dir",
        "init_timeout",
        "isolation",
        "quarantined",
        "created",
        "updated",
        "type",
        "disabled",
        "cwd",
        "serverUrl",
        "httpUrl",
    ],
    kept: &[
        "alwaysAllow",
        "auth_broker",
        "autoApprove",
        "auto_approve_tool_changes",
        "description",
        "disabled_tools",
        "enabled_tools",
        "expose_prompts",
        "health_check_interval",
        "launcher_wait_timeout",
        "max_concurrent_requests",
        "oauth",
        "queue_size",
        "queue_timeout",
        "reconnect_on_use",
        "shared",
        "source_registry_id",
        "source_registry_provenance",
        "timeout",
        "tool_discovery_interval",
        "toon_output",
        "trust_mode",
    ],
    deprecated: &["skip_quarantine"],
};

/// `docker_isolation`.
pub(crate) const ISOLATION: Section = Section {
    read: &[
        "enabled",
        "mode",
        "memory_limit",
        "cpu_limit",
        "timeout",
        "network_mode",
        "registry",
        "default_images",
        "extra_args",
        "ca_certificates",
        "log_driver",
        "log_max_size",
        "log_max_files",
        "endpoint",
    ],
    kept: &["enable_cache_volume"],
    deprecated: &[],
};

/// `isolation` of a server.
pub(crate) const SERVER_ISOLATION: Section = Section {
    read: &[
        "enabled",
        "mode",
        "image",
        "network_mode",
        "working_dir",
        "memory_limit",
        "cpu_limit",
        "volumes",
        "extra_args",
        "allow_unsafe",
        "allow_scripts",
        "packages",
        "user",
        "timeout",
        "pids_limit",
        "tmpfs_size",
        "read_only",
        "cap_add",
        "shm_size",
        "log_driver",
        "log_max_size",
        "log_max_files",
    ],
    kept: &[],
    deprecated: &[],
};

/// `logging`.
pub(crate) const LOGGING: Section = Section {
    read: &[
        "level",
        "enable_file",
        "enable_console",
        "filename",
        "log_dir",
        "max_size",
        "max_backups",
        "max_age",
        "compress",
        "json_format",
    ],
    kept: &[],
    deprecated: &[],
};

/// `telemetry`.
pub(crate) const TELEMETRY: Section = Section {
    read: &["enabled"],
    kept: &[
        "anonymous_id",
        "anonymous_id_created_at",
        "endpoint",
        "last_reported_version",
        "last_startup_outcome",
        "notice_shown",
    ],
    deprecated: &[],
};

/// An entry of `keys`.
pub(crate) const CLIENT_KEY: Section = Section { read: &["name", "key"], kept: &[], deprecated: &[] };

/// Our name of a server's key, and what other clients call it.
pub(crate) const ALIASES: &[(&str, &[&str])] =
    &[("protocol", &["type"]), ("working_dir", &["cwd"]), ("url", &["serverUrl", "httpUrl"])];
