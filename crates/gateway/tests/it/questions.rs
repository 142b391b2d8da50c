//! What servers ask of clients, and what they tell them.

use mcpproxy_gateway::{Credential, Endpoint, EventStream, ReplyKind};
use serde_json::{Value, json};

use crate::harness::{Client, Played, World, collect, next, script, tools};

/// Begins a call and returns its stream, once the server has heard it.
async fn begin(
    client: &Client,
    server: &mut Played,
    id: u64,
) -> (tokio::task::JoinHandle<EventStream>, Value) {
    let caller = client.clone();
    let call = tokio::spawn(async move {
        let message =
            json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": "s__t" } });
        match caller.post(&message.to_string()).await.expect("taken").kind {
            ReplyKind::Stream(stream) => stream,
            other => panic!("a stream was expected: {other:?}"),
        }
    });
    let asked = server.hear_method("tools/call").await;
    (call, asked)
}

fn sampling(id: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "sampling/createMessage", "params": { "maxTokens": 1, "messages": [], "_meta": { "progressToken": "theirs" } } })
}

#[tokio::test]
async fn a_question_goes_to_the_client_whose_call_it_belongs_to_and_the_answer_back() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let _bystander = world.client(Endpoint::All).await;
    let client = world.client(Endpoint::All).await;
    let (call, asked) = begin(&client, &mut server, 1).await;
    server.say(sampling(json!("q"))).await;
    let mut stream = call.await.expect("no panic");
    let question = next(&mut stream).await;
    assert_eq!(question["method"], "sampling/createMessage");
    assert_ne!(question["id"], "q");

    let token = &question["params"]["_meta"]["progressToken"];
    assert_ne!(token, "theirs");
    client.notify("notifications/progress", Some(json!({ "progressToken": token, "progress": 1 }))).await;
    assert_eq!(server.hear_method("notifications/progress").await["params"]["progressToken"], "theirs");

    let answer = format!(r#"{{"jsonrpc":"2.0","result":{{"model":"m", "n":1.0}},"id":{}}}"#, question["id"]);
    assert!(matches!(client.post(&answer).await.expect("taken").kind, ReplyKind::Accepted));
    assert_eq!(server.hear_raw().await, r#"{"jsonrpc":"2.0","result":{"model":"m", "n":1.0},"id":"q"}"#);

    server.voice.answer(&asked, json!({ "content": [] })).await;
    assert_eq!(next(&mut stream).await["id"], 1);
}

#[tokio::test]
async fn an_answer_of_another_session_is_not_taken() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let thief = world.client(Endpoint::All).await;
    let client = world.client(Endpoint::All).await;
    let (call, _) = begin(&client, &mut server, 1).await;
    server.say(sampling(json!(9))).await;
    let question = next(&mut call.await.expect("no panic")).await;
    let answer =
        |who: &str| json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "who": who } }).to_string();
    thief.post(&answer("thief")).await.expect("taken note of");
    client.post(&answer("client")).await.expect("taken");
    assert_eq!(server.hear().await["result"]["who"], "client");
}

#[tokio::test]
async fn a_question_without_a_call_is_declined_and_so_is_one_of_two_callers() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let (a, b) = (world.client(Endpoint::All).await, world.client(Endpoint::All).await);
    server.say(json!({ "jsonrpc": "2.0", "id": 1, "method": "roots/list" })).await;
    assert_eq!(server.hear().await["error"]["code"], -32601);
    let call = |client: Client| tokio::spawn(async move { client.call(1, "s__t", json!({})).await });
    let calls = [call(a), call(b)];
    let asked = [server.hear().await, server.hear().await];
    server.say(json!({ "jsonrpc": "2.0", "id": 2, "method": "roots/list" })).await;
    assert_eq!(server.hear().await["error"]["code"], -32601);
    for asked in asked {
        server.voice.answer(&asked, json!({})).await;
    }
    for call in calls {
        assert!(call.await.expect("no panic")["result"].is_object());
    }
}

#[tokio::test]
async fn a_client_is_not_asked_what_it_did_not_declare() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let client = world.client_with(Endpoint::All, Credential::Local, json!({ "elicitation": {} })).await;
    let caller = client.clone();
    let call = tokio::spawn(async move { caller.call(1, "s__t", json!({})).await });
    let asked = server.hear().await;
    for (id, method, params) in [
        (1, "sampling/createMessage", json!({})),
        (2, "roots/list", json!({})),
        (3, "elicitation/create", json!({ "mode": "url", "url": "https://x" })),
        (4, "something/else", json!({})),
    ] {
        server.say(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        let answer = server.hear().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(id), &json!(-32601)), "{method}");
    }
    server.voice.answer(&asked, json!({})).await;
    call.await.expect("no panic");
}

#[tokio::test]
async fn a_withdrawn_question_is_cancelled_at_the_client_under_its_id_there() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let client = world.client(Endpoint::All).await;
    let (call, _) = begin(&client, &mut server, 1).await;
    server.say(sampling(json!("q"))).await;
    let mut stream = call.await.expect("no panic");
    let question = next(&mut stream).await;
    server
        .say(json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": "q" } }))
        .await;
    let told = next(&mut stream).await;
    assert_eq!(
        (&told["method"], &told["params"]["requestId"]),
        (&json!("notifications/cancelled"), &question["id"])
    );
}

#[tokio::test]
async fn a_finished_elicitation_is_told_to_the_client_that_was_asked() {
    let world = World::new();
    let mut server = world.with_tools("s", &["t"]).await;
    let other = world.client(Endpoint::All).await;
    let client =
        world.client_with(Endpoint::All, Credential::Local, json!({ "elicitation": { "url": {} } })).await;
    let (call, asked) = begin(&client, &mut server, 1).await;
    let params = json!({ "mode": "url", "url": "https://x", "message": "m", "elicitationId": "e1" });
    server.say(json!({ "jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": params })).await;
    let mut stream = call.await.expect("no panic");
    let question = next(&mut stream).await;
    client
        .post(
            &json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept" } }).to_string(),
        )
        .await
        .expect("taken");
    server.voice.answer(&asked, json!({})).await;
    assert_eq!(next(&mut stream).await["id"], 1);
    let (mut told, mut untold) = (client.listen(), other.listen());
    server.say(json!({ "jsonrpc": "2.0", "method": "notifications/elicitation/complete", "params": { "elicitationId": "e1" } })).await;
    assert_eq!(next(&mut told).await["params"]["elicitationId"], "e1");
    server.say(json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": "info", "data": 1 } })).await;
    assert_eq!(
        next(&mut untold).await["method"],
        "notifications/message",
        "the other client heard of no elicitation"
    );
}

#[tokio::test]
async fn servers_log_at_the_most_verbose_level_and_each_session_hears_its_own() {
    let world = World::new();
    let mut server = world.attach("s", json!({ "logging": {} }), script(&[])).await;
    let (loud, quiet) = (world.client(Endpoint::All).await, world.client(Endpoint::All).await);
    let set = |client: Client, level: &'static str| {
        tokio::spawn(async move { client.ask(1, "logging/setLevel", json!({ "level": level })).await })
    };
    for (client, level) in [(&quiet, "error"), (&loud, "debug")] {
        let setting = set(client.clone(), level);
        let asked = server.hear_method("logging/setLevel").await;
        assert_eq!(asked["params"]["level"], level);
        server.voice.answer(&asked, json!({})).await;
        assert_eq!(setting.await.expect("no panic")["result"], json!({}));
    }
    let (mut loudly, mut quietly) = (loud.listen(), quiet.listen());
    for level in ["debug", "error"] {
        server.say(json!({ "jsonrpc": "2.0", "method": "notifications/message", "params": { "level": level, "data": 1.5 } })).await;
    }
    assert_eq!(next(&mut loudly).await["params"]["level"], "debug");
    assert_eq!(next(&mut loudly).await["params"]["level"], "error");
    assert_eq!(next(&mut quietly).await["params"]["level"], "error");
    assert_eq!(loud.ask(2, "logging/setLevel", json!({ "level": "shout" })).await["error"]["code"], -32602);
}

#[tokio::test]
async fn subscriptions_are_counted_and_updates_go_to_those_who_subscribed() {
    let world = World::new();
    let lists = script(&[
        ("resources/list", json!({ "resources": [{ "uri": "a://1", "name": "x" }] })),
        ("resources/templates/list", json!({ "resourceTemplates": [] })),
    ]);
    let mut server = world.attach("s", json!({ "resources": { "subscribe": true } }), lists).await;
    let (a, b) = (world.client(Endpoint::All).await, world.client(Endpoint::All).await);
    let known = async {
        while a.ask(0, "resources/list", json!({})).await["result"]["resources"]
            .as_array()
            .is_some_and(Vec::is_empty)
        {
            tokio::task::yield_now().await;
        }
    };
    known.await;
    let ask = |client: &Client, method: &'static str| {
        let client = client.clone();
        tokio::spawn(async move { client.ask(1, method, json!({ "uri": "a://1" })).await })
    };
    for client in [&a, &b] {
        let subscribing = ask(client, "resources/subscribe");
        let asked = server.hear_method("resources/subscribe").await;
        server.voice.answer(&asked, json!({})).await;
        assert!(subscribing.await.expect("no panic")["result"].is_object());
    }
    let stranger = world.client(Endpoint::All).await;
    let mut streams = [a.listen(), b.listen()];
    server.say(json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": { "uri": "a://1/part" } })).await;
    for stream in &mut streams {
        assert_eq!(next(stream).await["params"]["uri"], "a://1/part");
    }
    assert!(
        ask(&a, "resources/unsubscribe").await.expect("no panic")["result"].is_object(),
        "b still holds it"
    );
    b.gateway.close(&b.endpoint, &b.credential, b.session.as_deref()).expect("closed");
    let told = server.hear_method("resources/unsubscribe").await;
    assert_eq!(told["params"]["uri"], "a://1");
    server.voice.answer(&told, json!({})).await;
    drop(stranger);
}

#[tokio::test]
async fn a_restarted_server_gets_levels_and_subscriptions_again() {
    let world = World::new();
    let lists = script(&[
        ("resources/list", json!({ "resources": [{ "uri": "a://1", "name": "x" }] })),
        ("resources/templates/list", json!({ "resourceTemplates": [] })),
    ]);
    let capabilities = json!({ "resources": { "subscribe": true }, "logging": {} });
    let mut with_answers = lists.clone();
    with_answers.insert("resources/subscribe".into(), json!({}));
    with_answers.insert("logging/setLevel".into(), json!({}));
    let first = world.attach("s", capabilities.clone(), with_answers).await;
    let client = world.client(Endpoint::All).await;
    let subscribed = async {
        while client.ask(1, "resources/subscribe", json!({ "uri": "a://1" })).await["result"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    subscribed.await;
    client.ask(2, "logging/setLevel", json!({ "level": "debug" })).await;
    drop(first);
    let mut second = world.attach("s", capabilities, lists).await;
    let level = second.hear_method("logging/setLevel").await;
    assert_eq!(level["params"]["level"], "debug");
    second.voice.answer(&level, json!({})).await;
    assert_eq!(second.hear_method("resources/subscribe").await["params"]["uri"], "a://1");
}

#[tokio::test]
async fn the_endpoint_of_one_server_speaks_with_the_servers_own_voice() {
    let world = World::new();
    let initialize = json!({ "instructions": "be kind", "protocolVersion": "2025-11-25", "capabilities": { "tools": {}, "x": { "y": 1 } }, "serverInfo": { "name": "own", "version": "9", "extra": true } });
    let mut server = world.attach_as("s", initialize.clone(), script(&[])).await;
    let listing = server.hear_method("tools/list").await;
    server.voice.answer(&listing, tools(&["t"])).await;
    let client = world.client(Endpoint::Server("s".into())).await;
    assert_eq!(client.opened["result"], initialize);
    for (method, body) in [
        (
            "tools/call",
            r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"t","arguments":{"a":1.0}}}"#,
        ),
        ("tools/list", r#"{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{"cursor":"theirs"}}"#),
        ("skills/list", r#"{"jsonrpc":"2.0","id":3,"method":"skills/list"}"#),
    ] {
        let caller = client.clone();
        let asking = tokio::spawn(async move { collect(caller.post(body).await.expect("taken")).await });
        let heard = server.hear_raw().await;
        let id = serde_json::from_str::<Value>(&heard).expect("JSON")["id"].to_string();
        assert_eq!(heard, body.replace(r#""id":3"#, &format!(r#""id":{id}"#)), "{method}");
        server
            .voice
            .say(&format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-1,"message":"x","data":1.0}}}}"#))
            .await;
        assert_eq!(
            asking.await.expect("no panic")[0],
            r#"{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"x","data":1.0}}"#
        );
    }
    let mut stream = client.listen();
    server
        .voice
        .say(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{"k":1.0}}}"#)
        .await;
    assert_eq!(next(&mut stream).await["params"]["_meta"]["k"], 1.0);
}

#[tokio::test]
async fn the_endpoint_of_an_unknown_server_is_404_and_of_a_stopped_one_an_error() {
    let world = World::new();
    world.servers.know("off", "disabled");
    let any = world.client(Endpoint::All).await;
    let at = |name: &str| Client { endpoint: Endpoint::Server(name.into()), session: None, ..any.clone() };
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#;
    assert_eq!(at("none").post(message).await.expect_err("refused").status, 404);
    let answer = collect(at("off").post(message).await.expect("an answer")).await;
    let answer: Value = serde_json::from_slice(&answer[0]).expect("JSON");
    assert!(
        answer["error"]["message"].as_str().expect("text").contains("is not connected (state: disabled)")
    );
}

#[tokio::test]
async fn a_client_of_a_server_that_comes_is_kept_waiting_and_then_served() {
    let world = World::new();
    world.servers.know("s", "connecting");
    let any = world.client(Endpoint::All).await;
    let opening = tokio::spawn(async move {
        let client = Client { endpoint: Endpoint::Server("s".into()), session: None, ..any };
        let message = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#;
        client.post(message).await.expect("taken").session
    });
    tokio::task::yield_now().await;
    let _server = world.attach("s", json!({}), script(&[])).await;
    assert!(opening.await.expect("no panic").is_some());
}

#[tokio::test]
async fn a_server_that_comes_back_as_another_ends_the_sessions_of_its_endpoint() {
    let world = World::new();
    let first = world.attach("s", json!({ "tools": {} }), script(&[("tools/list", tools(&["t"]))])).await;
    let client = world.client(Endpoint::Server("s".into())).await;
    drop(first);
    let same = world.attach("s", json!({ "tools": {} }), script(&[("tools/list", tools(&["t"]))])).await;
    assert!(
        client.ask(1, "tools/list", json!({})).await["result"].is_object(),
        "the same server: the session goes on"
    );
    drop(same);
    let _other = world.attach("s", json!({ "tools": {}, "prompts": {} }), script(&[])).await;
    world.until(|| world.gateway.sessions().is_empty()).await;
    assert_eq!(
        client.post(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).await.expect_err("refused").status,
        404
    );
}
