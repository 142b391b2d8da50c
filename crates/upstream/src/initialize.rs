//! The handshake: what we declare, and what the server said of itself.

use bytes::Bytes;
use mcpproxy_protocol::version;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::connection::Connection;
use crate::error::{CallError, OpenError};
use crate::handle::Port;
use crate::options::Options;

/// What the server answered to `initialize`.
#[derive(Clone, Debug)]
pub struct InitializeResult {
    /// The whole result as it came.
    pub raw: Bytes,
    /// The revision it speaks.
    pub protocol_version: String,
    /// What it offers.
    pub capabilities: Value,
    /// Its name and version.
    pub server_info: Value,
    /// Its advice for models, if it gives any.
    pub instructions: Option<String>,
}

impl InitializeResult {
    fn read(raw: Bytes) -> Result<Self, OpenError> {
        let malformed = |error: serde_json::Error| OpenError::Malformed(error.to_string());
        let mut value: Value = serde_json::from_slice(&raw).map_err(malformed)?;
        let mut take = |key: &str| value.get_mut(key).map(Value::take).unwrap_or_default();
        let protocol_version = take("protocolVersion").as_str().unwrap_or_default().to_owned();
        if !version::is_acceptable(&protocol_version) {
            return Err(OpenError::Version(protocol_version.chars().take(40).collect()));
        }
        Ok(Self {
            protocol_version,
            capabilities: take("capabilities"),
            server_info: take("serverInfo"),
            instructions: take("instructions").as_str().map(str::to_owned),
            raw,
        })
    }

    /// Whether the server declares a capability, given as a path such as `["resources", "subscribe"]`.
    pub fn offers(&self, path: &[&str]) -> bool {
        let found = path.iter().try_fold(&self.capabilities, |value, key| value.get(key));
        found.is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)))
    }
}

/// Our side of `initialize`. Several clients share the connection, so we declare what any of them may serve, and
/// answer with an error what in the end none can.
pub(crate) fn params(client_version: &str) -> String {
    json!({
        "protocolVersion": version::LATEST,
        "capabilities": {
            "roots": { "listChanged": true },
            "sampling": {},
            "elicitation": { "form": {}, "url": {} },
        },
        "clientInfo": { "name": "mcpproxy", "version": client_version },
    })
    .to_string()
}

/// Opens the conversation. Nothing is sent before `initialize`, no probe of the newer era either: with many servers
/// the first message decides for good which era a process speaks.
pub(crate) async fn shake_hands(
    port: &Port,
    options: &Options,
    connection: &mut Connection,
) -> Result<InitializeResult, OpenError> {
    let params = params(&options.client_version);
    let answer = tokio::select! {
        biased;
        answer = timeout(options.timeout, port.ask("initialize", Some(params.as_bytes()), false)) => answer,
        reason = connection => return Err(OpenError::Closed(reason)),
    };
    let raw = match answer {
        Err(_) => return Err(OpenError::Timeout),
        Ok(Ok(raw)) => raw,
        Ok(Err(CallError::Refused { code, message })) => return Err(OpenError::Refused { code, message }),
        Ok(Err(CallError::Closed(reason))) => return Err(OpenError::Closed(reason)),
        Ok(Err(CallError::Status { status })) => return Err(OpenError::Status { status }),
        Ok(Err(other)) => return Err(OpenError::Malformed(other.to_string())),
    };
    InitializeResult::read(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_declare_what_any_client_may_serve() {
        let value: Value = serde_json::from_str(&params("1.2.3")).unwrap();
        assert_eq!(value["protocolVersion"], "2025-11-25");
        assert_eq!(value["capabilities"]["roots"]["listChanged"], true);
        assert!(value["capabilities"]["sampling"].is_object());
        assert!(value["capabilities"]["elicitation"]["url"].is_object());
    }

    #[test]
    fn a_capability_that_says_false_is_not_offered() {
        let raw = br#"{"protocolVersion":"2024-11-05","capabilities":{"resources":{"subscribe":false},"tools":{}}}"#;
        let result = InitializeResult::read(Bytes::from_static(raw)).unwrap();
        assert!(result.offers(&["tools"]) && !result.offers(&["resources", "subscribe"]));
        assert!(!result.offers(&["prompts"]));
    }

    #[test]
    fn a_modern_or_missing_version_is_refused() {
        for raw in [r#"{"protocolVersion":"2026-07-28"}"#, "{}", "[]"] {
            let error = InitializeResult::read(Bytes::from(raw)).unwrap_err();
            assert_eq!(error.code(), "initialize_version");
        }
    }
}
