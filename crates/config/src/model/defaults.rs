//! What holds for keys that the file does not have.

use std::time::Duration;

use indexmap::IndexMap;

use super::{ActivityConfig, Config, IsolationConfig, LoggingConfig, ShellEnvironment};

/// The documented image of each runtime.
const IMAGES: &[(&str, &[&str])] = &[
    ("python:3.11", &["python", "python3", "uvx", "pip", "pipx"]),
    ("node:20", &["node", "npm", "npx", "yarn"]),
    ("golang:1.21-alpine", &["go"]),
    ("rust:1.75-slim", &["cargo", "rustc"]),
    ("ruby:3.2-alpine", &["ruby", "gem"]),
    ("php:8.2-cli-alpine", &["php", "composer"]),
    ("alpine:3.18", &["binary", "sh", "bash"]),
];

/// The documented image of each runtime, in the documented order.
pub fn documented_images() -> IndexMap<String, String> {
    IMAGES
        .iter()
        .flat_map(|(image, runtimes)| {
            runtimes.iter().map(move |runtime| (runtime.to_string(), image.to_string()))
        })
        .collect()
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data_dir: None,
            api_key: None,
            keys: Vec::new(),
            require_mcp_auth: false,
            trusted_hosts: Vec::new(),
            servers: IndexMap::new(),
            isolation: IsolationConfig::default(),
            logging: LoggingConfig::default(),
            routing_mode: None,
            instructions: None,
            tools_limit: 15,
            tool_response_limit: 20_000,
            call_tool_timeout: Duration::from_secs(120),
            init_timeout: Duration::from_secs(30),
            disable_management: false,
            read_only_mode: false,
            allow_server_add: true,
            allow_server_remove: true,
            quarantine_enabled: true,
            shell_environment: ShellEnvironment::Auto,
            activity: ActivityConfig::default(),
            telemetry: false,
        }
    }
}
