//! A server as some client writes it, in words of no client in particular.

use indexmap::IndexMap;
use serde_json::Value;

/// A server of a client's file.
#[derive(Clone, PartialEq, Default)]
pub struct Entry {
    /// The program; absent for a remote server.
    pub command: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Its environment.
    pub env: IndexMap<String, String>,
    /// The folder it is started in.
    pub working_dir: Option<String>,
    /// The address of a remote server.
    pub url: Option<String>,
    /// Headers sent to it.
    pub headers: IndexMap<String, String>,
    /// Only the older form with an event stream is spoken there.
    pub sse: bool,
    /// Turned off in the client.
    pub disabled: bool,
    /// Settings that are not taken along, by key.
    pub left_out: Vec<String>,
}

/// Arguments, environment, headers and addresses may hold secrets.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("command", &self.command)
            .field("args", &self.args.len())
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("has_url", &self.url.is_some())
            .finish_non_exhaustive()
    }
}

/// Settings that decide how a server is reached and have no counterpart here.
const LEFT_OUT: &[&str] = &["envFile", "auth", "oauth", "authProviderType", "headersHelper", "dev"];

impl Entry {
    /// Reads an entry in any client's words; nothing when it neither runs a program nor has an address.
    pub fn read(value: &Value) -> Option<Self> {
        let first = |keys: &[&str]| keys.iter().find_map(|key| value.get(key));
        let text = |keys: &[&str]| first(keys).and_then(Value::as_str).map(str::to_owned);
        let mut entry = Self {
            working_dir: text(&["cwd", "working_dir"]),
            url: text(&["url", "serverUrl", "httpUrl", "uri"]),
            args: first(&["args"]).map(words).unwrap_or_default(),
            env: first(&["env", "environment", "envs"]).map(pairs).unwrap_or_default(),
            headers: first(&["headers", "http_headers"])
                .or_else(|| value.get("requestOptions")?.get("headers"))
                .map(pairs)
                .unwrap_or_default(),
            disabled: flag(value, "disabled") == Some(true) || flag(value, "enabled") == Some(false),
            left_out: LEFT_OUT
                .iter()
                .filter(|key| value.get(key).is_some())
                .map(|key| (*key).to_owned())
                .collect(),
            ..Self::default()
        };
        match first(&["command", "cmd"]) {
            Some(Value::String(command)) => entry.command = Some(command.clone()),
            Some(list @ Value::Array(_)) => {
                let mut list = words(list);
                entry.args.splice(0..0, list.drain(list.len().min(1)..));
                entry.command = list.pop();
            }
            // An older form: program, arguments and environment below one key.
            Some(Value::Object(inner)) => {
                entry.command = inner.get("path").and_then(Value::as_str).map(str::to_owned);
                entry.args = inner.get("args").map(words).unwrap_or_default();
                entry.env = inner.get("env").map(pairs).unwrap_or_default();
            }
            _ => {}
        }
        if let Some(name) = value.get("bearer_token_env_var").and_then(Value::as_str) {
            entry.headers.insert("Authorization".to_owned(), format!("Bearer ${{env:{name}}}"));
        }
        if let Some(named) = value.get("env_http_headers").map(pairs) {
            entry.headers.extend(named.into_iter().map(|(key, name)| (key, format!("${{env:{name}}}"))));
        }
        entry.sse = text(&["type", "transport"]).is_some_and(|kind| kind.eq_ignore_ascii_case("sse"));
        entry.command = entry.command.filter(|command| !command.trim().is_empty());
        let remote = entry.url.as_ref().is_some_and(|url| url.starts_with("http"));
        (entry.command.is_some() || remote).then_some(entry)
    }

    /// Program and arguments, or the address: what tells one server from another in a list.
    pub fn line(&self) -> Vec<String> {
        match (&self.command, &self.url) {
            (Some(command), _) => std::iter::once(command).chain(&self.args).cloned().collect(),
            (None, Some(url)) => vec![url.clone()],
            (None, None) => Vec::new(),
        }
    }

    /// The last part of the program's name, without the endings Windows knows.
    pub fn program(&self) -> Option<String> {
        let command = self.command.as_deref()?;
        let name = command.rsplit(['/', '\\']).next().unwrap_or(command).to_ascii_lowercase();
        let stem = [".exe", ".cmd", ".bat"].iter().find_map(|ending| name.strip_suffix(ending));
        Some(stem.unwrap_or(&name).to_owned())
    }
}

fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key).and_then(Value::as_bool)
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().map(|items| items.iter().filter_map(word).collect()).unwrap_or_default()
}

fn pairs(value: &Value) -> IndexMap<String, String> {
    let fields = value.as_object().into_iter().flatten();
    fields.filter_map(|(key, value)| Some((key.clone(), word(value)?))).collect()
}

/// Numbers and switches count as the text they are.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_clients_words_mean_the_same() {
        let plain = Entry::read(&json!({"command": "npx", "args": ["-y", "x"], "env": {"A": "1"}})).unwrap();
        for other in [
            json!({"type": "local", "command": ["npx", "-y", "x"], "environment": {"A": 1}}),
            json!({"cmd": "npx", "args": ["-y", "x"], "envs": {"A": "1"}, "timeout": 300}),
            json!({"command": {"path": "npx", "args": ["-y", "x"], "env": {"A": "1"}}}),
        ] {
            assert_eq!(Entry::read(&other).unwrap(), plain);
        }
        for remote in [
            json!({"url": "https://a/mcp"}),
            json!({"serverUrl": "https://a/mcp"}),
            json!({"httpUrl": "https://a/mcp"}),
            json!({"uri": "https://a/mcp"}),
        ] {
            assert_eq!(Entry::read(&remote).unwrap().url.as_deref(), Some("https://a/mcp"));
        }
        assert!(Entry::read(&json!({"type": "builtin"})).is_none());
        assert!(Entry::read(&json!({"command": " "})).is_none());
    }

    #[test]
    fn switches_and_variables_by_name_are_understood() {
        assert!(Entry::read(&json!({"command": "a", "disabled": true})).unwrap().disabled);
        assert!(Entry::read(&json!({"command": "a", "enabled": false})).unwrap().disabled);
        assert!(Entry::read(&json!({"url": "http://a", "type": "sse"})).unwrap().sse);
        let codex = json!({"url": "https://a", "bearer_token_env_var": "TOKEN"});
        assert_eq!(Entry::read(&codex).unwrap().headers["Authorization"], "Bearer ${env:TOKEN}");
        assert_eq!(Entry::read(&json!({"command": "a", "envFile": ".env"})).unwrap().left_out, ["envFile"]);
    }

    #[test]
    fn the_program_is_named_the_same_on_each_system() {
        let program = |command: &str| Entry::read(&json!({"command": command})).unwrap().program().unwrap();
        assert_eq!(program("/usr/local/bin/mcpproxy"), "mcpproxy");
        assert_eq!(program("C:\\Program Files\\MCPProxy\\mcpproxy.exe"), "mcpproxy");
        assert_eq!(program("NPX.CMD"), "npx");
    }
}
