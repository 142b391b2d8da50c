//! Entries of `mcpServers` for the servers of the suites.

use std::fs;

use serde_json::{Value, json};

use crate::program;

/// The text of a file in `servers/`.
pub fn source(name: &str) -> String {
    let path = program::folder().join("servers").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Python server with a bad habit; `kind` to `good` it behaves, and its tools do the harm that is asked for.
pub fn hostile(name: &str, habit: &str) -> Value {
    json!({ "name": name, "command": "python3", "args": ["-c", source("hostile.py"), habit], "enabled": true })
}

/// A small server in plain shell, for the smallest image; it starts at once and needs little memory.
pub fn small(name: &str) -> Value {
    json!({ "name": name, "command": "sh", "args": ["-c", source("small.sh")], "enabled": true })
}

/// Adds settings to an entry; objects are merged key by key.
pub fn with(mut entry: Value, settings: &Value) -> Value {
    merge(&mut entry, settings);
    entry
}

fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (into, from) => into.clone_from(from),
    }
}
