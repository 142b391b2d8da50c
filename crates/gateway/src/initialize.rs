//! The handshake: who we say we are, or who the one server behind an endpoint says it is.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope, raw, splice, text, version};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{
    Endpoint,
    attachment::Attached,
    inner::Inner,
    request::not_connected,
    session::{Client, Mode},
};

/// How long the handshake at a server's own endpoint waits for a server that is on its way.
const SERVER_WAIT: Duration = Duration::from_secs(30);
/// Longest advice taken from one server, in characters.
const MAX_ADVICE: usize = 2_000;
/// Longest advice in all.
const MAX_INSTRUCTIONS: usize = 16_000;

/// The outcome of a handshake.
pub(crate) struct Handshake {
    pub(crate) version: &'static str,
    /// The `result` for the client.
    pub(crate) result: Bytes,
    /// At a server's own endpoint: what the server said, unaltered.
    pub(crate) known: Bytes,
}

/// What a client says of itself.
pub(crate) fn client(message: &[u8], envelope: &Envelope) -> (String, Client) {
    let params = envelope.params.map_or(b"{}".as_slice(), |params| params.of(message));
    let params: Value = serde_json::from_slice(params).unwrap_or_default();
    let capabilities = &params["capabilities"];
    let has = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
    let elicitation = &capabilities["elicitation"];
    let word = |value: &Value| value.as_str().unwrap_or_default().chars().take(200).collect::<String>();
    let client = Client {
        name: word(&params["clientInfo"]["name"]),
        version: word(&params["clientInfo"]["version"]),
        sampling: has(&capabilities["sampling"]),
        // An empty object means forms, as before there was anything else.
        elicitation_form: has(elicitation) && (has(&elicitation["form"]) || !has(&elicitation["url"])),
        elicitation_url: has(&elicitation["url"]),
        roots: has(&capabilities["roots"]),
    };
    (word(&params["protocolVersion"]), client)
}

/// The handshake at an aggregated endpoint.
pub(crate) fn as_gateway(inner: &Inner, endpoint: &Endpoint, asked: &str) -> Handshake {
    let version = version::negotiate(asked);
    let options = inner.options.load();
    let mode = match endpoint {
        Endpoint::Call => Some(Mode::RetrieveTools),
        Endpoint::All | Endpoint::Default | Endpoint::Server(_) => None,
    };
    let mut result = json!({
        "protocolVersion": version,
        "capabilities": capabilities(inner),
        "serverInfo": { "name": "mcpproxy", "title": "MCPProxy", "version": options.version },
    });
    let instructions = options.instructions.clone().unwrap_or_else(|| instructions(inner, mode));
    if !instructions.is_empty() {
        result["instructions"] = json!(instructions);
    }
    Handshake { version, result: Bytes::from(result.to_string()), known: Bytes::new() }
}

/// What all servers offer together. Lists are always promised, since servers come and go; the rest is
/// promised where a server has it, or where one is still on its way that may.
fn capabilities(inner: &Inner) -> Value {
    let catalog = inner.store.load();
    let unknown = inner.store.is_any_missing();
    let anybody =
        |path: &[&str]| unknown || catalog.slots().any(|slot| slot.attached.handle.initialize().offers(path));
    let mut all = json!({
        "tools": { "listChanged": true },
        "prompts": { "listChanged": true },
        "resources": { "listChanged": true },
    });
    if anybody(&["resources", "subscribe"]) {
        all["resources"]["subscribe"] = json!(true);
    }
    for name in ["logging", "completions"] {
        if anybody(&[name]) {
            all[name] = json!({});
        }
    }
    all
}

/// The advice of all servers under their names.
fn instructions(inner: &Inner, mode: Option<Mode>) -> String {
    let mut all = String::new();
    if mode == Some(Mode::RetrieveTools) {
        all.push_str("Search for tools with retrieve_tools, then call them through the call tool that `call_with` names.\n");
    }
    let catalog = inner.store.load();
    for slot in catalog.slots() {
        let Some(advice) = slot.attached.handle.initialize().instructions.as_deref() else { continue };
        let advice: String = advice.trim().chars().take(MAX_ADVICE).collect();
        if advice.is_empty() || all.len() + advice.len() > MAX_INSTRUCTIONS {
            continue;
        }
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&format!("# {}\n{advice}\n", slot.attached.name));
    }
    all
}

/// The handshake at a server's own endpoint. An error is the sentence for the client.
pub(crate) async fn as_server(inner: &Inner, name: &str, asked: &str) -> Result<Handshake, String> {
    let attached = wait_for(inner, name).await?;
    let initialize = attached.handle.initialize();
    // Never newer than what the server speaks, nor than what the client does.
    let spoken =
        version::LEGACY.iter().copied().filter(|known| *known <= initialize.protocol_version.as_str()).max();
    let asked = version::LEGACY.iter().copied().find(|known| *known == asked).unwrap_or(version::LATEST);
    let agreed = spoken.unwrap_or(version::ASSUMED).min(asked);
    let known = initialize.raw.clone();
    let mut edits = Vec::new();
    if agreed != initialize.protocol_version
        && let Some(span) = raw::member(&known, raw::whole(&known), "protocolVersion")
    {
        edits.push(Edit::new(span, text::quote(agreed)));
    }
    Ok(Handshake { version: agreed, result: splice(&known, &mut edits), known })
}

/// The server, once it is here. One that is on its way is waited for.
async fn wait_for(inner: &Inner, name: &str) -> Result<Arc<Attached>, String> {
    let here = || inner.store.load().server(name).cloned();
    let brief = || inner.control.server_state(name);
    if let Some(attached) = here() {
        return Ok(attached);
    }
    if brief().is_some_and(|brief| brief.connecting) {
        let coming =
            inner.store.wait_until(|| here().is_some() || !brief().is_some_and(|brief| brief.connecting));
        let _ = timeout(SERVER_WAIT, coming).await;
    }
    here().ok_or_else(|| not_connected(name, brief().as_ref()))
}

#[cfg(test)]
mod tests {
    use mcpproxy_protocol::scan;

    use super::*;

    fn said(capabilities: &str) -> Client {
        let message = format!(
            r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{"protocolVersion":"2025-06-18","capabilities":{capabilities},"clientInfo":{{"name":"c","version":"1"}}}}}}"#
        );
        let envelope = scan(message.as_bytes()).expect("a message");
        let (asked, client) = client(message.as_bytes(), &envelope);
        assert_eq!(asked, "2025-06-18");
        client
    }

    #[test]
    fn an_empty_elicitation_capability_means_forms() {
        assert!(said(r#"{"elicitation":{}}"#).elicitation_form);
        assert!(!said(r#"{"elicitation":{}}"#).elicitation_url);
        let both = said(r#"{"elicitation":{"form":{},"url":{}}}"#);
        assert!(both.elicitation_form && both.elicitation_url);
        let only_url = said(r#"{"elicitation":{"url":{}}}"#);
        assert!(!only_url.elicitation_form && only_url.elicitation_url);
    }

    #[test]
    fn what_is_not_declared_is_not_supported() {
        assert_eq!(said("{}"), Client { name: "c".into(), version: "1".into(), ..Client::default() });
        let some = said(r#"{"roots":{},"sampling":{"tools":{}}}"#);
        assert!(some.roots && some.sampling && !some.elicitation_form);
    }
}
