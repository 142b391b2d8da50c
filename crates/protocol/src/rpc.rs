//! Builds the few messages that are our own words.

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::id::Id;
use crate::{text, version};

/// The message could not be read.
pub const PARSE_ERROR: i64 = -32700;
/// The message is no valid request here.
pub const INVALID_REQUEST: i64 = -32600;
/// Nobody knows the method.
pub const METHOD_NOT_FOUND: i64 = -32601;
/// The parameters do not fit the method.
pub const INVALID_PARAMS: i64 = -32602;
/// Everything else that is our own failure; the codes between -32000 and -32099 belong to others.
pub const INTERNAL_ERROR: i64 = -32603;

/// The id's token, or `null`.
fn token(id: Option<&Id>) -> &[u8] {
    id.map_or(b"null".as_slice(), |id| id.token())
}

fn concat(parts: &[&[u8]]) -> Bytes {
    Bytes::from(parts.concat())
}

/// An error answer; without an id if the request's could not be read.
pub fn error(id: Option<&Id>, code: i64, message: &str, data: Option<&RawValue>) -> Bytes {
    let (code, message) = (code.to_string(), text::quote(message));
    let head: [&[u8]; 6] = [
        b"{\"jsonrpc\":\"2.0\",\"id\":",
        token(id),
        b",\"error\":{\"code\":",
        code.as_bytes(),
        b",\"message\":",
        &message,
    ];
    match data {
        Some(data) => concat(&[&head.concat(), b",\"data\":", data.get().as_bytes(), b"}}"]),
        None => concat(&[&head.concat(), b"}}"]),
    }
}

/// An answer with `result`, raw JSON.
pub fn result(id: &Id, result: &[u8]) -> Bytes {
    concat(&[b"{\"jsonrpc\":\"2.0\",\"id\":", id.token(), b",\"result\":", result, b"}"])
}

/// A notification with `params`, raw JSON.
pub fn notification(method: &str, params: Option<&[u8]>) -> Bytes {
    let method = text::quote(method);
    match params {
        Some(params) => {
            concat(&[b"{\"jsonrpc\":\"2.0\",\"method\":", &method, b",\"params\":", params, b"}"])
        }
        None => concat(&[b"{\"jsonrpc\":\"2.0\",\"method\":", &method, b"}"]),
    }
}

/// A request with `params`, raw JSON.
pub fn request(id: &Id, method: &str, params: Option<&[u8]>) -> Bytes {
    let method = text::quote(method);
    let head: [&[u8]; 4] = [b"{\"jsonrpc\":\"2.0\",\"id\":", id.token(), b",\"method\":", &method];
    match params {
        Some(params) => concat(&[&head.concat(), b",\"params\":", params, b"}"]),
        None => concat(&[&head.concat(), b"}"]),
    }
}

/// The cancellation of a request.
pub fn cancelled(request: &Id, reason: &str) -> Bytes {
    let reason = text::quote(reason);
    let params: [&[u8]; 5] = [b"{\"requestId\":", request.token(), b",\"reason\":", &reason, b"}"];
    notification("notifications/cancelled", Some(&params.concat()))
}

/// What a request of the stateless era is answered where only the older one is spoken: at once, with status 400, and
/// with none of the modern codes, since that is what lets every client fall back to `initialize`.
pub fn modern_refusal(id: Option<&Id>) -> Bytes {
    let message = format!("this server speaks MCP up to {}; use initialize", version::LATEST);
    error(id, INVALID_REQUEST, &message, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, scan};

    #[test]
    fn built_messages_are_read_as_what_they_are() {
        let id = Id::parse(b"\"a\\\"b\"").unwrap();
        let data = RawValue::from_string("{\"n\":1.0}".to_owned()).unwrap();
        for (message, kind) in [
            (error(Some(&id), -32603, "say \"no\"", Some(&data)), Kind::Error),
            (error(None, -32700, "bad", None), Kind::Error),
            (result(&id, b"{}"), Kind::Result),
            (notification("notifications/initialized", None), Kind::Notification),
            (request(&id, "tools/list", Some(b"{\"cursor\":\"\"}")), Kind::Request),
            (cancelled(&Id::number(7), "no longer wanted"), Kind::Notification),
            (modern_refusal(Some(&id)), Kind::Error),
        ] {
            assert_eq!(scan(&message).unwrap().kind, kind, "{message:?}");
            assert!(serde_json::from_slice::<serde_json::Value>(&message).is_ok());
        }
    }

    #[test]
    fn an_answer_carries_the_very_bytes_of_the_id() {
        let id = Id::parse(b"1.0").unwrap();
        assert_eq!(result(&id, b"{}").as_ref(), br#"{"jsonrpc":"2.0","id":1.0,"result":{}}"#);
    }

    #[test]
    fn the_modern_probe_gets_the_answer_that_lets_clients_fall_back() {
        let value: serde_json::Value = serde_json::from_slice(&modern_refusal(None)).unwrap();
        assert_eq!(value["error"]["code"], -32600);
        assert!(value["error"]["message"].as_str().unwrap().contains("use initialize"));
    }
}
