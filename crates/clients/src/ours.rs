//! Our own entry in a client's file: how it is written, and how it is known again.

use serde_json::{Map, Value, json};

use crate::{Client, Entry};

/// The name of our entry.
pub const ENTRY: &str = "mcpproxy";
/// The header that carries a client's key.
pub(crate) const KEY_HEADER: &str = "X-API-Key";

/// What our entry says.
#[derive(Clone)]
pub struct Ours {
    /// The address of the endpoint.
    pub url: String,
    /// The absolute path of the program.
    pub program: String,
    /// Its arguments, for clients that start a process.
    pub args: Vec<String>,
}

impl Ours {
    /// The entry as this client writes it.
    pub(crate) fn value(&self, client: &Client, key: &str) -> Value {
        let mut entry = Map::new();
        match &client.http {
            Some(http) => {
                entry.extend(http.kind.map(|kind| ("type".to_owned(), json!(kind))));
                entry.insert(http.url.to_owned(), json!(self.url));
                let (outer, inner) = http.headers.split_once('.').unwrap_or((http.headers, ""));
                let headers = json!({KEY_HEADER: key});
                let headers = if inner.is_empty() { headers } else { json!({inner: headers}) };
                entry.insert(outer.to_owned(), headers);
                extend(&mut entry, http.extra);
            }
            None => {
                let stdio = &client.stdio;
                if stdio.one_list {
                    let whole: Vec<&String> = std::iter::once(&self.program).chain(&self.args).collect();
                    entry.insert(stdio.command.to_owned(), json!(whole));
                } else {
                    entry.insert(stdio.command.to_owned(), json!(self.program));
                    entry.insert("args".to_owned(), json!(self.args));
                }
                extend(&mut entry, stdio.extra);
            }
        }
        Value::Object(entry)
    }
}

fn extend(entry: &mut Map<String, Value>, extra: &[(&str, &str)]) {
    for (key, value) in extra {
        entry.insert((*key).to_owned(), serde_json::from_str(value).unwrap_or_default());
    }
}

/// Whether an entry leads to MCPProxy: by its program, or by an address of ours on this computer.
pub fn is_ours(name: &str, entry: &Entry) -> bool {
    if entry.program().as_deref() == Some(ENTRY) {
        return entry.args.iter().any(|arg| arg == "stdio");
    }
    // Older releases connected clients through a bridge program.
    let bridged = entry
        .args
        .iter()
        .any(|arg| arg == "mcp-remote")
        .then(|| entry.args.iter().find(|arg| arg.starts_with("http")))
        .flatten();
    let url = entry.url.as_ref().or(bridged);
    url.and_then(|url| local_path(url)).is_some_and(|path| {
        let endpoint = path == "/mcp" || path.starts_with("/mcp/");
        endpoint && (name == ENTRY || entry.headers.keys().any(|key| key.eq_ignore_ascii_case(KEY_HEADER)))
    })
}

/// The path of an address on this computer.
fn local_path(url: &str) -> Option<&str> {
    let (host, path) = split(url)?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    local.then(|| path.trim_end_matches('/'))
}

fn split(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let rest = &rest[..end];
    Some(rest.find('/').map_or((rest, ""), |at| rest.split_at(at)))
}

/// The port of an address.
pub fn port(url: &str) -> Option<u16> {
    split(url)?.0.rsplit_once(':')?.1.parse().ok()
}

/// The key that an entry carries.
pub(crate) fn key_of(entry: &Entry) -> Option<&str> {
    entry.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER)).map(|(_, key)| key.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clients, find};

    fn ours() -> Ours {
        Ours {
            url: "http://127.0.0.1:8080/mcp".to_owned(),
            program: "/opt/mcpproxy".to_owned(),
            args: vec!["stdio".to_owned(), "--client".to_owned(), "x".to_owned()],
        }
    }

    #[test]
    fn entries_are_written_as_the_clients_document_them() {
        let entry = |id| ours().value(find(id).unwrap(), "KEY");
        let headers = json!({"X-API-Key": "KEY"});
        let url = "http://127.0.0.1:8080/mcp";
        assert_eq!(entry("claude-code"), json!({"type": "http", "url": url, "headers": headers}));
        assert_eq!(entry("cursor"), json!({"url": url, "headers": headers}));
        assert_eq!(entry("vscode"), json!({"type": "http", "url": url, "headers": headers}));
        assert_eq!(entry("windsurf"), json!({"serverUrl": url, "headers": headers}));
        assert_eq!(entry("codex"), json!({"url": url, "http_headers": headers}));
        assert_eq!(entry("cline"), json!({"type": "streamableHttp", "url": url, "headers": headers}));
        assert_eq!(
            entry("opencode"),
            json!({"type": "remote", "url": url, "headers": headers, "enabled": true})
        );
        assert_eq!(
            entry("claude-desktop"),
            json!({"command": "/opt/mcpproxy", "args": ["stdio", "--client", "x"]})
        );
    }

    #[test]
    fn an_entry_of_each_client_is_known_again_and_others_are_not() {
        for client in clients() {
            let entry = Entry::read(&ours().value(client, "KEY")).unwrap();
            assert!(is_ours(ENTRY, &entry), "{}", client.id);
            assert_eq!(key_of(&entry).is_some(), client.http.is_some(), "{}", client.id);
        }
        for foreign in [
            json!({"url": "http://127.0.0.1:3000/mcp"}),
            json!({"url": "https://mcp.example.com/mcp", "headers": {"X-API-Key": "k"}}),
            json!({"command": "npx", "args": ["mcp-remote", "https://example.com/mcp"]}),
            json!({"command": "mcpproxy-helper", "args": ["stdio"]}),
        ] {
            assert!(!is_ours("other", &Entry::read(&foreign).unwrap()), "{foreign}");
        }
        let bridged = json!({"command": "npx", "args": ["-y", "mcp-remote", "http://127.0.0.1:8080/mcp"]});
        assert!(is_ours("mcpproxy", &Entry::read(&bridged).unwrap()));
    }

    #[test]
    fn the_port_of_an_address_is_found() {
        assert_eq!(port("http://127.0.0.1:8081/mcp"), Some(8081));
        assert_eq!(port("http://localhost/mcp"), None);
    }
}
