use super::*;

#[test]
fn an_entry_is_read_back_as_it_stands_with_keys_of_others() {
    let text = r#"{"mcpServers": {"a": {"command": "x", "note": 1}}}"#;
    let document = Document::parse(text).unwrap();
    let entry = document.entry("a").unwrap();
    assert_eq!(entry, serde_json::json!({"command": "x", "note": 1, "name": "a"}));
    assert_eq!(document.entry("b"), None);
    assert_eq!(document.value()["mcpServers"]["a"]["note"], 1);
}
