use serde_json::json;

use super::*;
use crate::{ChangeKind, Global, diff};

const FILE: &str = "{\n  // mine\n  \"mcpServers\": [\n    { \"name\": \"a\", \"command\": \"x\", \"enabled\": true }\n  ],\n  \"other_program\": 1\n}\n";

fn server(name: &str) -> ServerConfig {
    ServerConfig::from_value(&json!({"name": name, "command": "x"})).unwrap()
}

#[test]
fn an_edit_that_would_break_the_file_is_refused_and_undone() {
    let mut document = Document::parse(FILE).unwrap();
    let error = document.patch_server("a", &json!({"isolation": {"memory_limit": "much"}})).unwrap_err();
    assert_eq!(error.code(), "config_invalid");
    assert_eq!(document.text(), FILE);
    assert_eq!(document.add_server(&server("a")).unwrap_err().code(), "server_duplicate");
    assert_eq!(document.set(&["listen"], &json!("nowhere")).unwrap_err().code(), "config_invalid");
    assert_eq!(document.text(), FILE);
}

#[test]
fn edits_are_seen_in_the_configuration_at_once() {
    let mut document = Document::parse(FILE).unwrap();
    document.add_server(&server("b")).unwrap();
    document.patch_server("a", &json!({"enabled": false})).unwrap();
    document.set(&["docker_isolation", "enabled"], &json!(true)).unwrap();
    assert_eq!(document.config().servers.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert!(!document.config().servers["a"].enabled && document.config().isolation.enabled);
    document.remove_server("a").unwrap();
    assert!(!document.config().servers.contains_key("a"));
    assert!(document.text().contains("// mine") && document.text().contains("\"other_program\": 1"));
}

#[test]
fn defaults_can_be_edited_into_a_first_file() {
    let mut document = Document::defaults();
    document.add_server(&server("a")).unwrap();
    assert!(document.config().servers["a"].enabled);
}

#[test]
fn the_first_file_asks_for_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mcp_config.json");
    let starter = Starter { api_key: "k3y", isolation: true, listen: None };
    let document = Document::create(&path, &starter).unwrap();
    assert!(document.config().require_mcp_auth && document.config().isolation.enabled);
    assert_eq!(document.config().api_key.as_deref(), Some("k3y"));
    assert!(document.warnings().is_empty());
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.starts_with("{\n  \"listen\": \"127.0.0.1:8080\",\n  \"api_key\": \"k3y\",\n")
            && text.ends_with("}\n")
    );
    assert_eq!(Document::create(&path, &starter).unwrap_err().code(), "config_changed");
}

#[test]
fn debug_output_shows_no_secret() {
    let text = r#"{"api_key": "hunter2", "keys": [{"name": "c", "key": "hunter2"}], "mcpServers": {"s": {
        "command": "x", "args": ["hunter2"], "env": {"A": "hunter2"}, "headers": {"H": "hunter2"}}}}"#;
    let document = Document::parse(text).unwrap();
    assert!(!format!("{:?} {:?}", document.config(), document.config().keys).contains("hunter2"));
    assert!(!format!("{document:?}").contains("hunter2"));
}

#[test]
fn the_difference_names_exactly_what_changed() {
    let base = r#"{"mcpServers": {"a": {"command": "x"}, "b": {"url": "http://b"}, "c": {"command": "c"}}}"#;
    let old = Document::parse(base).unwrap();
    let mut new = old.clone();
    assert!(diff(old.config(), new.config()).is_empty());
    new.patch_server("a", &json!({"enabled": false})).unwrap();
    new.patch_server("b", &json!({"headers": {"X": "1"}, "enabled": false})).unwrap();
    new.remove_server("c").unwrap();
    new.add_server(&server("d")).unwrap();
    new.set(&["docker_isolation", "enabled"], &json!(true)).unwrap();
    new.set(&["trusted_hosts"], &json!(["x"])).unwrap();
    let changes = diff(old.config(), new.config());
    assert_eq!((changes.added, changes.removed), (vec!["d".to_owned()], vec!["c".to_owned()]));
    assert_eq!(changes.changed[0].kind, ChangeKind::Switch);
    assert_eq!(changes.changed[1].kind, ChangeKind::Connection);
    assert_eq!(changes.changed[1].keys, ["headers", "enabled"]);
    assert_eq!(changes.globals.into_iter().collect::<Vec<_>>(), [Global::Access, Global::IsolationSwitch]);
}

#[test]
fn a_change_of_layout_or_comments_is_no_change() {
    let old = Document::parse(FILE).unwrap();
    let new = Document::parse(&FILE.replace("// mine", "// yours").replace(' ', "  ")).unwrap();
    assert!(diff(old.config(), new.config()).is_empty());
}

#[test]
fn each_key_of_a_server_has_its_kind_of_change() {
    for (patch, kind) in [
        (json!({"isolation": {"image": "i"}}), ChangeKind::Process),
        (json!({"env": {"A": "b"}}), ChangeKind::Process),
        (json!({"init_timeout": "5s"}), ChangeKind::Connection),
        (json!({"enabled": false}), ChangeKind::Switch),
        (json!({"quarantined": true, "colour": "red"}), ChangeKind::Note),
    ] {
        let old = Document::parse(FILE).unwrap();
        let mut new = old.clone();
        new.patch_server("a", &patch).unwrap();
        assert_eq!(diff(old.config(), new.config()).changed[0].kind, kind, "{patch}");
    }
}
