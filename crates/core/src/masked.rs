//! The configuration for the eyes of others: as it stands in the file, with everything that may be a secret masked.
use std::path::Path;

use mcpproxy_config::{Config, Document};
use mcpproxy_secrets::{mask, references};
use serde_json::{Value, json};

/// The file's value, masked; the configuration in use only says that nothing more can be read.
pub(crate) fn file(path: &Path, in_use: &Config) -> Value {
    match Document::load(path) {
        Ok(document) => {
            let mut value = document.value();
            hide("", &mut value, false);
            value
        }
        Err(error) => json!({"listen": in_use.listen, "error": error.to_string()}),
    }
}

/// Masks values by the name they stand under. All of `env` and `headers` counts as secret, as do keys.
fn hide(name: &str, value: &mut Value, secret: bool) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                hide(key, value, secret || matches!(key.as_str(), "env" | "headers" | "oauth"));
            }
        }
        Value::Array(items) if !secret && matches!(name, "args" | "extra_args") => hide_words(items),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(name, item, secret)),
        Value::String(text) if is_reference(text) => {}
        Value::String(text) if !secret && name == "url" => *text = mask::address(text),
        Value::String(text)
            if secret || matches!(name, "api_key" | "key") || mask::looks_secret(name, text) =>
        {
            *text = mask::value(text);
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Masks a command line as a whole, since what a word is depends on the one before it.
fn hide_words(items: &mut [Value]) {
    let words: Vec<String> =
        items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect();
    for (item, shown) in items.iter_mut().zip(mask::arguments(&words)) {
        match item {
            Value::String(text) if is_reference(text) => {}
            item => *item = Value::String(shown),
        }
    }
}

/// Whether a text is one reference and nothing else: what stands beside a reference may be a secret itself.
fn is_reference(text: &str) -> bool {
    matches!(references(text).as_slice(), [only] if only.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_environments_and_headers_are_masked_and_references_stay() {
        let mut value = json!({
            "api_key": "0123456789abcdef",
            "keys": [{"name": "cursor", "key": "client-key-123"}],
            "listen": "127.0.0.1:8080",
            "mcpServers": [{"name": "a", "command": "uvx", "env": {"A": "plain-value", "B": "${env:B}"},
                "headers": {"Authorization": "Bearer abc"}}]
        });
        hide("", &mut value, false);
        let text = value.to_string();
        for secret in ["0123456789", "client-key", "plain-value", "Bearer abc"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for kept in ["127.0.0.1:8080", "${env:B}", "cursor", "uvx"] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn what_stands_beside_a_reference_is_masked() {
        let mut value =
            json!({"headers": {"A": "Bearer abcdef ${env:X}", "B": "${env:X}"}, "api_key": "k ${env:X}"});
        hide("", &mut value, false);
        assert_eq!(value["headers"]["B"], "${env:X}");
        let text = value.to_string();
        assert!(!text.contains("abcdef") && !text.contains("k $"), "{text}");
    }

    #[test]
    fn command_lines_and_addresses_are_masked_where_they_hold_secrets() {
        let mut value = json!({
            "args": ["--port", 8080, "--token", "abcdefgh", "--api-key", "${env:KEY}", "plain"],
            "isolation": {"extra_args": ["-e", "NAME=abcdefgh"]},
            "url": "https://me:abcdefgh@example.com/mcp?page=2"
        });
        hide("", &mut value, false);
        assert!(!value.to_string().contains("abcdefgh"), "{value}");
        assert_eq!(value["args"][5], "${env:KEY}");
        assert_eq!((&value["args"][1], &value["args"][6]), (&json!("8080"), &json!("plain")));
        assert_eq!(value["url"], "https://***@example.com/mcp?page=2");
    }
}
