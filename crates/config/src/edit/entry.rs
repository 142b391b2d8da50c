//! A server as it is written into the file: only what differs from saying nothing.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::{ConfigError, Protocol, ServerConfig, ServerIsolation, format_duration, read};

impl ServerConfig {
    /// Reads a server from a value that did not come from a file; the rules are those of the file.
    ///
    /// # Errors
    /// The first mistake, without a place.
    pub fn from_value(value: &Value) -> Result<Self, ConfigError> {
        read::server_from_value(value)
    }

    /// The entry as it stands in a list of servers: only what differs from saying nothing.
    pub fn to_value(&self) -> Value {
        let mut entry = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            value.map(|value| entry.insert(key.to_owned(), value));
        };
        put("name", Some(self.name.as_str().into()));
        put("command", text(&self.command));
        put("args", list(&self.args));
        put("env", map(&self.env));
        put("url", text(&self.url));
        put("headers", map(&self.headers));
        put("protocol", (self.protocol != Protocol::Auto).then(|| self.protocol.as_str().into()));
        put("working_dir", self.working_dir.as_ref().map(|path| path.to_string_lossy().into()));
        put("init_timeout", self.init_timeout.map(|timeout| format_duration(timeout).into()));
        put("isolation", self.isolation.to_value());
        put("enabled", Some(self.enabled.into()));
        put("quarantined", self.quarantined.map(Value::from));
        put("created", text(&self.created));
        put("updated", text(&self.updated));
        for (key, value) in &self.extra {
            put(key, Some(value.clone()));
        }
        Value::Object(entry)
    }
}

impl ServerIsolation {
    /// The object as it stands in a server's entry; `None` when it says nothing.
    pub fn to_value(&self) -> Option<Value> {
        let mut object = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            value.map(|value| object.insert(key.to_owned(), value));
        };
        put("enabled", self.enabled.map(Value::from));
        put("image", text(&self.image));
        put("network_mode", text(&self.network_mode));
        put("working_dir", text(&self.working_dir));
        put("memory_limit", text(&self.memory_limit));
        put("cpu_limit", text(&self.cpu_limit));
        put("volumes", list(&self.volumes));
        put("extra_args", list(&self.extra_args));
        put("allow_unsafe", list(&self.allow_unsafe));
        put("allow_scripts", self.allow_scripts.then_some(Value::Bool(true)));
        put("packages", list(&self.packages));
        put("user", text(&self.user));
        put("timeout", self.timeout.map(|timeout| format_duration(timeout).into()));
        put("pids_limit", self.pids_limit.map(Value::from));
        put("tmpfs_size", text(&self.tmpfs_size));
        put("read_only", self.read_only.map(Value::from));
        put("cap_add", list(&self.cap_add));
        put("shm_size", text(&self.shm_size));
        put("log_driver", text(&self.log_driver));
        put("log_max_size", text(&self.log_max_size));
        put("log_max_files", text(&self.log_max_files));
        for (key, value) in &self.extra {
            put(key, Some(value.clone()));
        }
        (!object.is_empty()).then_some(Value::Object(object))
    }
}

fn text(text: &Option<String>) -> Option<Value> {
    text.as_deref().map(Value::from)
}

fn list(items: &[String]) -> Option<Value> {
    (!items.is_empty()).then(|| items.iter().map(String::as_str).collect())
}

fn map(entries: &IndexMap<String, String>) -> Option<Value> {
    let object = entries.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
    (!entries.is_empty()).then(|| Value::Object(object.collect()))
}
