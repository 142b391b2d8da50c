use mcpproxy_secrets::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn redactor() -> Redactor {
    Redactor::new([("TOKEN", Secret::new("correct-horse-battery"))])
}

fn clean(value: &Value) -> Cleaned {
    body(value.to_string().as_bytes(), &redactor(), 65_536)
}

#[test]
fn values_under_the_names_of_credentials_are_outlined() {
    let cleaned = clean(&json!({"user": "me", "password": "hunter2", "pins": {"api_key": 123456}}));
    assert_eq!(cleaned.text, r#"{"user":"me","password":"••••r2 (7 chars)","pins":{"api_key":"••••"}}"#);
    assert_eq!(cleaned.hidden, 2);
    let list = clean(&json!({"tokens": ["abc", "def"], "auth": {"user": "me", "secret": "x"}}));
    assert!(!list.text.contains("abc") && !list.text.contains("\"x\"") && list.text.contains("me"));
}

#[test]
fn order_and_spelling_of_everything_else_stay() {
    let text = r#" {"b": 1.50, "a":[true,null , -2e9],"ü":"\u00fc\n"} "#;
    let cleaned = body(text.as_bytes(), &redactor(), 1000);
    assert_eq!((cleaned.text.as_str(), cleaned.hidden, cleaned.truncated), (text, 0, false));
}

#[test]
fn json_inside_strings_is_followed() {
    let inner = json!({"deep": {"token": "s3cr3t-value"}}).to_string();
    let cleaned = clean(&json!({"content": [{"type": "text", "text": inner}]}));
    assert!(!cleaned.text.contains("s3cr3t") && cleaned.text.contains("deep"), "{}", cleaned.text);
}

#[test]
fn credentials_in_running_text_are_found() {
    for text in [
        "use ghp_abcdefghijklmnop123 please",
        "DB_PASSWORD=ghp_abcdefghijklmnop123",
        "Authorization: Bearer ghp_abcdefghijklmnop123",
        "password: 'ghp_abcdefghijklmnop123'",
        "https://x.example/?access_token=ghp_abcdefghijklmnop123&y=1",
        "-----BEGIN RSA PRIVATE KEY-----\nghp_abcdefghijklmnop123\n-----END RSA PRIVATE KEY----- after",
        "{\"password\": \"ghp_abcdefghijklmnop123\"",
    ] {
        let shown = line(text, &Redactor::default(), 1000);
        assert!(!shown.contains("ghp_") && shown.contains("••••"), "{shown}");
    }
    assert!(!line("postgres://me:hunter2@db/app", &Redactor::default(), 100).contains("hunter2"));
    assert!(!line("secret = tiny1", &Redactor::default(), 100).contains("tiny1"));
}

#[test]
fn ordinary_text_is_left_as_it_is() {
    for text in [
        "Basic usage of the tool: see below",
        "key: value, and the author said: hello",
        "https://example.com/path?q=1&page=2",
        "Tokens: 12 used; see chapter 3 (pass)",
        "größe: 7 • ‹x›",
    ] {
        let expected = if text.starts_with("Tokens") { None } else { Some(text) };
        if let Some(expected) = expected {
            assert_eq!(line(text, &Redactor::default(), 1000), expected);
        }
    }
}

#[test]
fn known_secrets_are_replaced_wherever_they_stand() {
    let cleaned = clean(&json!({"note": "it is correct-horse-battery, you know"}));
    assert_eq!(cleaned.text, r#"{"note":"it is ‹TOKEN›, you know"}"#);
    assert_eq!(cleaned.hidden, 1);
}

#[test]
fn a_cut_leaves_no_half_of_a_secret() {
    let long = "x ".repeat(3000);
    let text = json!({"a": long, "password": "hunter2-hunter2", "b": "correct-horse-battery"}).to_string();
    for cap in 0..text.len() + 10 {
        let cleaned = body(text.as_bytes(), &redactor(), cap);
        assert!(cleaned.text.len() <= cap);
        assert!(!cleaned.text.contains("hunter") && !cleaned.text.contains("correct-h"), "{cap}");
    }
}

#[test]
fn what_is_no_json_is_taken_as_text() {
    let cleaned = body(b"plain words, token=abcdefgh", &redactor(), 100);
    assert_eq!((cleaned.text.as_str(), cleaned.hidden), ("plain words, token=••••gh (8 chars)", 1));
    let deep = format!("{}\"password\":\"hunter2\"{}", "{\"a\":".repeat(100), "}".repeat(100));
    assert!(!body(deep.as_bytes(), &redactor(), 10_000).text.contains("hunter2"));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z ]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|fields| Value::from(serde_json::Map::from_iter(fields))),
        ]
    })
}

proptest! {
    #[test]
    fn a_secret_under_any_shape_never_stays(shape in values(), cap in 0_usize..4000, spot in 0_usize..3) {
        let held = match spot {
            0 => json!({"x": shape, "password": "hunter2-hunter2"}),
            1 => json!([shape, {"deep": [{"clientSecret": "hunter2-hunter2"}]}]),
            _ => json!({"y": "so correct-horse-battery it is", "x": shape}),
        };
        let cleaned = body(held.to_string().as_bytes(), &redactor(), cap);
        prop_assert!(!cleaned.text.contains("hunter2-h") && !cleaned.text.contains("horse-b"));
        prop_assert!(cleaned.text.len() <= cap);
    }

    #[test]
    fn no_bytes_panic_and_valid_json_stays_valid(bytes in prop::collection::vec(any::<u8>(), 0..200), value in values()) {
        let _ = body(&bytes, &redactor(), 64);
        let cleaned = clean(&value);
        prop_assert!(serde_json::from_str::<Value>(&cleaned.text).is_ok());
    }
}
