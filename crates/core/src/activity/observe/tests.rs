use indexmap::IndexMap;
use serde_json::json;

use super::*;
use crate::snapshot::Failure;

fn view(name: &str, state: ServerState) -> ServerView {
    let config = mcpproxy_config::ServerConfig::from_value(&json!({"name": name, "command": "x"})).unwrap();
    ServerView { state, name: name.into(), ..crate::servers::fresh_view(&Arc::new(config)) }
}

fn snapshot(servers: Vec<ServerView>) -> Snapshot {
    let servers = servers.into_iter().map(|view| (view.name.clone(), Arc::new(view)));
    let board = crate::board::empty_for_tests();
    let mut snapshot = Snapshot::clone(&board.snapshot());
    snapshot.phase = Phase::Running;
    snapshot.servers = Arc::new(servers.collect::<IndexMap<_, _>>());
    snapshot.engine =
        Arc::new(EngineView { available: true, code: "engine_ready", ..EngineView::clone(&snapshot.engine) });
    snapshot
}

fn codes(old: Vec<ServerView>, new: Vec<ServerView>) -> Vec<&'static str> {
    differences(&snapshot(old), &snapshot(new)).into_iter().filter_map(|entry| entry.code).collect()
}

fn backoff() -> ServerState {
    ServerState::Backoff { until: Timestamp::now(), attempt: 1 }
}

#[test]
fn servers_that_come_and_go_are_told() {
    assert_eq!(codes(vec![], vec![view("a", ServerState::Starting)]), ["activity_server_added"]);
    assert_eq!(codes(vec![view("a", ServerState::Ready)], vec![]), ["activity_server_removed"]);
}

#[test]
fn steps_of_a_start_are_no_records_but_its_end_is() {
    let at = |state| vec![view("a", state)];
    assert!(codes(at(ServerState::Starting), at(ServerState::Handshaking)).is_empty());
    assert_eq!(codes(at(ServerState::Handshaking), at(ServerState::Ready)), ["activity_server_ready"]);
    assert_eq!(codes(at(ServerState::Ready), at(ServerState::Stopping)), ["activity_server_stopped"]);
    assert!(codes(at(ServerState::Stopping), at(ServerState::Starting)).is_empty());
    assert_eq!(codes(at(ServerState::Starting), at(ServerState::Quarantined)), ["activity_server_held"]);
    assert_eq!(codes(at(ServerState::Quarantined), at(ServerState::Starting)), ["activity_server_released"]);
}

#[test]
fn a_restart_that_was_too_quick_to_see_is_told_as_both_of_its_halves() {
    let old = view("a", ServerState::Ready);
    let new = ServerView { starts: old.starts + 1, ..old.clone() };
    assert_eq!(codes(vec![old], vec![new]), ["activity_server_stopped", "activity_server_ready"]);
}

#[test]
fn a_failure_is_told_with_its_reason_as_an_error() {
    let failure = Failure {
        code: "engine_lost",
        fields: Vec::new(),
        detail: String::new(),
        stderr: Vec::new(),
        at: Timestamp::now(),
    };
    let failed = ServerView { failure: Some(Arc::new(failure)), ..view("a", backoff()) };
    let told = differences(&snapshot(vec![view("a", ServerState::Ready)]), &snapshot(vec![failed]));
    assert_eq!((told[0].code, told[0].status), (Some("activity_server_failed"), Status::Error));
    assert!(told[0].error.as_deref().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn isolation_that_is_switched_off_is_told() {
    let old = view("a", ServerState::Ready);
    let new = ServerView { placement: Placement::Host, ..view("a", ServerState::Stopping) };
    let old = ServerView { placement: Placement::Container, ..old };
    assert_eq!(codes(vec![old], vec![new]), ["activity_server_unprotected", "activity_server_stopped"]);
}

#[test]
fn an_engine_that_goes_and_comes_is_told() {
    let (up, mut down) = (snapshot(vec![]), snapshot(vec![]));
    let engine =
        EngineView { available: false, code: "engine_not_running", ..EngineView::clone(&down.engine) };
    down.engine = Arc::new(engine);
    assert_eq!(differences(&up, &down)[0].status, Status::Error);
    assert_eq!(differences(&down, &up)[0].status, Status::Success);
    assert!(differences(&up, &up).is_empty());
}

#[test]
fn a_command_is_told_with_its_keys_and_looks_are_not() {
    let edit =
        Edit { server: Some("github".into()), path: vec!["env".into()], value: Some(json!({"T": "x"})) };
    let outcome = Outcome {
        revision: 1,
        edits: vec![edit],
        affected: Vec::new(),
        undo: None,
        needs_restart: Vec::new(),
    };
    let command = Command::Change { name: "github".into(), patch: json!({}) };
    let entry = commanded(&command, &outcome, Origin::Mcp).unwrap();
    assert_eq!(
        (entry.kind, entry.origin, entry.server.as_deref()),
        (Kind::Config, Origin::Mcp, Some("github"))
    );
    assert!(entry.fields.unwrap().contains("github.env") && entry.arguments.unwrap().contains("\"T\""));
    let nothing = Outcome { edits: Vec::new(), ..outcome };
    assert_eq!(commanded(&Command::Reload, &nothing, Origin::Person), None);
    let restart = Command::Restart { name: "github".into() };
    assert!(commanded(&restart, &nothing, Origin::Person).is_some());
}
