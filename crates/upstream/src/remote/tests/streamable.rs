//! Streamable HTTP.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test]
async fn session_version_and_secrets_go_with_every_request_and_the_session_is_ended() {
    let mut web = Web::start(|seen| match seen.rpc_method().as_str() {
        "tools/call" => Reply::json(&result(seen, r#"{ "n": 1.0 }"#)),
        _ => usual(seen),
    })
    .await;
    let Connected { handle, work, .. } = connect(&web).await;
    let answer = handle.call(call(CALL)).await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"c","result":{ "n": 1.0 }}"#);
    handle.close();
    assert_eq!(work.await.unwrap(), CloseReason::Stopped);
    let first = web.seen().await;
    assert_eq!((first.rpc_method().as_str(), first.path.as_str()), ("initialize", "/mcp?tenant=1"));
    assert_eq!((first.header("mcp-session-id"), first.header("mcp-protocol-version")), (None, None));
    assert_eq!(first.header("accept"), Some("application/json, text/event-stream"));
    let mut methods = Vec::new();
    loop {
        let seen = web.seen().await;
        assert_eq!(seen.header("mcp-session-id"), Some("s-1"));
        assert_eq!(seen.header("mcp-protocol-version"), Some("2025-06-18"));
        assert_eq!(seen.header("x-api-key"), Some("hunter2"));
        methods.push(if seen.method == "POST" { seen.rpc_method() } else { seen.method.clone() });
        if seen.method == "DELETE" {
            break;
        }
    }
    assert_eq!(methods[0], "notifications/initialized");
    assert!(methods.contains(&"tools/call".to_owned()));
}

#[tokio::test]
async fn a_stream_with_odd_line_ends_and_portions_brings_progress_requests_and_the_answer() {
    let mut web = Web::start(|seen| match seen.rpc_method().as_str() {
        "tools/call" => {
            let id = seen.json()["id"].to_string();
            Reply::events(&[
                ": hello\r\n\r\nevent: mess",
                "age\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progress\":1,\"progressToken\":",
                &format!("{id}}}}}\r"),
                "\n\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"roots/list\"}\r\r:x\r",
                &format!("data: {{\"jsonrpc\":\"2.0\",\ndata: \"id\":{id},\"result\":{{}}}}\n\n"),
            ])
        }
        _ => usual(seen),
    })
    .await;
    let Connected { handle, mut inbound, .. } = connect(&web).await;
    let (progress, mut steps) = mpsc::channel(4);
    let text = r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"_meta":{"progressToken":"t"}}}"#;
    let answer = handle.call(Call { progress: Some(progress), ..call(text) }).await.unwrap();
    assert_eq!(answer, "{\"jsonrpc\":\"2.0\",\n\"id\":3,\"result\":{}}");
    assert!(
        String::from_utf8(steps.recv().await.unwrap().to_vec()).unwrap().contains(r#""progressToken":"t""#)
    );
    let Some(Inbound::Request { origin, reply, .. }) = inbound.recv().await else { panic!("no request") };
    assert_eq!(origin, Some(Origin(7)));
    reply.send(Bytes::from_static(br#"{"jsonrpc":"2.0","id":"x","result":{"roots":[]}}"#));
    loop {
        let seen = web.seen().await;
        if seen.json()["result"]["roots"].is_array() {
            assert_eq!(seen.json()["id"], 9);
            break;
        }
    }
}

#[tokio::test]
async fn a_lost_session_ends_the_connection_whichever_status_says_so() {
    for reply in [
        || Reply::status(404),
        || {
            Reply::status(400).body(r#"{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}"#)
        },
    ] {
        let web = Web::start(move |seen| match seen.rpc_method().as_str() {
            "tools/call" => reply(),
            _ => usual(seen),
        })
        .await;
        let Connected { handle, work, .. } = connect(&web).await;
        assert_eq!(handle.call(call(CALL)).await, Err(CallError::Closed(CloseReason::SessionLost)));
        assert_eq!(work.await.unwrap(), CloseReason::SessionLost);
    }
}

#[tokio::test]
async fn a_broken_answer_is_taken_up_again_behind_its_last_event() {
    let asked = std::sync::Arc::new(Mutex::new(String::new()));
    let remember = std::sync::Arc::clone(&asked);
    let mut web = Web::start(move |seen| match (seen.rpc_method().as_str(), seen.header("last-event-id")) {
        ("tools/call", _) => {
            *remember.lock().unwrap() = result(seen, "\"resumed\"");
            Reply::events(&["id: e-1\nretry: 5\ndata:\n\n"])
        }
        (_, Some("e-1")) => Reply::events(&["id: e-2\nretry: 5\ndata:\n\n"]),
        (_, Some("e-2")) => Reply::events(&[&format!("id: e-3\ndata: {}\n\n", remember.lock().unwrap())]),
        _ => usual(seen),
    })
    .await;
    let Connected { handle, .. } = connect(&web).await;
    let answer = handle.call(call(CALL)).await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"c","result":"resumed"}"#);
    assert_eq!(web.seen_of("tools/call").await.method, "POST");
    assert!(asked.lock().unwrap().contains("resumed"));
}

#[tokio::test]
async fn the_servers_own_stream_is_listened_to_and_taken_up_again() {
    let (streams, open) = std::sync::mpsc::channel::<Reply>();
    let open = Mutex::new(open);
    let mut web = Web::start(move |seen| match seen.method.as_str() {
        "GET" => open.lock().unwrap().try_recv().unwrap_or_else(|_| Reply::status(503)),
        _ => usual(seen),
    })
    .await;
    let notice = "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n";
    let (sender, reply) = Reply::open_events();
    streams.send(Reply::events(&[&format!("id: 4\nretry: 1\n{notice}")])).unwrap();
    streams.send(reply).unwrap();
    let Connected { mut inbound, .. } = connect(&web).await;
    assert!(matches!(inbound.recv().await, Some(Inbound::Notification { .. })));
    assert_eq!(web.seen_of("GET").await.header("last-event-id"), None);
    assert_eq!(web.seen_of("GET").await.header("last-event-id"), Some("4"));
    sender.send(notice.to_owned()).await.unwrap();
    assert!(matches!(inbound.recv().await, Some(Inbound::Notification { .. })));
}

#[tokio::test]
async fn secrets_do_not_follow_a_redirect_to_another_origin() {
    let mut other = Web::start(usual).await;
    let target = format!("http://{}/moved", other.address);
    let web = Web::start(move |seen| match seen.path.as_str() {
        "/mcp?tenant=1" => Reply::status(307).with("location", "/here"),
        _ => Reply::status(308).with("location", &target),
    })
    .await;
    let Connected { handle, .. } = connect(&web).await;
    assert_eq!(handle.initialize().protocol_version, "2025-06-18");
    let seen = other.seen().await;
    assert_eq!((seen.rpc_method().as_str(), seen.path.as_str()), ("initialize", "/moved"));
    assert_eq!(seen.header("x-api-key"), None);
    let seen = other.seen_of("notifications/initialized").await;
    assert_eq!(seen.header("mcp-session-id"), None);
}

#[tokio::test]
async fn refused_credentials_are_told_apart() {
    let web = Web::start(|_| Reply::status(401).with("www-authenticate", "Bearer")).await;
    let error = open_remote(remote(&web), Options::new("test")).await.unwrap_err();
    assert_eq!(error, OpenError::Closed(CloseReason::Unauthorized { status: 401 }));
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_unreachable() {
    let web = Web::start(usual).await;
    let remote = remote(&web);
    drop(web);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = listener.local_addr().unwrap();
    drop(listener);
    let remote = Remote { url: format!("http://{free}/"), ..remote };
    assert_eq!(open_remote(remote, Options::new("test")).await.unwrap_err().code(), "upstream_unreachable");
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_named_without_their_value() {
    let headers = vec![("X-Key".to_owned(), Secret::new("hunter2\nX-Other: 1"))];
    let remote = Remote { headers, ..Remote::new("http://127.0.0.1:9/") };
    let error = open_remote(remote, Options::new("test")).await.unwrap_err();
    assert_eq!(error, OpenError::Header("X-Key".to_owned()));
    assert!(!error.to_string().contains("hunter2"));
}

#[tokio::test]
async fn a_failing_call_fails_alone() {
    let calls = AtomicUsize::new(0);
    let web = Web::start(move |seen| match seen.rpc_method().as_str() {
        "tools/call" => match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Reply::status(500).body("<html>oops</html>"),
            1 => Reply::status(202),
            2 => Reply::status(400)
                .body(&result(seen, "1").replace("\"result\":1", r#""error":{"code":-32602,"message":"m"}"#)),
            3 => Reply::json("not json"),
            _ => Reply::json(&result(seen, "1")),
        },
        _ => usual(seen),
    })
    .await;
    let Connected { handle, .. } = connect(&web).await;
    assert_eq!(handle.call(call(CALL)).await, Err(CallError::Status { status: 500 }));
    assert!(matches!(handle.call(call(CALL)).await, Err(CallError::Unusable(_))));
    let passed_on: Value = serde_json::from_slice(&handle.call(call(CALL)).await.unwrap()).unwrap();
    assert_eq!((&passed_on["id"], &passed_on["error"]["code"]), (&Value::from("c"), &Value::from(-32602)));
    assert!(matches!(handle.call(call(CALL)).await, Err(CallError::Unusable(_))));
    assert!(handle.call(call(CALL)).await.is_ok());
}

#[tokio::test]
async fn an_answer_beyond_the_limit_ends_the_connection() {
    let web = Web::start(|seen| match seen.rpc_method().as_str() {
        "tools/call" => Reply::json(&result(seen, &format!("\"{}\"", "x".repeat(5000)))),
        _ => usual(seen),
    })
    .await;
    let options = Options { max_line: 4096, ..Options::new("test") };
    let (handle, _inbound, connection) = open_remote(remote(&web), options).await.unwrap();
    let _work = tokio::spawn(connection);
    let reason = CloseReason::LineTooLong { limit: 4096 };
    assert_eq!(handle.call(call(CALL)).await, Err(CallError::Closed(reason)));
}

#[tokio::test]
async fn a_cancelled_call_is_told_to_the_server() {
    let mut web = Web::start(|seen| match seen.rpc_method().as_str() {
        "tools/call" => Reply::silence(),
        _ => usual(seen),
    })
    .await;
    let Connected { handle, .. } = connect(&web).await;
    let slow = call(CALL);
    let cancel = slow.cancel.clone();
    let waiting = tokio::spawn(async move { handle.call(slow).await });
    let asked = web.seen_of("tools/call").await;
    cancel.cancel();
    assert_eq!(waiting.await.unwrap(), Err(CallError::Cancelled));
    let told = web.seen_of("notifications/cancelled").await;
    assert_eq!(told.json()["params"]["requestId"], asked.json()["id"]);
}
