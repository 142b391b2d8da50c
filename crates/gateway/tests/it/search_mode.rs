//! The tools that stand for all tools: search, describe, call, read on.

use mcpproxy_gateway::{Credential, Endpoint, Options};
use serde_json::{Value, json};

use crate::harness::{Client, Played, World, collect, script};

fn catalog() -> Value {
    json!({ "tools": [
        { "name": "create_issue", "description": "Create a new issue in a repository", "inputSchema": { "type": "object", "properties": { "title": { "type": "string" }, "body": {} }, "required": ["title"] }, "annotations": { "readOnlyHint": false, "destructiveHint": false } },
        { "name": "delete_repo", "description": "Delete a repository for ever", "inputSchema": { "type": "object" }, "annotations": { "destructiveHint": true } },
        { "name": "list_issues", "description": "List issues of a repository", "inputSchema": { "type": "object", "$defs": { "x": {} } }, "annotations": { "readOnlyHint": true, "openWorldHint": false } },
    ] })
}

async fn world(options: Options) -> (World, Played, Client) {
    let world = World::with(options);
    let server = world.attach("github", json!({ "tools": {} }), script(&[("tools/list", catalog())])).await;
    world.until(|| world.gateway.tools().len() == 3).await;
    let client = world.client(Endpoint::Call).await;
    (world, server, client)
}

/// The JSON in the one text of a tool's result.
fn said(answer: &Value) -> Value {
    let text = answer["result"]["content"][0]["text"].as_str().expect("a text");
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn names(found: &Value, key: &str) -> Vec<String> {
    found["tools"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|tool| tool[key].as_str().expect("text").to_owned())
        .collect()
}

#[tokio::test]
async fn tools_are_found_by_words_with_all_that_is_needed_to_call_them() {
    let (_world, _server, client) = world(Options::default()).await;
    let found = said(&client.call(1, "retrieve_tools", json!({ "query": "create issue" })).await);
    let first = &found["tools"][0];
    assert_eq!(
        (first["name"].as_str(), first["server"].as_str()),
        (Some("github:create_issue"), Some("github"))
    );
    assert_eq!(first["call_with"], "call_tool_write");
    assert_eq!(first["inputSchema"]["required"][0], "title");
    assert_eq!(found["query"], "create issue");
    assert!(found["session_risk"]["level"].is_string() && found["usage_instructions"].is_string());
    let none = said(&client.call(2, "retrieve_tools", json!({ "query": "zebra" })).await);
    assert_eq!((&none["tools"], &none["total"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_search_can_be_narrowed_and_short() {
    let (_world, _server, client) = world(Options::default()).await;
    let search = async |arguments: Value| said(&client.call(1, "retrieve_tools", arguments).await);
    assert_eq!(search(json!({ "query": "repository", "limit": 2 })).await["total"], 2);
    let safe = search(json!({ "query": "repository", "read_only_only": true })).await;
    assert_eq!(names(&safe, "name"), ["github:list_issues"]);
    let kept = search(json!({ "query": "repository", "exclude_destructive": true })).await;
    assert!(!names(&kept, "name").contains(&"github:delete_repo".to_owned()));
    let closed = search(json!({ "query": "repository", "exclude_open_world": true })).await;
    assert_eq!(names(&closed, "name"), ["github:list_issues"]);
    let short = search(json!({ "query": "create issue", "detail": "compact" })).await;
    assert_eq!(short["tools"][0]["id"], "github:create_issue");
    assert_eq!(short["tools"][0]["sig"], "create_issue(title, body?)");
    assert!(client.call(2, "retrieve_tools", json!({})).await["result"]["isError"] == true);
}

#[tokio::test]
async fn a_definition_is_given_whole_and_what_is_missing_is_named() {
    let (world, _server, client) = world(Options::default()).await;
    world.servers.know("off", "disabled");
    let ids = json!({ "tool_ids": ["github:list_issues", "github:none", "off:x", "junk"] });
    let described = said(&client.call(1, "describe_tool", ids).await);
    assert_eq!(described["definitions"][0]["inputSchema"], json!({ "type": "object", "$defs": { "x": {} } }));
    let errors: Vec<&str> = described["errors"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["error"].as_str().expect("text"))
        .collect();
    assert_eq!(errors, ["not_found", "disabled", "not_found"]);
}

#[tokio::test]
async fn a_call_carries_the_arguments_in_their_own_bytes() {
    let (_world, mut server, client) = world(Options::default()).await;
    for (arguments, inside) in [
        (r#""args":{"n":1.0,  "b":[1]}"#, r#""arguments":{"n":1.0,  "b":[1]}"#),
        (
            r#""args":{"x":1},"args_json":"{\"big\":123456789012345678901}""#,
            r#""arguments":{"big":123456789012345678901}"#,
        ),
    ] {
        let message = format!(
            r#"{{"jsonrpc":"2.0","id":"i","method":"tools/call","params":{{"name":"call_tool_write","arguments":{{"name":"github:create_issue",{arguments}}},"_meta":{{"k":1.0}}}}}}"#
        );
        let caller = client.clone();
        let call = tokio::spawn(async move { collect(caller.post(&message).await.expect("taken")).await });
        let heard = server.hear_raw().await;
        assert!(heard.contains(inside) && heard.contains(r#""_meta":{"k":1.0}"#), "{heard}");
        let asked: Value = serde_json::from_str(&heard).expect("JSON");
        assert_eq!(asked["params"]["name"], "create_issue");
        server
            .voice
            .say(&format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"content":[],"x":1.50}}}}"#, asked["id"]))
            .await;
        assert_eq!(
            call.await.expect("no panic")[0],
            r#"{"jsonrpc":"2.0","id":"i","result":{"content":[],"x":1.50}}"#
        );
    }
}

#[tokio::test]
async fn a_call_that_cannot_be_made_says_why() {
    let (world, _server, client) = world(Options::default()).await;
    world.servers.know("slow", "connecting");
    for (tool, arguments, words) in [
        (
            "call_tool_read",
            json!({ "name": "create_issue" }),
            "Invalid tool name format: create_issue (expected server:tool)",
        ),
        ("call_tool_read", json!({ "name": "none:x" }), "No client found for server: none"),
        ("call_tool_read", json!({ "name": "slow:x" }), "currently connecting"),
        ("call_tool_read", json!({ "name": "github:none" }), "Unknown tool: github:none"),
        (
            "call_tool_read",
            json!({ "name": "github:delete_repo" }),
            "is marked destructive by server, use call_tool_destructive",
        ),
        (
            "call_tool_write",
            json!({ "name": "github:create_issue", "args_json": "{" }),
            "args_json is not valid JSON",
        ),
        ("call_tool_write", json!({ "name": "github:create_issue", "args": [1] }), "args must be an object"),
        (
            "call_tool_write",
            json!({ "name": "github:create_issue", "intent_reason": "x".repeat(1001) }),
            "REASON_TOO_LONG",
        ),
        ("call_tool_write", json!({ "args": {} }), "missing field `name`"),
    ] {
        let answer = client.call(1, tool, arguments).await;
        assert_eq!(answer["result"]["isError"], true, "{words}");
        let text = answer["result"]["content"][0]["text"].as_str().expect("text");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_long_result_is_cut_and_can_be_read_on_by_its_own_client_alone() {
    let (world, mut server, client) = world(Options { tool_response_limit: 600, ..Options::default() }).await;
    let rows: Vec<Value> = (0..200).map(|n| json!({ "n": n })).collect();
    let caller = client.clone();
    let call = tokio::spawn(async move {
        caller.call(1, "call_tool_read", json!({ "name": "github:list_issues" })).await
    });
    let asked = server.hear().await;
    server
        .voice
        .answer(
            &asked,
            json!({ "content": [{ "type": "text", "text": json!({ "rows": rows }).to_string() }] }),
        )
        .await;
    let answer = call.await.expect("no panic");
    let text = answer["result"]["content"][0]["text"].as_str().expect("text");
    assert!(text.chars().count() <= 600 && text.contains("... [truncated by mcpproxy]"), "{text}");
    let key = text.split("key=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a key");
    let page = said(&client.call(2, "read_cache", json!({ "key": key, "offset": 150, "limit": 100 })).await);
    assert_eq!(page["records"].as_array().map(Vec::len), Some(50));
    assert_eq!(page["records"][0]["n"], 150);
    assert_eq!((&page["meta"]["total_records"], &page["meta"]["record_path"]), (&json!(200), &json!("rows")));
    let other = world.client_with(Endpoint::Call, Credential::Client("other".into()), json!({})).await;
    assert_eq!(other.call(3, "read_cache", json!({ "key": key })).await["result"]["isError"], true);
}
