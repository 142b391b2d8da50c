//! What the scanner takes, refuses, and finds; checked against serde_json on random JSON.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::testing::{json_text, key_text};

fn kind(message: &str) -> Result<Kind, ScanErrorKind> {
    scan(message.as_bytes()).map(|envelope| envelope.kind).map_err(|error| error.kind)
}

#[test]
fn the_four_kinds_are_told_apart() {
    assert_eq!(kind(r#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#), Ok(Kind::Request));
    assert_eq!(kind(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#), Ok(Kind::Notification));
    assert_eq!(kind(r#"{"result":{},"jsonrpc":"2.0","id":"a"}"#), Ok(Kind::Result));
    assert_eq!(kind(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":""}}"#), Ok(Kind::Error));
    assert_eq!(kind(r#"{"jsonrpc":"2.0","error":{}}"#), Ok(Kind::Error));
}

#[test]
fn all_fields_that_may_be_spliced_are_found() {
    let message = br#" { "params" : {"ref":{"uri":"u1","name":"n1"},"name":"n\u0061","uri":"u","requestId":1.0,"progressToken":"p",
        "_meta":{"x":{"progressToken":9},"progressToken":7,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}},
        "method":"tools\/call","id" : "q" , "jsonrpc":"2.0" } "#;
    let found = scan(message).unwrap();
    let text = |span: Option<Span>| std::str::from_utf8(span.unwrap().of(message)).unwrap();
    assert_eq!(text(found.id), r#""q""#);
    assert_eq!(text(found.token), r#""p""#);
    assert_eq!(text(found.progress_token), "7");
    assert_eq!(text(found.request_id), "1.0");
    assert_eq!(text(found.ref_name), r#""n1""#);
    assert_eq!(text(found.ref_uri), r#""u1""#);
    assert_eq!(text(found.modern_version), r#""2026-07-28""#);
    assert_eq!(found.name(message).as_deref(), Some("na"));
    assert_eq!(found.uri(message).as_deref(), Some("u"));
    assert_eq!(found.method(message).as_deref(), Some("tools/call"));
    assert!(found.versioned && found.has_breaks);
    assert!(text(found.meta).starts_with(r#"{"x""#));
}

#[test]
fn equal_names_elsewhere_are_not_mistaken() {
    let message = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"name":"b","name":"c","_meta":{"progressToken":1},"id":5}}}"#;
    let found = scan(message).unwrap();
    assert_eq!(found.name(message).as_deref(), Some("a"));
    assert_eq!(found.progress_token, None);
    assert_eq!(found.id.unwrap().of(message), b"1");
}

#[test]
fn a_routing_field_that_stands_twice_is_refused_and_its_sender_can_be_told() {
    for (message, field) in [
        (r#"{"id":1,"method":"a","method":"b"}"#, "method"),
        (r#"{"id":1,"method":"a","params":{"name":"x","n\u0061me":"y"}}"#, "params.name"),
        (
            r#"{"id":1,"method":"a","params":{"_meta":{"progressToken":1,"progressToken":2}}}"#,
            "params._meta.progressToken",
        ),
        (r#"{"id":1,"method":"a","params":{},"params":{}}"#, "params"),
    ] {
        let error = scan(message.as_bytes()).unwrap_err();
        assert_eq!(error.kind, ScanErrorKind::Duplicate(field));
        assert_eq!(error.id.unwrap().of(message.as_bytes()), b"1");
        assert!(error.is_call);
    }
    let twice = scan(br#"{"id":1,"id":2,"result":{}}"#).unwrap_err();
    assert_eq!((twice.kind, twice.id, twice.is_call), (ScanErrorKind::Duplicate("id"), None, false));
}

#[test]
fn what_is_no_message_is_refused_with_its_reason() {
    use ScanErrorKind::*;
    for (message, reason) in [
        ("", Syntax),
        ("{", Syntax),
        ("{}x", Syntax),
        (r#"{"id":1,"method":"a",}"#, Syntax),
        (r#"{"id":01,"method":"a"}"#, Syntax),
        (r#"{"id":1,"method":"a","x":nul}"#, Syntax),
        (r#"{"id":1,"method":"\x"}"#, Syntax),
        (r#"{"id":1,"method":"\u12g4"}"#, Syntax),
        ("[1]", Batch),
        ("7", NotAnObject),
        ("\"text\"", NotAnObject),
        ("Server listening on stdio", Syntax),
        ("{}", NotAMessage),
        (r#"{"level":"info","id":1}"#, NotAMessage),
        (r#"{"id":1,"method":7}"#, NotAMessage),
        (r#"{"id":1,"method":"a","result":{}}"#, NotAMessage),
        (r#"{"id":1,"result":{},"error":{}}"#, NotAMessage),
        (r#"{"id":null,"method":"a"}"#, InvalidId),
        (r#"{"id":1.5,"method":"a"}"#, InvalidId),
        (r#"{"id":{},"result":1}"#, InvalidId),
        (r#"{"result":1}"#, InvalidId),
    ] {
        assert_eq!(kind(message), Err(reason), "{message}");
    }
}

#[test]
fn a_null_beside_the_other_member_counts_as_absent() {
    assert_eq!(kind(r#"{"id":1,"result":{},"error":null}"#), Ok(Kind::Result));
    assert_eq!(kind(r#"{"id":1,"result":null,"error":{}}"#), Ok(Kind::Error));
    assert_eq!(kind(r#"{"id":1,"result":null}"#), Ok(Kind::Result));
}

#[test]
fn raw_control_characters_and_broken_text_are_refused() {
    assert_eq!(kind("{\"id\":1,\"method\":\"a\nb\"}"), Err(ScanErrorKind::ControlCharacter));
    assert_eq!(kind("{\"id\":1,\"method\":\"a\0b\"}"), Err(ScanErrorKind::ControlCharacter));
    assert_eq!(kind("{\"id\":1,\0\"method\":\"a\"}"), Err(ScanErrorKind::Syntax));
    assert_eq!(scan(b"{\"id\":1,\"method\":\"\xff\"}").unwrap_err().kind, ScanErrorKind::Utf8);
}

#[test]
fn depth_is_limited_just_there() {
    let nested =
        |depth: usize| format!(r#"{{"id":1,"result":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert_eq!(kind(&nested(MAX_DEPTH)), Ok(Kind::Result));
    let error = scan(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
    assert_eq!(error.kind, ScanErrorKind::Depth);
    assert!(error.id.is_some() && !error.is_call);
    assert_eq!(kind(&"{\"a\":".repeat(100_000)), Err(ScanErrorKind::Depth));
}

#[test]
fn every_reason_has_a_code_and_an_answer() {
    for reason in [ScanErrorKind::Syntax, ScanErrorKind::Batch, ScanErrorKind::Duplicate("id")] {
        assert!(reason.code().starts_with("message_"));
        assert!([-32700, -32600].contains(&reason.rpc_code()));
    }
}

proptest! {
    #[test]
    fn json_is_accepted_exactly_when_serde_accepts_it(text in json_text(), cut in any::<prop::sample::Index>(), swap in any::<u8>()) {
        let mut bytes = format!("{{\"id\":1,\"result\":{text}}}").into_bytes();
        prop_assert!(scan(&bytes).is_ok());
        let at = cut.index(bytes.len());
        bytes[at] = swap;
        let serde = std::str::from_utf8(&bytes).map_err(|_| ()).and_then(|text| {
            serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|_| ())
        });
        if let Err(error) = scan(&bytes) {
            let of_ours = !matches!(error.kind, ScanErrorKind::Syntax | ScanErrorKind::ControlCharacter | ScanErrorKind::Utf8);
            prop_assert!(of_ours || serde.is_err(), "{:?}", String::from_utf8_lossy(&bytes));
        } else {
            prop_assert!(serde.is_ok(), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn spans_hold_the_values_that_serde_finds(
        id in any::<u32>(), params in json_text(), extra in prop::collection::vec((key_text(), json_text()), 0..5), late in any::<bool>(),
    ) {
        let mut members: Vec<String> = extra.iter().map(|(key, value)| format!("\"x{key}\":{value}")).collect();
        let own = [format!("\"id\" :{id}"), "\"method\": \"tools/call\"".to_owned(), format!("\"params\":{{ \"name\":\"t\",\"arguments\":{params} }}")];
        if late { members.extend(own) } else { members.splice(..0, own); }
        let text = format!("{{{}}}", members.join(" ,"));
        let found = scan(text.as_bytes()).unwrap();
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let same = |span: Option<Span>| serde_json::from_slice::<Value>(span.unwrap().of(text.as_bytes())).unwrap();
            prop_assert_eq!(&same(found.id), &value["id"]);
            prop_assert_eq!(&same(found.params), &value["params"]);
            prop_assert_eq!(&same(found.name), &value["params"]["name"]);
        }
    }

    #[test]
    fn any_bytes_at_all_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = scan(&bytes);
    }
}
