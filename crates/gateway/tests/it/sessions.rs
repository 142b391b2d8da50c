//! Sessions: opened, bound to their caller, ended; and their streams.

use mcpproxy_gateway::{Credential, Endpoint, Options, ReplyKind};
use serde_json::json;

use crate::harness::{Client, World, collect, next};

fn stranger(client: &Client, credential: Credential) -> Client {
    Client { credential, ..client.clone() }
}

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

#[tokio::test]
async fn the_gateway_introduces_itself_and_answers_pings() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let result = &client.opened["result"];
    assert_eq!(result["serverInfo"]["name"], "mcpproxy");
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["capabilities"]["tools"]["listChanged"], true);
    assert!(result["capabilities"].get("logging").is_none(), "nobody has it");
    let id = client.session.clone().expect("a session id");
    assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!(
        client.ask("p", "ping", json!({})).await,
        json!({ "jsonrpc": "2.0", "id": "p", "result": {} })
    );
}

#[tokio::test]
async fn an_older_client_is_answered_in_its_own_revision() {
    let world = World::new();
    let client = Client { session: None, ..world.client(Endpoint::Default).await };
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05","capabilities":{},"clientInfo":{"name":"old","version":"1"}}}"#;
    let answer = collect(client.post(message).await.expect("a session")).await;
    assert!(String::from_utf8_lossy(&answer[0]).contains(r#""protocolVersion":"2024-11-05""#));
}

#[tokio::test]
async fn a_missing_session_is_400_and_an_unknown_one_404() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let nobody = Client { session: None, ..client.clone() };
    assert_eq!(nobody.post(PING).await.expect_err("refused").status, 400);
    let lost = Client { session: Some("gone".into()), ..client.clone() };
    let refusal = lost.post(PING).await.expect_err("refused");
    assert_eq!((refusal.status, refusal.code()), (404, "session_unknown"));
}

#[tokio::test]
async fn another_credential_or_endpoint_does_not_find_the_session() {
    let world = World::new();
    let client = world.client_with(Endpoint::Default, Credential::Client("a".into()), json!({})).await;
    for credential in [Credential::Client("b".into()), Credential::Local, Credential::Admin] {
        let stranger = stranger(&client, credential);
        assert_eq!(stranger.post(PING).await.expect_err("refused").status, 404);
        let opened = stranger.gateway.listen(
            &stranger.endpoint,
            &stranger.credential,
            stranger.session.as_deref(),
            None,
        );
        assert_eq!(opened.expect_err("refused").status, 404);
        let closed =
            stranger.gateway.close(&stranger.endpoint, &stranger.credential, stranger.session.as_deref());
        assert_eq!(closed.expect_err("refused").status, 404);
    }
    let elsewhere = Client { endpoint: Endpoint::All, ..client.clone() };
    assert_eq!(elsewhere.post(PING).await.expect_err("refused").status, 404);
    assert!(client.post(PING).await.is_ok());
}

#[tokio::test]
async fn a_deleted_session_is_unknown_and_its_streams_end() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let mut stream = client.listen();
    stream.next().await.expect("the event that carries an id");
    client.gateway.close(&client.endpoint, &client.credential, client.session.as_deref()).expect("closed");
    assert_eq!(stream.next().await, None);
    assert_eq!(client.post(PING).await.expect_err("refused").status, 404);
    assert!(world.gateway.sessions().is_empty());
}

#[tokio::test]
async fn initialize_with_an_old_session_id_opens_a_new_session() {
    let world = World::new();
    let lost = Client { session: Some("stale".into()), ..world.client(Endpoint::Default).await };
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#;
    let reply = lost.post(message).await.expect("a session");
    assert!(reply.session.is_some_and(|session| session != "stale"));
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_ends_and_one_with_an_open_stream_stays() {
    let idle = std::time::Duration::from_secs(600);
    let world = World::with(Options { session_idle: idle, ..Options::default() });
    let quiet = world.client(Endpoint::Default).await;
    let listening = world.client(Endpoint::Default).await;
    let _stream = listening.listen();
    tokio::time::sleep(idle * 2).await;
    assert_eq!(quiet.post(PING).await.expect_err("refused").status, 404);
    assert!(listening.post(PING).await.is_ok());
}

#[tokio::test]
async fn an_unsupported_version_header_is_refused_and_a_missing_one_is_not() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let post = |version: Option<&str>| mcpproxy_gateway::Post {
        endpoint: client.endpoint.clone(),
        credential: client.credential.clone(),
        session: client.session.clone(),
        version: version.map(str::to_owned),
        body: PING.into(),
    };
    assert!(client.gateway.post(post(None)).await.is_ok());
    assert!(client.gateway.post(post(Some("2025-06-18"))).await.is_ok());
    for version in ["2026-07-28", "1999-01-01", "x"] {
        assert_eq!(client.gateway.post(post(Some(version))).await.expect_err("refused").status, 400);
    }
}

#[tokio::test]
async fn a_broken_message_is_refused_with_its_id_where_that_is_known() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    for (body, code) in [
        ("{", -32700),
        ("7", -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32600),
    ] {
        let refusal = client.post(body).await.expect_err("refused");
        let value: serde_json::Value = serde_json::from_slice(&refusal.body).expect("JSON");
        assert_eq!((refusal.status, value["error"]["code"].as_i64()), (400, Some(code)), "{body}");
    }
}

#[tokio::test]
async fn a_batch_is_taken_only_where_the_revision_has_batches() {
    let world = World::new();
    let _server = world.with_tools("s", &["a"]).await;
    let client = world.client(Endpoint::All).await;
    let batch = r#"[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":"b","method":"tools/list"}, 7]"#;
    assert_eq!(client.post(batch).await.expect_err("refused").status, 400);

    let opening = Client { session: None, ..client.clone() };
    let message = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}"#;
    let session = opening.post(message).await.expect("a session").session;
    let batching = Client { session, ..client };
    let answers = collect(batching.post(batch).await.expect("taken")).await;
    assert_eq!(answers.len(), 3, "two answers and one error, nothing for the notification");
    assert!(answers.iter().any(|answer| answer.windows(6).any(|part| part == b"s__a\",")));
    let silent = r#"[{"jsonrpc":"2.0","method":"notifications/x"}]"#;
    assert!(matches!(batching.post(silent).await.expect("taken").kind, ReplyKind::Accepted));
}

#[tokio::test]
async fn a_second_stream_takes_the_place_of_the_first() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let mut first = client.listen();
    first.next().await.expect("the event that carries an id");
    let mut second = client.listen();
    assert_eq!(first.next().await, None);
    let _server = world.with_tools("s", &["a"]).await;
    assert_eq!(next(&mut second).await["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn a_stream_is_resumed_where_it_broke_and_on_no_other() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let mut stream = client.listen();
    let primed = stream.next().await.expect("an event").id.expect("an id");
    let _a = world.with_tools("a", &["x"]).await;
    let told = stream.next().await.expect("an event");
    drop(stream);
    let resume = |id: &str| {
        client.gateway.listen(&client.endpoint, &client.credential, client.session.as_deref(), Some(id))
    };
    let mut again = resume(&primed).expect("resumed");
    assert_eq!(again.next().await, Some(told), "what came after the named event is sent again");
    for unknown in ["99-0", "nonsense", ""] {
        assert_eq!(resume(unknown).expect_err("refused").status, 400, "{unknown}");
    }
}

#[tokio::test]
async fn probes_of_the_newer_era_are_told_to_initialize() {
    let world = World::new();
    let client = Client { session: None, ..world.client(Endpoint::Default).await };
    let probe = r#"{"jsonrpc":"2.0","id":"probe","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let refusal = client.post(probe).await.expect_err("refused");
    assert_eq!((refusal.status, refusal.code()), (400, "era_not_spoken"));
}

#[tokio::test]
async fn shutdown_ends_every_stream_and_lets_no_session_live() {
    let world = World::new();
    let client = world.client(Endpoint::Default).await;
    let mut stream = client.listen();
    stream.next().await.expect("an event");
    world.gateway.shutdown().await;
    assert_eq!(stream.next().await, None);
    assert_eq!(client.post(PING).await.expect_err("refused").status, 404);
}
