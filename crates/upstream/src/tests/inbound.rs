//! What the server sends by itself.

use super::*;

const SAMPLING: &str =
    r#"{"jsonrpc":"2.0","id":"s-1","method":"sampling/createMessage","params":{"maxTokens":1}}"#;

async fn next_request(inbound: &mut mpsc::Receiver<Inbound>) -> (Bytes, Option<Origin>, crate::ReplySlot) {
    match inbound.recv().await {
        Some(Inbound::Request { message, origin, reply, .. }) => (message, origin, reply),
        other => panic!("no request: {other:?}"),
    }
}

#[tokio::test]
async fn a_request_belongs_to_the_only_client_with_a_call_in_flight() {
    let Connected { handle, mut server, mut inbound, .. } = connect().await;
    server.send(SAMPLING).await;
    assert_eq!(next_request(&mut inbound).await.1, None);
    server.read().await;
    let text = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#;
    let _one = start(&handle, call(text));
    let _again = start(&handle, call(text));
    server.read().await;
    server.read().await;
    server.send(SAMPLING).await;
    assert_eq!(next_request(&mut inbound).await.1, Some(Origin(1)));
    server.read().await;
    let _other = start(&handle, Call { origin: Origin(2), ..call(text) });
    server.read().await;
    server.send(SAMPLING).await;
    assert_eq!(next_request(&mut inbound).await.1, None);
}

#[tokio::test]
async fn a_clients_answer_goes_back_with_the_servers_id() {
    let Connected { mut server, mut inbound, .. } = connect().await;
    server.send(SAMPLING).await;
    let (message, _, reply) = next_request(&mut inbound).await;
    assert_eq!(message, SAMPLING);
    reply.send(Bytes::from_static(br#"{"jsonrpc":"2.0","id":42,"result":{"role":"assistant","n":1.0}}"#));
    assert_eq!(
        server.read_raw().await,
        r#"{"jsonrpc":"2.0","id":"s-1","result":{"role":"assistant","n":1.0}}"#
    );
}

#[tokio::test]
async fn a_request_that_nobody_answers_is_declined() {
    let Connected { mut server, mut inbound, .. } = connect().await;
    server.send(SAMPLING).await;
    drop(next_request(&mut inbound).await);
    let answer = server.read().await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!("s-1"), &json!(-32601)));
    server.send(SAMPLING).await;
    let (_, _, reply) = next_request(&mut inbound).await;
    reply.send(Bytes::from_static(br#"{"jsonrpc":"2.0","id":42,"method":"no answer"}"#));
    assert_eq!(server.read().await["error"]["code"], -32601);
}

#[tokio::test]
async fn ping_is_answered_by_us() {
    let Connected { mut server, mut inbound, .. } = connect().await;
    server.send(r#"{"jsonrpc":"2.0","id":1.0,"method":"ping"}"#).await;
    assert_eq!(server.read_raw().await, r#"{"jsonrpc":"2.0","id":1.0,"result":{}}"#);
    assert!(inbound.try_recv().is_err());
}

#[tokio::test]
async fn without_a_gateway_requests_are_declined_and_notifications_dropped() {
    let Connected { mut server, inbound, .. } = connect().await;
    drop(inbound);
    server.send(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#).await;
    server.send(SAMPLING).await;
    assert_eq!(server.read().await["error"]["code"], -32601);
}

#[tokio::test]
async fn a_flood_loses_log_lines_but_no_changed_list_and_no_answer() {
    let Connected { handle, mut server, mut inbound, .. } = connect().await;
    for _ in 0..3000 {
        server.send(r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"data":1}}"#).await;
    }
    for list in ["tools", "prompts", "tools"] {
        server.send(&format!(r#"{{"jsonrpc":"2.0","method":"notifications/{list}/list_changed"}}"#)).await;
    }
    let waiting = start(&handle, call(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#));
    server.answer(&json!({})).await;
    assert!(waiting.await.unwrap().is_ok());
    let mut changed = Vec::new();
    while changed.len() < 2 {
        if let Some(Inbound::Notification { message, envelope }) = inbound.recv().await {
            let method = envelope.method(&message).unwrap().into_owned();
            if method.ends_with("list_changed") {
                changed.push(method);
            }
        }
    }
    changed.sort();
    assert_eq!(changed, ["notifications/prompts/list_changed", "notifications/tools/list_changed"]);
}

#[tokio::test]
async fn too_many_unanswered_requests_are_refused() {
    let Connected { mut server, mut inbound, .. } = connect().await;
    let mut held = Vec::new();
    for _ in 0..256 {
        server.send(SAMPLING).await;
        held.push(next_request(&mut inbound).await);
    }
    server.send(SAMPLING).await;
    assert_eq!(server.read().await["error"]["code"], -32603);
}
