//! From a command to what it writes: pure, so that a change can be shown before it is made.
use mcpproxy_config::{Config, ServerConfig};
use mcpproxy_secrets::Secret;
use serde_json::{Value, json};

use crate::{Command, CommandError, Edit, Placement, Span, exemptions, servers::blueprint::placement};

/// What a command writes to the file; empty for commands that write nothing, or nothing new.
pub(crate) fn edits(command: &Command, config: &Config) -> Result<Vec<Edit>, CommandError> {
    match command {
        Command::Add { server } => add(server, config),
        Command::Change { name, patch } => {
            writable(config)?;
            known(name, config)?;
            Ok(vec![Edit { server: Some(name.clone()), path: Vec::new(), value: Some(patch.clone()) }])
        }
        Command::Remove { name } => {
            writable(config)?;
            known(name, config)?;
            if !config.allow_server_remove {
                return Err(CommandError::Denied { key: "allow_server_remove" });
            }
            Ok(vec![Edit { server: Some(name.clone()), path: Vec::new(), value: None }])
        }
        Command::Enable { name, on } => {
            writable(config)?;
            let server = known(name, config)?;
            Ok(if server.enabled == *on { Vec::new() } else { vec![key(name, &["enabled"], json!(on))] })
        }
        Command::EnableAll { on } => {
            writable(config)?;
            let others = config.servers.values().filter(|server| server.enabled != *on);
            Ok(others.map(|server| key(&server.name, &["enabled"], json!(on))).collect())
        }
        Command::Isolate { name, on } => {
            writable(config)?;
            isolate(known(name, config)?, *on, config)
        }
        Command::Unprotect { name, span } => {
            writable(config)?;
            unprotect(known(name, config)?, *span, config).map(|()| Vec::new())
        }
        Command::IsolateAll { on } => {
            writable(config)?;
            Ok(if config.isolation.enabled == *on { Vec::new() } else { vec![global(json!(on))] })
        }
        Command::Set { path, value } => {
            writable(config)?;
            Ok(vec![Edit { server: None, path: path.clone(), value: Some(value.clone()) }])
        }
        Command::SetKey { name, key } => {
            writable(config)?;
            Ok(vec![keys(name, key.as_ref(), config)])
        }
        Command::Settings { patch } => {
            writable(config)?;
            super::settings::edits(patch)
        }
        // The steward knows what was removed, and adds it.
        Command::UndoRemove { .. } => writable(config).map(|()| Vec::new()),
        Command::Restart { name } | Command::CancelPreparation { name } => {
            known(name, config).map(|_| Vec::new())
        }
        Command::RestartAll | Command::Reload | Command::CheckEngine | Command::Pause | Command::Resume => {
            Ok(Vec::new())
        }
    }
}

fn add(server: &Value, config: &Config) -> Result<Vec<Edit>, CommandError> {
    writable(config)?;
    if !config.allow_server_add {
        return Err(CommandError::Denied { key: "allow_server_add" });
    }
    let name = server.get("name").and_then(Value::as_str).unwrap_or_default();
    if config.servers.contains_key(name) {
        return Err(CommandError::ServerExists { name: name.to_owned() });
    }
    let mut entry = server.clone();
    if let Some(entry) = entry.as_object_mut() {
        // What is added over a door is wanted now; a file's entry may say otherwise.
        entry.entry("enabled").or_insert(json!(true));
    }
    Ok(vec![Edit { server: Some(name.to_owned()), path: Vec::new(), value: Some(entry) }])
}

/// Isolation on while the global switch is off turns that switch on as well, and everybody else who runs on this
/// computer is told to stay there: one write, nobody moves who was not asked.
fn isolate(server: &ServerConfig, on: bool, config: &Config) -> Result<Vec<Edit>, CommandError> {
    match placement(config, server) {
        Placement::Remote | Placement::OwnContainer => {
            return Err(CommandError::NotIsolatable { name: server.name.clone() });
        }
        Placement::Container if on => return Ok(Vec::new()),
        Placement::Container | Placement::Host => {}
    }
    let mut edits = Vec::new();
    if on && !config.isolation.enabled {
        edits.push(global(json!(true)));
        let others = config.servers.values().filter(|other| other.name != server.name);
        let staying = others.filter(|other| placement(config, other) == Placement::Host);
        for other in staying.filter(|other| other.isolation.enabled != Some(false)) {
            edits.push(key(&other.name, &["isolation", "enabled"], json!(false)));
        }
        if server.isolation.enabled != Some(false) {
            return Ok(edits);
        }
    }
    if server.isolation.enabled != Some(on) {
        edits.push(key(&server.name, &["isolation", "enabled"], json!(on)));
    }
    Ok(edits)
}

/// Whether a server may be exempted: only one that is isolated, and not without end.
fn unprotect(server: &ServerConfig, span: Span, config: &Config) -> Result<(), CommandError> {
    let name = || server.name.clone();
    if matches!(span, Span::For(length) if length.is_zero() || length > exemptions::LONGEST) {
        return Err(CommandError::SpanOutOfRange);
    }
    match placement(config, server) {
        Placement::Container => Ok(()),
        Placement::Host => Err(CommandError::AlreadyUnprotected { name: name() }),
        Placement::Remote | Placement::OwnContainer => Err(CommandError::NotIsolatable { name: name() }),
    }
}

fn global(value: Value) -> Edit {
    let path = vec!["docker_isolation".to_owned(), "enabled".to_owned()];
    Edit { server: None, path, value: Some(value) }
}

fn key(server: &str, path: &[&str], value: Value) -> Edit {
    let path = path.iter().map(|key| (*key).to_owned()).collect();
    Edit { server: Some(server.to_owned()), path, value: Some(value) }
}

/// The list of clients' keys with one more, another or one less.
fn keys(name: &str, key: Option<&Secret>, config: &Config) -> Edit {
    let others = config.keys.iter().filter(|known| known.name != name);
    let mut keys: Vec<Value> = others.map(|known| json!({"name": known.name, "key": known.key})).collect();
    keys.extend(key.map(|key| json!({"name": name, "key": key.expose()})));
    let value = (!keys.is_empty()).then_some(Value::Array(keys));
    Edit { server: None, path: vec!["keys".to_owned()], value }
}

fn known<'a>(name: &str, config: &'a Config) -> Result<&'a ServerConfig, CommandError> {
    config.servers.get(name).ok_or_else(|| CommandError::UnknownServer { name: name.to_owned() })
}

fn writable(config: &Config) -> Result<(), CommandError> {
    if config.read_only_mode { Err(CommandError::Denied { key: "read_only_mode" }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
