//! Calls: whom they reach, what comes back, and what happens when it does not.

use std::time::Duration;

use bytes::Bytes;
use mcpproxy_gateway::{Credential, Endpoint, Options, ReplyKind, RoutingMode};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::harness::{Client, LIMIT, World, collect, next, script, tools};

#[tokio::test]
async fn tools_of_all_servers_are_listed_by_server_under_published_names() {
    let world = World::new();
    let _b = world.with_tools("beta", &["z", "a"]).await;
    let _a = world.with_tools("alpha", &["do it"]).await;
    let client = world.client_with(Endpoint::All, Credential::Local, json!({})).await;
    let names = client.tool_names().await;
    assert_eq!(names[1..], ["beta__z", "beta__a"]);
    assert!(names[0].starts_with("alpha__do_it"), "{names:?}");
}

#[tokio::test]
async fn a_listed_entry_keeps_every_byte_but_its_name() {
    let world = World::new();
    let entry = r#"{"x":1.50,"name":"t","inputSchema":{"type":"object","$defs":{"b":{},"a":{}},"maximum":18446744073709551617},"execution":{}}"#;
    let list: Value = json!({ "tools": [] });
    let mut server = world.attach("s", json!({ "tools": {} }), script(&[("resources/list", list)])).await;
    let asked = server.hear_method("tools/list").await;
    server
        .voice
        .say(&format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{"tools":[{entry}]}}}}"#, asked["id"]))
        .await;
    world.until(|| !world.gateway.tools().is_empty()).await;
    let client = world.client_with(Endpoint::All, Credential::Local, json!({})).await;
    let answer =
        collect(client.post(r#"{"jsonrpc":"2.0","id":7,"method":"tools/list"}"#).await.expect("taken")).await;
    let expected = format!(
        r#"{{"jsonrpc":"2.0","id":7,"result":{{"tools":[{}]}}}}"#,
        entry.replace(r#""t""#, r#""s__t""#)
    );
    assert_eq!(answer[0], expected);
}

#[tokio::test]
async fn a_call_reaches_the_server_under_its_own_name_and_the_answer_keeps_its_bytes() {
    let world = World::new();
    let mut server = world.with_tools("s", &["echo"]).await;
    let client = world.client(Endpoint::All).await;
    let call = r#"{"params":{"arguments":{"n":1.0,"b":[1,  2]},"name":"s__echo"},"method":"tools/call","id":"\u0061","jsonrpc":"2.0"}"#;
    let waiting = tokio::spawn(async move { client.post(call).await });
    let heard = server.hear_raw().await;
    let id = serde_json::from_str::<Value>(&heard).expect("JSON")["id"].clone();
    assert_eq!(heard, call.replace(r#""s__echo""#, r#""echo""#).replace(r#""\u0061""#, &id.to_string()));
    server
        .voice
        .say(&format!(
            r#"{{"result":{{"content":[],"big":123456789012345678901.10}}, "id":{id},"jsonrpc":"2.0"}}"#
        ))
        .await;
    let reply = waiting.await.expect("no panic").expect("taken");
    let ReplyKind::One(answer) = reply.kind else { panic!("nothing was said before the answer") };
    assert_eq!(
        answer,
        r#"{"result":{"content":[],"big":123456789012345678901.10}, "id":"\u0061","jsonrpc":"2.0"}"#
    );
}

#[tokio::test]
async fn clients_with_the_same_ids_get_their_own_answers() {
    let world = World::new();
    let mut server = world.with_tools("s", &["echo"]).await;
    let (first, second) = (world.client(Endpoint::All).await, world.client(Endpoint::Default).await);
    let one = tokio::spawn(async move { first.call(1, "s__echo", json!({ "who": "first" })).await });
    let asked_one = server.hear().await;
    let two = tokio::spawn(async move { second.call(1, "s__echo", json!({ "who": "second" })).await });
    let asked_two = server.hear().await;
    assert_ne!(asked_one["id"], asked_two["id"]);
    for asked in [asked_two, asked_one] {
        server.voice.answer(&asked, json!({ "who": asked["params"]["arguments"]["who"] })).await;
    }
    assert_eq!(one.await.expect("no panic")["result"]["who"], "first");
    assert_eq!(two.await.expect("no panic")["result"]["who"], "second");
}

#[tokio::test]
async fn a_second_request_with_an_id_in_flight_is_refused() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let other = client.clone();
    let first = tokio::spawn(async move { other.call(5, "s__slow", json!({})).await });
    let asked = server.hear().await;
    let again = r#"{"jsonrpc":"2.0","id":5.0,"method":"ping"}"#;
    let refusal = client.post(again).await.expect_err("refused");
    let body: Value = serde_json::from_slice(&refusal.body).expect("JSON");
    assert_eq!(
        (refusal.status, refusal.code(), body["error"]["code"].as_i64()),
        (400, "duplicate_id", Some(-32600))
    );
    server.voice.answer(&asked, json!({ "content": [] })).await;
    assert!(first.await.expect("no panic")["result"].is_object());
    assert!(client.post(again).await.is_ok(), "the id is free again");
}

#[tokio::test]
async fn a_cancellation_reaches_the_server_with_the_mapped_id_and_the_call_has_no_answer() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let caller = client.clone();
    let call = tokio::spawn(async move {
        collect(
            caller
                .post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__slow"}}"#)
                .await
                .expect("taken"),
        )
        .await
    });
    let asked = server.hear().await;
    client.notify("notifications/cancelled", Some(json!({ "requestId": 1, "reason": "enough" }))).await;
    let told = server.hear_method("notifications/cancelled").await;
    assert_eq!(told["params"]["requestId"], asked["id"]);
    assert!(call.await.expect("no panic").is_empty());
}

#[tokio::test]
async fn progress_comes_before_the_answer_with_the_callers_token() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let call = tokio::spawn(async move {
        let message = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__slow","_meta":{"progressToken":"mine"}}}"#;
        collect(client.post(message).await.expect("taken")).await
    });
    let asked = server.hear().await;
    let token = &asked["params"]["_meta"]["progressToken"];
    assert_ne!(token, "mine");
    for step in 1..=3 {
        server.say(json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": { "progressToken": token, "progress": step } })).await;
    }
    server.voice.answer(&asked, json!({ "content": [] })).await;
    let told: Vec<Value> = call
        .await
        .expect("no panic")
        .iter()
        .map(|m: &Bytes| serde_json::from_slice(m).expect("JSON"))
        .collect();
    assert_eq!(told.len(), 4);
    for (step, message) in (1..=3).zip(&told) {
        assert_eq!(message["params"], json!({ "progressToken": "mine", "progress": step }));
    }
    assert_eq!(told[3]["id"], 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_has_not_cancelled() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let caller = client.clone();
    let call = tokio::spawn(async move { caller.call(1, "s__slow", json!({})).await });
    let asked = server.hear().await;
    call.abort();
    assert!(call.await.is_err());
    assert_eq!(world.gateway.sessions()[0].in_flight, 1, "the call goes on");
    server.voice.answer(&asked, json!({ "content": [] })).await;
    world.until(|| world.gateway.sessions()[0].in_flight == 0).await;
    // The pipe keeps order, so a cancellation would stand before this.
    client.notify("notifications/roots/list_changed", None).await;
    assert_eq!(server.hear().await["method"], "notifications/roots/list_changed");
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_opens_a_stream_that_can_be_kept_alive() {
    let world = World::new();
    let mut server = world.with_tools("s", &["slow"]).await;
    let client = world.client(Endpoint::All).await;
    let reply = client
        .post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"s__slow"}}"#)
        .await
        .expect("taken");
    assert!(matches!(reply.kind, ReplyKind::Stream(_)));
    let asked = server.hear().await;
    server.voice.answer(&asked, json!({ "content": [] })).await;
    let answer = collect(reply).await;
    assert_eq!(serde_json::from_slice::<Value>(&answer[0]).expect("JSON")["id"], 1);
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_and_a_departed_one_a_result_that_says_so() {
    let world = World::new();
    let client = world.client(Endpoint::All).await;
    assert_eq!(client.call(1, "s__a", json!({})).await["error"]["code"], -32602);
    let mut server = world.with_tools("s", &["a"]).await;
    drop(server.attachment.take());
    world.servers.know("s", "connecting");
    assert!(world.gateway.tools().is_empty());
    let answer = client.call(2, "s__a", json!({})).await;
    assert_eq!(answer["result"]["isError"], true);
    let text = answer["result"]["content"][0]["text"].as_str().expect("text");
    assert!(text.starts_with("Server 's' is not connected (state: connecting)"), "{text}");
}

#[tokio::test]
async fn a_server_that_dies_fails_its_calls_at_once() {
    let world = World::new();
    let mut server = world.with_tools("s", &["a"]).await;
    let client = world.client(Endpoint::All).await;
    let call = tokio::spawn(async move { client.call(1, "s__a", json!({})).await });
    server.hear().await;
    drop(server);
    let answer = timeout(LIMIT, call).await.expect("an answer").expect("no panic");
    assert_eq!(answer["result"]["isError"], true);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_in_time_gets_a_sentence_for_the_model() {
    let world = World::with(Options { call_timeout: Some(Duration::from_secs(3)), ..Options::default() });
    let _server = world.with_tools("s", &["a"]).await;
    let client = world.client(Endpoint::All).await;
    let answer = client.call(1, "s__a", json!({})).await;
    let text = answer["result"]["content"][0]["text"].as_str().expect("text");
    assert!(text.contains("did not answer in time") && text.contains("call_timeout"), "{text}");
}

#[tokio::test]
async fn changed_lists_are_announced_once_and_listed_anew() {
    let world = World::new();
    let client = world.client(Endpoint::All).await;
    let mut stream = client.listen();
    let mut server = world.attach("s", json!({ "tools": { "listChanged": true } }), script(&[])).await;
    for names in [["a"], ["b"]] {
        let asked = server.hear_method("tools/list").await;
        server.voice.answer(&asked, tools(&names)).await;
        assert_eq!(next(&mut stream).await["method"], "notifications/tools/list_changed");
        assert!(client.tool_names().await.contains(&format!("s__{}", names[0])));
        server.say(json!({ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" })).await;
    }
}

#[tokio::test]
async fn pages_are_joined_and_a_cursor_that_repeats_ends_the_list() {
    let world = World::new();
    let mut server = world.attach("s", json!({ "tools": {} }), script(&[])).await;
    for (name, cursor) in [("a", json!("x")), ("b", json!("y")), ("c", json!("y"))] {
        let asked = server.hear_method("tools/list").await;
        let mut page = tools(&[name]);
        page["nextCursor"] = cursor;
        server.voice.answer(&asked, page).await;
    }
    world.until(|| world.gateway.tools().len() == 3).await;
}

#[tokio::test(start_paused = true)]
async fn automatic_mode_lists_few_tools_directly_and_searches_many() {
    let world = World::new();
    let _few = world.with_tools("few", &["a"]).await;
    let direct = world.client(Endpoint::Default).await;
    assert_eq!(direct.tool_names().await, ["upstream_servers", "few__a"]);
    let names: Vec<String> = (0..40).map(|n| format!("t{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let _many = world.with_tools("many", &names).await;
    let searching = world.client(Endpoint::Default).await;
    assert_eq!(searching.tool_names().await[0], "retrieve_tools");
    assert_eq!(direct.tool_names().await.len(), 42, "a session keeps its mode");
    let all = world.client(Endpoint::All).await;
    assert_eq!(all.tool_names().await.len(), 42);
}

#[tokio::test(start_paused = true)]
async fn the_first_list_waits_for_an_expected_server_but_not_for_ever() {
    let world = World::new();
    world.gateway.set_expected(vec!["slow".to_owned()]);
    let client = world.client(Endpoint::Default).await;
    let start = tokio::time::Instant::now();
    assert_eq!(client.tool_names().await, ["upstream_servers"]);
    assert_eq!(start.elapsed(), Duration::from_secs(2));
    let start = tokio::time::Instant::now();
    client.tool_names().await;
    assert_eq!(start.elapsed(), Duration::ZERO, "the mode is decided");
}

#[tokio::test]
async fn an_explicit_mode_and_the_fixed_endpoints_decide_at_once() {
    let world = World::with(Options {
        routing_mode: RoutingMode::RetrieveTools,
        management: false,
        ..Options::default()
    });
    let _server = world.with_tools("s", &["a"]).await;
    let names = world.client(Endpoint::Default).await.tool_names().await;
    assert_eq!(
        names,
        [
            "retrieve_tools",
            "describe_tool",
            "call_tool_read",
            "call_tool_write",
            "call_tool_destructive",
            "read_cache"
        ]
    );
    assert_eq!(world.client(Endpoint::All).await.tool_names().await, ["s__a"]);
    assert_eq!(world.client(Endpoint::Call).await.tool_names().await, names);
}

#[tokio::test]
async fn servers_are_managed_by_the_admin_alone() {
    let world = World::new();
    let admin = world.client(Endpoint::All).await;
    let answer = admin.call(1, "upstream_servers", json!({ "operation": "restart", "name": "s" })).await;
    assert_eq!(answer["result"]["content"][0]["text"], r#"{"did":"restart"}"#);
    let wrong = admin.call(2, "upstream_servers", json!({ "operation": "explode" })).await;
    assert_eq!(wrong["result"]["isError"], true);
    assert_eq!(world.servers.operations.lock().unwrap().len(), 1);
    for credential in [Credential::Local, Credential::Client("c".into())] {
        let client = world.client_with(Endpoint::All, credential, json!({})).await;
        assert!(client.tool_names().await.is_empty());
        assert_eq!(
            client.call(1, "upstream_servers", json!({ "operation": "list" })).await["error"]["code"],
            -32602
        );
    }
}

#[tokio::test]
async fn the_program_itself_can_call_and_search() {
    let world = World::new();
    let server = world
        .attach(
            "time",
            json!({ "tools": {} }),
            script(&[("tools/list", tools(&["get_current_time"])), ("tools/call", json!({ "content": [] }))]),
        )
        .await;
    world.until(|| world.gateway.tools().len() == 1).await;
    assert_eq!(world.gateway.search("current time", 5)[0].tool.published.as_ref(), "time__get_current_time");
    let result = world.gateway.call_tool("time", "get_current_time", None).await.expect("a result");
    assert_eq!(result, r#"{"content":[]}"#);
    assert_eq!(
        world.gateway.call_tool("none", "x", None).await.expect_err("no server").code(),
        "server_not_connected"
    );
    drop(server);
}

fn by_name(client: &Client, name: &str) -> Value {
    json!({ "name": name, "client": client.session })
}

#[tokio::test]
async fn prompts_completions_and_resources_find_their_server() {
    let world = World::new();
    let capabilities = json!({ "prompts": {}, "resources": { "subscribe": true }, "completions": {} });
    let lists = script(&[
        ("prompts/list", json!({ "prompts": [{ "name": "p" }] })),
        ("resources/list", json!({ "resources": [{ "uri": "file:///same", "name": "x" }] })),
        (
            "resources/templates/list",
            json!({ "resourceTemplates": [{ "uriTemplate": "db://{id}", "name": "t" }] }),
        ),
    ]);
    let mut a = world.attach("a", capabilities.clone(), lists.clone()).await;
    let other = script(&[(
        "resources/list",
        json!({ "resources": [{ "uri": "file:///same", "name": "y" }, { "uri": "b://only", "name": "z" }] }),
    )]);
    let mut b = world.attach("b", json!({ "resources": {} }), other).await;
    let client = world.client(Endpoint::All).await;
    let listed = || async {
        let answer = client.ask(1, "resources/list", json!({})).await;
        let list = answer["result"]["resources"].as_array().expect("a list").iter();
        list.map(|entry| entry["uri"].as_str().expect("a uri").to_owned()).collect::<Vec<_>>()
    };
    let expected = ["mcpproxy://a/file%3A%2F%2F%2Fsame", "mcpproxy://b/file%3A%2F%2F%2Fsame", "b://only"];
    let waited = timeout(LIMIT, async {
        while listed().await != expected {
            tokio::task::yield_now().await
        }
    })
    .await;
    assert!(waited.is_ok());
    // b has no templates, as many servers that promise resources.
    let asked = b.hear_method("resources/templates/list").await;
    b.say(json!({ "jsonrpc": "2.0", "id": asked["id"], "error": { "code": -32601, "message": "no" } })).await;

    let reading = {
        let client = client.clone();
        tokio::spawn(async move { client.ask(2, "resources/read", json!({ "uri": expected[1] })).await })
    };
    let asked = b.hear_method("resources/read").await;
    assert_eq!(asked["params"]["uri"], "file:///same");
    b.voice.answer(&asked, json!({ "contents": [{ "uri": "file:///same", "text": "t" }] })).await;
    assert_eq!(reading.await.expect("no panic")["result"]["contents"][0]["uri"], expected[1]);

    for (method, params, inside) in [
        ("prompts/get", by_name(&client, "a__p"), json!("p")),
        ("resources/read", json!({ "uri": "db://7" }), Value::Null),
    ] {
        let caller = client.clone();
        let asking = tokio::spawn(async move { caller.ask(3, method, params).await });
        let asked = a.hear_method(method).await;
        if !inside.is_null() {
            assert_eq!(asked["params"]["name"], inside);
        }
        a.voice.answer(&asked, json!({})).await;
        assert!(asking.await.expect("no panic")["result"].is_object());
    }
    for (reference, inside) in [
        (json!({ "type": "ref/prompt", "name": "a__p" }), json!({ "type": "ref/prompt", "name": "p" })),
        (
            json!({ "type": "ref/resource", "uri": "db://{id}" }),
            json!({ "type": "ref/resource", "uri": "db://{id}" }),
        ),
    ] {
        let caller = client.clone();
        let params = json!({ "ref": reference, "argument": { "name": "x", "value": "" } });
        let asking = tokio::spawn(async move { caller.ask(4, "completion/complete", params).await });
        let asked = a.hear_method("completion/complete").await;
        assert_eq!(asked["params"]["ref"], inside);
        a.voice.answer(&asked, json!({ "completion": { "values": [] } })).await;
        assert!(asking.await.expect("no panic")["result"].is_object());
    }
    assert_eq!(
        client.ask(5, "resources/read", json!({ "uri": "nobody://x" })).await["error"]["code"],
        -32602
    );
    assert_eq!(client.ask(6, "prompts/get", json!({ "name": "p" })).await["error"]["code"], -32602);
    assert_eq!(client.ask(7, "no/such", json!({})).await["error"]["code"], -32601);
    assert_eq!(client.ask(8, "prompts/list", json!({ "cursor": "x" })).await["error"]["code"], -32602);
}
