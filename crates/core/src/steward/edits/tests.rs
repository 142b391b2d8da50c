//! What each command writes.
use mcpproxy_config::Document;

use super::*;

fn config(text: &str) -> Config {
    Document::parse(text).unwrap().config().clone()
}

fn sample(on: bool) -> Config {
    config(&format!(
        r#"{{"docker_isolation": {{"enabled": {on}}}, "mcpServers": [
            {{"name": "a", "command": "uvx", "enabled": true}},
            {{"name": "b", "command": "npx", "enabled": false}},
            {{"name": "c", "command": "npx", "enabled": true, "isolation": {{"enabled": false}}}},
            {{"name": "d", "command": "docker", "enabled": true}},
            {{"name": "e", "url": "http://127.0.0.1:1/mcp", "enabled": true}}
        ]}}"#
    ))
}

fn isolate(name: &str, on: bool) -> Command {
    Command::Isolate { name: name.into(), on }
}

fn written(edits: &[Edit]) -> Vec<String> {
    edits
        .iter()
        .map(|edit| {
            let server = edit.server.as_deref().unwrap_or("*");
            format!("{server}:{}={}", edit.path.join("."), edit.value.clone().unwrap_or_default())
        })
        .collect()
}

#[test]
fn isolating_one_while_the_switch_is_off_moves_nobody_else() {
    let edits = edits(&isolate("a", true), &sample(false)).unwrap();
    assert_eq!(written(&edits), ["*:docker_isolation.enabled=true", "b:isolation.enabled=false"]);
}

#[test]
fn isolating_one_that_had_opted_out_takes_its_word_back() {
    let written_ = written(&edits(&isolate("c", true), &sample(true)).unwrap());
    assert_eq!(written_, ["c:isolation.enabled=true"]);
    let written_ = written(&edits(&isolate("c", true), &sample(false)).unwrap());
    assert_eq!(
        written_,
        [
            "*:docker_isolation.enabled=true",
            "a:isolation.enabled=false",
            "b:isolation.enabled=false",
            "c:isolation.enabled=true"
        ]
    );
}

#[test]
fn isolating_what_is_isolated_writes_nothing() {
    assert_eq!(edits(&isolate("a", true), &sample(true)).unwrap(), []);
    assert_eq!(edits(&isolate("c", false), &sample(true)).unwrap(), []);
    assert_eq!(written(&edits(&isolate("a", false), &sample(true)).unwrap()), ["a:isolation.enabled=false"]);
}

#[test]
fn what_starts_no_process_of_its_own_cannot_be_isolated() {
    for name in ["d", "e"] {
        let error = edits(&isolate(name, true), &sample(true)).unwrap_err();
        assert_eq!(error.code(), "not_isolatable", "{name}");
    }
}

#[test]
fn an_added_server_is_on_unless_it_says_otherwise() {
    let command = Command::Add { server: json!({"name": "new", "command": "uvx"}) };
    let edits = edits(&command, &sample(true)).unwrap();
    assert_eq!(edits[0].value.as_ref().unwrap()["enabled"], true);
    let command = Command::Add { server: json!({"name": "a", "command": "uvx"}) };
    assert_eq!(super::edits(&command, &sample(true)).unwrap_err().code(), "server_exists");
}

#[test]
fn a_name_that_nobody_has_is_said() {
    for command in [
        Command::Remove { name: "x".into() },
        Command::Restart { name: "x".into() },
        Command::Enable { name: "x".into(), on: true },
        isolate("x", true),
    ] {
        assert_eq!(edits(&command, &sample(true)).unwrap_err().code(), "unknown_server", "{command:?}");
    }
}

#[test]
fn read_only_and_the_gates_for_adding_and_removing_hold() {
    let mut config = sample(true);
    config.allow_server_add = false;
    config.allow_server_remove = false;
    let add = Command::Add { server: json!({"name": "n", "command": "x"}) };
    let remove = Command::Remove { name: "a".into() };
    assert_eq!(edits(&add, &config).unwrap_err().code(), "change_denied");
    assert_eq!(edits(&remove, &config).unwrap_err().code(), "change_denied");
    config.read_only_mode = true;
    assert!(edits(&Command::Enable { name: "b".into(), on: true }, &config).is_err());
    assert!(edits(&Command::Restart { name: "b".into() }, &config).is_ok());
}

#[test]
fn turning_all_on_writes_only_those_that_are_off() {
    assert_eq!(written(&edits(&Command::EnableAll { on: true }, &sample(true)).unwrap()), ["b:enabled=true"]);
}
