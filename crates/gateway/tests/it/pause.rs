//! Everything is paused: what clients are told, what they still see, and what becomes of calls that run.

use futures_util::FutureExt as _;
use mcpproxy_gateway::Endpoint;
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{LIMIT, World, script};

const SENTENCE: &str = "MCPProxy is paused by the user.";

#[tokio::test]
async fn a_call_is_told_so_in_these_words_and_nothing_reaches_the_server() {
    let world = World::new();
    let mut server = world.with_tools("s", &["echo"]).await;
    let client = world.client(Endpoint::All).await;
    world.gateway.pause();
    let answer = client.call(1, "s__echo", json!({})).await;
    assert_eq!(answer["result"]["content"], json!([{"type": "text", "text": SENTENCE}]));
    assert_eq!(answer["result"]["isError"], true);
    assert_eq!(answer["result"]["_meta"]["com.mcpproxy/code"], "paused");
    let ours = world.gateway.call_tool("s", "echo", None).await.unwrap_err();
    assert_eq!((ours.code, ours.message.as_str()), ("paused", SENTENCE));
    assert!(server.heard.try_recv().is_err(), "nothing was sent");
    world.gateway.resume();
    let waiting = tokio::spawn(async move { client.call(2, "s__echo", json!({})).await });
    let heard = server.hear_method("tools/call").await;
    server.voice.answer(&heard, json!({"content": []})).await;
    assert_eq!(waiting.await.unwrap()["result"], json!({"content": []}));
}

#[tokio::test]
async fn clients_stay_and_still_see_what_there_is() {
    let world = World::new();
    let resources = json!({"resources": [{"uri": "file:///a", "name": "a"}]});
    let lists = script(&[
        ("tools/list", crate::harness::tools(&["echo"])),
        ("resources/list", resources.clone()),
        ("prompts/list", json!({"prompts": []})),
    ]);
    let _server = world.attach("s", json!({"tools": {}, "resources": {}, "prompts": {}}), lists).await;
    let aggregated = world.client(Endpoint::All).await;
    world.until(|| world.gateway.tools().len() == 1).await;
    let alone = world.client(Endpoint::Server("s".into())).await;
    world.gateway.pause();
    world.gateway.give_up_calls();
    assert_eq!(aggregated.tool_names().await, ["upstream_servers", "s__echo"], "management goes on too");
    assert_eq!(alone.tool_names().await, ["echo"], "in the server's own words");
    assert_eq!(alone.ask(3, "ping", json!({})).await["result"], json!({}));
    assert_eq!(alone.ask(4, "resources/list", json!({})).await["result"], resources);
    for client in [&aggregated, &alone] {
        let read = client.ask(5, "resources/read", json!({"uri": "file:///a"})).await;
        assert_eq!(
            (&read["error"]["message"], &read["error"]["data"]["code"]),
            (&json!(SENTENCE), &json!("paused"))
        );
    }
    assert_eq!(
        world.client(Endpoint::Server("s".into())).await.tool_names().await,
        ["echo"],
        "a new client too"
    );
}

#[tokio::test]
async fn calls_that_run_finish_and_are_waited_for() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let waiting = tokio::spawn(async move { client.call(1, "s__slow", json!({})).await });
    let heard = server.hear_method("tools/call").await;
    world.gateway.pause();
    assert!(world.gateway.calls_ended().now_or_never().is_none(), "one runs");
    server.voice.answer(&heard, json!({"content": []})).await;
    timeout(LIMIT, world.gateway.calls_ended()).await.expect("it has ended");
    assert_eq!(waiting.await.unwrap()["result"], json!({"content": []}));
}

#[tokio::test]
async fn a_call_that_does_not_finish_gets_its_one_answer_and_the_server_hears_of_it() {
    let world = World::new();
    let mut server = world.with_tools("s", &["stuck"]).await;
    let client = world.client(Endpoint::All).await;
    let asking = client.clone();
    let waiting = tokio::spawn(async move { asking.call(1, "s__stuck", json!({})).await });
    let heard = server.hear_method("tools/call").await;
    world.gateway.pause();
    world.gateway.give_up_calls();
    assert_eq!(waiting.await.unwrap()["result"]["content"][0]["text"], SENTENCE);
    timeout(LIMIT, world.gateway.calls_ended()).await.expect("nobody waits any more");
    let cancelled = server.hear_method("notifications/cancelled").await;
    assert_eq!(cancelled["params"]["requestId"], heard["id"]);
    // Its late answer belongs to nobody.
    server.voice.answer(&heard, json!({"content": []})).await;
    world.gateway.resume();
    let waiting = tokio::spawn(async move { client.call(2, "s__stuck", json!({})).await });
    let heard = server.hear_method("tools/call").await;
    server.voice.answer(&heard, json!({"content": [{"type": "text", "text": "second"}]})).await;
    assert_eq!(waiting.await.unwrap()["result"]["content"][0]["text"], "second");
}
