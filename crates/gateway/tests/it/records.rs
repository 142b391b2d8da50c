//! What a recorder is told of calls and sessions.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use mcpproxy_gateway::{Asked, CallOutcome, CallRecord, Endpoint, Recorder, SessionRecord};
use serde_json::{Value, json};

use crate::harness::{Played, World, script, tools};

#[derive(Default)]
struct Notes {
    calls: Mutex<Vec<CallRecord>>,
    sessions: Mutex<Vec<SessionRecord>>,
    full: AtomicBool,
    missed: AtomicUsize,
}

impl Recorder for Notes {
    fn has_room(&self) -> bool {
        let full = self.full.load(Ordering::Relaxed);
        if full {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
        !full
    }
    fn call(&self, record: CallRecord) {
        self.calls.lock().unwrap().push(record);
    }
    fn session(&self, record: SessionRecord) {
        self.sessions.lock().unwrap().push(record);
    }
}

impl Notes {
    fn last(&self) -> CallRecord {
        self.calls.lock().unwrap().last().cloned().expect("a record")
    }
}

/// A server whose every tool answers with `result`.
async fn world(result: Value) -> (World, Played, Arc<Notes>) {
    let world = World::new();
    let notes = Arc::new(Notes::default());
    world.gateway.record_with(Arc::clone(&notes) as Arc<dyn Recorder>);
    let answers = script(&[("tools/list", tools(&["push"])), ("tools/call", result)]);
    let server = world.attach("git", json!({ "tools": {} }), answers).await;
    world.until(|| !world.gateway.tools().is_empty()).await;
    (world, server, notes)
}

fn arguments(record: &CallRecord) -> Value {
    serde_json::from_slice(&record.arguments().expect("arguments")).expect("JSON")
}

#[tokio::test]
async fn a_call_is_told_with_server_tool_client_and_what_went_in_and_out() {
    let (world, _server, notes) = world(json!({ "content": [{ "type": "text", "text": "done" }] })).await;
    let client = world.client(Endpoint::All).await;
    client.call("seven", "git__push", json!({ "branch": "main" })).await;
    let record = notes.last();
    assert_eq!((record.asked, record.outcome()), (Asked::Tool, CallOutcome::Success));
    assert_eq!((record.server.as_deref(), record.tool.as_str()), (Some("git"), "push"));
    assert_eq!((record.client.as_str(), record.id.as_str()), ("test", "\"seven\""));
    assert_eq!(arguments(&record), json!({ "branch": "main" }));
    assert!(record.response().expect("a result").starts_with(b"{\"content\""));
    assert!(record.request_bytes > 0 && record.response_bytes > 0);
    assert_eq!(notes.sessions.lock().unwrap()[0].client, "test");
}

#[tokio::test]
async fn a_result_that_says_it_is_an_error_counts_as_one() {
    let failed = json!({ "content": [{ "type": "text", "text": "no such branch" }], "isError": true });
    let (world, _server, notes) = world(failed).await;
    world.client(Endpoint::All).await.call(1, "git__push", json!({})).await;
    let record = notes.last();
    assert_eq!((record.outcome(), record.error().as_deref()), (CallOutcome::Error, Some("no such branch")));
}

#[tokio::test]
async fn a_call_through_our_call_tool_is_told_as_the_tool_it_stands_for() {
    let (world, _server, notes) = world(json!({ "content": [] })).await;
    let client = world.client(Endpoint::Call).await;
    let text = json!({ "name": "git:push", "args_json": "{\"branch\": \"x\"}" });
    client.call(1, "call_tool_write", text).await;
    let record = notes.last();
    assert_eq!((record.asked, record.tool.as_str()), (Asked::Tool, "push"));
    assert_eq!(arguments(&record), json!({ "branch": "x" }));
    client.call(2, "call_tool_read", json!({ "name": "git:push", "args": { "n": 1 } })).await;
    assert_eq!(arguments(&notes.last()), json!({ "n": 1 }));
    client.call(3, "retrieve_tools", json!({ "query": "push" })).await;
    let own = notes.last();
    assert_eq!((own.asked, own.tool.as_str(), own.server), (Asked::OwnTool, "retrieve_tools", None));
}

#[tokio::test]
async fn a_call_to_a_held_server_is_blocked() {
    let (world, server, notes) = world(json!({})).await;
    let client = world.client(Endpoint::Call).await;
    drop(server);
    world.servers.know("notes", "quarantined");
    client.call(1, "call_tool_read", json!({ "name": "notes:read", "args": {} })).await;
    let record = notes.last();
    assert_eq!((record.outcome(), record.server.as_deref()), (CallOutcome::Blocked, Some("notes")));
}

#[tokio::test]
async fn a_recorder_without_room_is_handed_nothing_and_the_call_goes_on() {
    let (world, _server, notes) = world(json!({ "content": [] })).await;
    let client = world.client(Endpoint::All).await;
    notes.full.store(true, Ordering::Relaxed);
    assert!(client.call(1, "git__push", json!({})).await["result"].is_object());
    assert!(notes.calls.lock().unwrap().is_empty());
    assert_eq!(notes.missed.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn calls_of_the_program_itself_are_told_without_a_session() {
    let (world, _server, notes) = world(json!({ "content": [] })).await;
    world.gateway.call_tool("git", "push", None).await.expect("a result");
    let record = notes.last();
    assert_eq!(
        (record.session, record.outcome(), record.tool.as_str()),
        (None, CallOutcome::Success, "push")
    );
}
