//! The rows and objects that `upstream_servers` answers with.
use mcpproxy_config::{ServerConfig, format_duration};
use mcpproxy_gateway::{ControlError, ServerBrief};
use mcpproxy_secrets::{mask, references};
use serde_json::{Map, Value, json};

use crate::{Core, Placement, ServerState, ServerView};

/// All servers, and whether Docker can be used.
pub(super) fn list(core: &Core) -> Value {
    let snapshot = core.snapshot();
    let config = core.config();
    let docker = core.docker_status();
    let rows: Vec<Value> = snapshot.servers.values().map(|view| row(core, view, docker.available)).collect();
    json!({
        "servers": rows,
        "total": snapshot.servers.len(),
        "docker_status": {
            "available": docker.available,
            "docker_path": docker.docker_path,
            "global_enabled": config.isolation.enabled,
            "isolation_config": {
                "memory_limit": config.isolation.memory_limit,
                "cpu_limit": config.isolation.cpu_limit,
                "timeout": format_duration(config.isolation.timeout),
                "network_mode": config.isolation.network_mode,
            },
        },
    })
}

fn row(core: &Core, view: &ServerView, docker_available: bool) -> Value {
    let server = &view.config;
    let global = &core.config().isolation;
    let [args, url, env, headers] = hidden(server);
    json!({
        "name": view.name,
        "protocol": protocol(view),
        "command": server.command,
        "args": args,
        "url": url,
        "env": env,
        "headers": headers,
        "enabled": server.enabled,
        "quarantined": view.state == ServerState::Quarantined,
        "created": server.created,
        "updated": server.updated,
        "connection_status": connection_status(view),
        "tools": view.tools,
        "state": view.state.id(),
        "docker_isolation": {
            "global_enabled": global.enabled,
            "docker_available": docker_available,
            "applies_to_server": view.placement == Placement::Container,
            "runtime_detected": view.runtime,
            "image_used": view.image,
            "relaxed": view.relaxed.to_vec(),
        },
    })
}

/// Arguments, address, variables and headers without secrets: who lists servers over MCP is a model.
fn hidden(server: &ServerConfig) -> [Value; 4] {
    [
        json!(mask::arguments(&server.args)),
        json!(server.url.as_deref().map(mask::address)),
        masked(server.env.iter()),
        masked(server.headers.iter()),
    ]
}

/// Every value hidden.
fn masked<'a>(values: impl Iterator<Item = (&'a String, &'a String)>) -> Value {
    values.map(|(key, value)| (key.clone(), Value::String(mask::value(value)))).collect()
}

/// State, error and container in the words that clients know.
pub(super) fn connection_status(view: &ServerView) -> Value {
    json!({
        "state": word(&view.state),
        "last_error": view.failure.as_ref().map(|failure| failure.sentence()),
        "retry_count": view.attempt,
        "last_retry_time": view.retry_at().map(|time| time.to_string()),
        "container_id": view.container_id,
        "container_status": view.container_id.as_ref().map(|_| "running"),
    })
}

const fn word(state: &ServerState) -> &'static str {
    match state {
        ServerState::Ready => "Ready",
        ServerState::Failed | ServerState::Backoff { .. } => "Error",
        ServerState::Disabled | ServerState::Quarantined | ServerState::Stopping => "Disconnected",
        ServerState::Waiting(_)
        | ServerState::Preparing(_)
        | ServerState::Starting
        | ServerState::Handshaking => "Connecting",
    }
}

fn protocol(view: &ServerView) -> &'static str {
    match (view.placement, view.config.protocol) {
        (Placement::Remote, mcpproxy_config::Protocol::Sse) => "sse",
        (Placement::Remote, _) => "streamable-http",
        _ => "stdio",
    }
}

/// A server in short.
pub(super) fn brief(view: &ServerView) -> ServerBrief {
    ServerBrief {
        name: view.name.clone(),
        state: view.state.id().to_owned(),
        enabled: view.config.enabled,
        connecting: view.state.is_busy() || matches!(view.state, ServerState::Waiting(_)),
    }
}

/// What `add` answers: the server is written and on its way.
pub(super) fn added(core: &Core, name: &str) -> Value {
    let snapshot = core.snapshot();
    let view = snapshot.servers.get(name);
    let held = view.is_some_and(|view| view.state == ServerState::Quarantined);
    json!({
        "name": name,
        "protocol": view.map_or("stdio", |view| protocol(view)),
        "enabled": view.is_some_and(|view| view.config.enabled),
        "added": true,
        "status": "configured",
        "quarantined": held,
        "security_status": if held { "QUARANTINED_FOR_REVIEW" } else { "ACTIVE" },
        "connection_status": view.map(|view| connection_status(view)),
        "message": if held {
            format!("Server {name} was added and is held until a person approves it: mcpproxy servers approve {name}")
        } else {
            format!("Server {name} was added and starts.")
        },
    })
}

/// Arguments that stand for a key of the entry.
const PLAIN: [&str; 9] =
    ["command", "url", "protocol", "enabled", "init_timeout", "working_dir", "args", "env", "headers"];

/// Keys of the entry that come as JSON in a text.
const AS_TEXT: [(&str, &str); 4] = [
    ("args", "args_json"),
    ("env", "env_json"),
    ("headers", "headers_json"),
    ("isolation", "isolation_json"),
];

/// Arguments of the tool that say nothing about the entry.
const OF_THE_TOOL: [&str; 3] = ["operation", "name", "lines"];

/// The entry or patch that the tool's arguments describe: plain keys, and keys that hold JSON as text. An argument
/// that means nothing here is refused, so that nobody believes it took effect.
pub(super) fn entry(name: &str, arguments: &Value) -> Result<Value, ControlError> {
    let known = |key: &str| {
        PLAIN.contains(&key) || OF_THE_TOOL.contains(&key) || AS_TEXT.iter().any(|(_, text)| *text == key)
    };
    if let Some(strange) = arguments.as_object().and_then(|map| map.keys().find(|key| !known(key))) {
        let all: Vec<&str> = PLAIN.into_iter().chain(AS_TEXT.into_iter().map(|(_, text)| text)).collect();
        let message = format!("`{strange}` is not known here. Known are: {}.", all.join(", "));
        return Err(super::failed("argument_invalid", message));
    }
    let mut entry = Map::new();
    entry.insert("name".into(), json!(name));
    for key in PLAIN {
        if let Some(value) = arguments.get(key) {
            entry.insert(key.to_owned(), value.clone());
        }
    }
    for (key, text_key) in AS_TEXT {
        let Some(text) = arguments.get(text_key).and_then(Value::as_str) else { continue };
        let value = serde_json::from_str(text).map_err(|error| {
            super::failed("argument_invalid", format!("`{text_key}` is not JSON: {error}"))
        })?;
        entry.insert(key.to_owned(), value);
    }
    let entry = Value::Object(entry);
    if let Some(reference) = references(&entry.to_string()).first() {
        let message = format!(
            "{reference} names a secret of this person, who must add it: in the file or the terminal."
        );
        return Err(super::failed("reference_needs_person", message));
    }
    Ok(entry)
}

/// Whether a change decides what runs. From a model it is held until a person has looked at it.
pub(super) fn decides_what_runs(patch: &Value) -> bool {
    const KEYS: [&str; 8] =
        ["command", "args", "env", "url", "headers", "isolation", "working_dir", "protocol"];
    KEYS.iter().any(|key| patch.get(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_hold_json_as_text_are_read() {
        let arguments =
            json!({"command": "uvx", "args_json": "[\"a\"]", "env_json": "{\"K\":null}", "lines": 3});
        let entry = entry("s", &arguments).unwrap();
        assert_eq!(entry, json!({"name": "s", "command": "uvx", "args": ["a"], "env": {"K": null}}));
        let error = super::entry("s", &json!({"args_json": "["})).unwrap_err();
        assert_eq!(error.code(), "argument_invalid");
    }

    #[test]
    fn an_argument_without_meaning_is_refused_by_name() {
        let error = entry("s", &json!({"command": "uvx", "image": "evil"})).unwrap_err();
        assert_eq!(error.code(), "argument_invalid");
        assert!(error.message.contains("`image`"), "{}", error.message);
    }

    #[test]
    fn a_model_cannot_reach_for_secrets() {
        let arguments = json!({"command": "uvx", "env_json": "{\"K\":\"${env:GITHUB_TOKEN}\"}"});
        assert_eq!(entry("s", &arguments).unwrap_err().code(), "reference_needs_person");
    }

    #[test]
    fn turning_off_is_no_change_of_what_runs() {
        assert!(!decides_what_runs(&json!({"enabled": false, "init_timeout": "3s"})));
        assert!(decides_what_runs(&json!({"isolation": {"enabled": false}})));
    }

    #[test]
    fn a_model_sees_no_secret_of_any_server() {
        let text = r#"{"mcpServers": [
            {"name": "a", "command": "x", "args": ["--token", "abcdefgh", "plain"], "env": {"A": "abcdefgh"}},
            {"name": "b", "url": "https://me:abcdefgh@example.com/x", "headers": {"H": "abcdefgh"}}
        ]}"#;
        let config = mcpproxy_config::Document::parse(text).unwrap().config().clone();
        for server in config.servers.values() {
            let shown = json!(hidden(server)).to_string();
            assert!(!shown.contains("abcdefgh"), "{shown}");
        }
        assert_eq!(hidden(&config.servers["a"])[0][2], "plain");
        assert_eq!(hidden(&config.servers["b"])[1], "https://***@example.com/x");
    }
}
