//! The seam towards the era without a handshake: such requests are recognised, and answered so that every
//! client that speaks both eras falls back to `initialize` at once.

use mcpproxy_protocol::{
    Envelope, Kind, rpc,
    version::{self, Era},
};

use crate::Refusal;

/// The refusal for a request of the era that is not spoken here; `None` for all others.
pub(crate) fn refuse_modern(
    message: &[u8],
    envelope: &Envelope,
    session: bool,
    header: Option<&str>,
) -> Option<Refusal> {
    if envelope.kind != Kind::Request {
        return None;
    }
    let method = envelope.method(message)?;
    let is_modern_header = header.is_some_and(|header| version::era(header) == Some(Era::Modern));
    let modern = envelope.modern_version.is_some()
        || method == "server/discover"
        || (is_modern_header && !session && method != "initialize");
    modern.then(|| {
        let id = envelope.id(message);
        Refusal {
            status: 400,
            code: "era_not_spoken",
            message: format!("this server speaks MCP up to {}; use initialize", version::LATEST),
            body: rpc::modern_refusal(id.as_ref()),
        }
    })
}

#[cfg(test)]
mod tests {
    use mcpproxy_protocol::scan;

    use super::*;

    fn refused(message: &str, session: bool, header: Option<&str>) -> bool {
        let envelope = scan(message.as_bytes()).expect("a message");
        refuse_modern(message.as_bytes(), &envelope, session, header).is_some()
    }

    #[test]
    fn probes_of_the_newer_era_are_told_to_initialize() {
        assert!(refused(r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#, false, None));
        let enveloped = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        assert!(refused(enveloped, false, None));
        assert!(refused(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, false, Some("2026-07-28")));
    }

    #[test]
    fn requests_of_the_older_era_pass() {
        assert!(!refused(r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, false, Some("2026-07-28")));
        assert!(!refused(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, true, Some("2025-11-25")));
        assert!(!refused(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, true, None));
    }

    #[test]
    fn the_refusal_echoes_the_id_with_a_code_that_is_not_modern() {
        let message = br#"{"jsonrpc":"2.0","id":"server-discover-probe-1","method":"server/discover"}"#;
        let envelope = scan(message).expect("a message");
        let refusal = refuse_modern(message, &envelope, false, None).expect("refused");
        assert_eq!(refusal.status, 400);
        let body: serde_json::Value = serde_json::from_slice(&refusal.body).expect("JSON");
        assert_eq!(
            (body["id"].as_str(), body["error"]["code"].as_i64()),
            (Some("server-discover-probe-1"), Some(-32600))
        );
    }
}
