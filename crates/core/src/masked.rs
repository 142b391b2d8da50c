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
        Value::Array(items) => items.iter_mut().for_each(|item| hide(name, item, secret)),
        Value::String(text) if !references(text).is_empty() => {}
        Value::String(text)
            if secret || matches!(name, "api_key" | "key") || mask::looks_secret(name, text) =>
        {
            *text = mask::value(text);
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
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
}
