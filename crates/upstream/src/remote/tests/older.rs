//! HTTP+SSE, the older transport, and how it is found.

use std::sync::Mutex;

use super::*;

/// A server of the older kind: one stream, messages posted to `/messages`.
async fn older(endpoint: &'static str) -> Web {
    let stream = Mutex::new(None::<mpsc::Sender<String>>);
    Web::start(move |seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", _) => {
            let (sender, reply) = Reply::open_events();
            sender.try_send(format!("event: endpoint\ndata: {endpoint}\n\n")).unwrap();
            *stream.lock().unwrap() = Some(sender);
            reply
        }
        ("POST", "/messages?s=1") => {
            let answer = match seen.rpc_method().as_str() {
                "initialize" => Some(r#"{"protocolVersion":"2024-11-05","capabilities":{}}"#),
                "tools/call" => Some("7"),
                _ => None,
            };
            if let (Some(answer), Some(stream)) = (answer, &*stream.lock().unwrap()) {
                stream.try_send(format!("event: message\ndata: {}\n\n", result(seen, answer))).unwrap();
            }
            Reply::status(202).body("Accepted")
        }
        _ => Reply::status(405),
    })
    .await
}

#[tokio::test]
async fn the_older_transport_is_found_by_itself() {
    let mut web = older("/messages?s=1").await;
    let Connected { handle, work, .. } = connect(&web).await;
    assert_eq!(handle.initialize().protocol_version, "2024-11-05");
    let answer = handle.call(call(CALL)).await.unwrap();
    assert_eq!(answer, r#"{"jsonrpc":"2.0","id":"c","result":7}"#);
    assert_eq!(web.seen().await.method, "POST");
    assert_eq!(web.seen().await.method, "GET");
    assert_eq!(web.seen_of("tools/call").await.header("x-api-key"), Some("hunter2"));
    handle.close();
    assert_eq!(work.await.unwrap(), CloseReason::Stopped);
}

#[tokio::test]
async fn the_older_transport_can_be_asked_for() {
    let mut web = older("/messages?s=1").await;
    let Connected { handle, .. } = connect_as(Remote { protocol: Protocol::Sse, ..remote(&web) }).await;
    assert!(handle.call(call(CALL)).await.is_ok());
    assert_eq!(web.seen().await.method, "GET");
}

#[tokio::test]
async fn messages_are_not_sent_to_another_origin() {
    let web = older("http://127.0.0.1:1/messages").await;
    let error = open_remote(remote(&web), Options::new("test")).await.unwrap_err();
    assert_eq!(error.code(), "remote_address");
}

#[tokio::test]
async fn a_server_that_speaks_neither_is_told_by_its_first_answer() {
    let web = Web::start(|seen| Reply::status(if seen.method == "POST" { 404 } else { 500 })).await;
    let error = open_remote(remote(&web), Options::new("test")).await.unwrap_err();
    assert_eq!(error, OpenError::Status { status: 404 });
    let streamable = Remote { protocol: Protocol::StreamableHttp, ..remote(&older("/messages?s=1").await) };
    assert!(open_remote(streamable, Options::new("test")).await.is_err());
}

#[tokio::test]
async fn the_end_of_the_stream_ends_the_connection() {
    let (streams, open) = std::sync::mpsc::channel::<Reply>();
    let open = Mutex::new(open);
    let (sender, reply) = Reply::open_events();
    streams.send(reply).unwrap();
    let answers = Mutex::new(Some(sender));
    let web = Web::start(move |seen| {
        let mut sender = answers.lock().unwrap();
        match (seen.method.as_str(), seen.rpc_method().as_str()) {
            ("GET", _) => {
                sender.as_ref().unwrap().try_send("event: endpoint\ndata: /m\n\n".to_owned()).unwrap();
                return open.lock().unwrap().try_recv().unwrap();
            }
            (_, "initialize") => {
                let answer = result(seen, r#"{"protocolVersion":"2024-11-05"}"#);
                sender.as_ref().unwrap().try_send(format!("data: {answer}\n\n")).unwrap();
            }
            (_, "tools/call") => drop(sender.take()),
            _ => {}
        }
        Reply::status(202)
    })
    .await;
    let Connected { handle, .. } = connect_as(Remote { protocol: Protocol::Sse, ..remote(&web) }).await;
    assert_eq!(handle.call(call(CALL)).await, Err(CallError::Closed(CloseReason::Ended)));
}
