//! Text of other programs: read as a value, changed at one path, every other byte kept.

mod toml;
mod yaml;

use mcpproxy_config::jsonc;
use serde_json::{Map, Value};

use crate::table::Format;

/// Where a text cannot be read, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

/// What a text says; one without any value says an empty object.
pub(crate) fn read(format: Format, text: &str) -> Result<Value, Mistake> {
    let value = match format {
        Format::Json => jsonc::value(text).map_err(|error| mistake(&error))?.unwrap_or_default(),
        Format::Toml => toml::value(text)?,
        Format::Yaml => yaml::value(text)?,
    };
    match value {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::Object(_) => Ok(value),
        _ => Err(Mistake { line: 1, column: 1, what: "the file holds no object of settings".to_owned() }),
    }
}

/// Sets the value at a path of keys, adding what is missing on the way; null removes.
pub(crate) fn set(format: Format, text: &str, path: &[&str], value: &Value) -> Result<String, Mistake> {
    match format {
        Format::Json => jsonc::set(text, path, value).map_err(|error| mistake(&error)),
        Format::Toml => toml::set(text, path, value),
        Format::Yaml => yaml::set(text, path, value),
    }
}

/// The value at a path of keys.
pub(crate) fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Servers by name, whether they stand in a map or in a list with names.
pub(crate) fn named(servers: &Value) -> Map<String, Value> {
    match servers {
        Value::Object(servers) => servers.clone(),
        Value::Array(servers) => {
            let name = |server: &Value| server.get("name").and_then(Value::as_str).map(str::to_owned);
            servers.iter().filter_map(|server| Some((name(server)?, server.clone()))).collect()
        }
        _ => Map::new(),
    }
}

fn mistake(error: &mcpproxy_config::ConfigError) -> Mistake {
    let at = error.position();
    let what = error.fields().into_iter().find(|(key, _)| *key == "expected").map(|(_, what)| what);
    Mistake {
        line: at.map_or(1, |at| at.line),
        column: at.map_or(1, |at| at.column),
        what: what.unwrap_or_else(|| error.to_string()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
