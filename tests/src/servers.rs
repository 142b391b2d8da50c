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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_merged_into_an_entry_key_by_key() {
        let entry = with(json!({ "a": 1, "b": { "c": 2 } }), &json!({ "b": { "d": 3 }, "a": 4 }));
        assert_eq!(entry, json!({ "a": 4, "b": { "c": 2, "d": 3 } }));
    }

    #[test]
    fn the_small_server_answers_in_any_shell() {
        let lines = concat!(
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi there"}}}"#,
            "\n",
            r#"{"method":"tools/list","jsonrpc":"2.0","id":"a"}"#,
            "\n"
        );
        let feed = "printf '%s' \"$1\" | sh -c \"$2\"";
        let answer = crate::process::checked(std::process::Command::new("sh").args([
            "-c",
            feed,
            "feed",
            lines,
            &source("small.sh"),
        ]));
        let answers: Vec<Value> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers[0]["id"], 7);
        assert_eq!(answers[0]["result"]["content"][0]["text"], "hi there");
        assert_eq!(answers[1]["id"], "a");
        assert_eq!(answers[1]["result"]["tools"][0]["name"], "echo");
    }
}
