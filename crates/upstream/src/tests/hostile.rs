//! Servers that do not keep to the rules.

use tokio::io::AsyncWriteExt;

use super::*;

const CALL: &str = r#"{"jsonrpc":"2.0","id":"c","method":"tools/call"}"#;

#[tokio::test]
async fn a_result_of_twenty_megabytes_arrives_whole() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(CALL));
    let id = server.read().await["id"].clone();
    let text = "0123456789abcdef\\n".repeat(20 * 1024 * 1024 / 18);
    let line = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#
    );
    server.send(&line).await;
    let answer = waiting.await.unwrap().unwrap();
    assert!(answer == line.replace(&format!("\"id\":{id}"), "\"id\":\"c\""));
}

#[tokio::test]
async fn bytes_may_come_one_by_one() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(CALL));
    let id = server.read().await["id"].clone();
    for byte in format!("{{\"id\":{id},\"result\":\"ü🎉\"}}\n").bytes() {
        server.writer.write_all(&[byte]).await.unwrap();
        server.writer.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting.await.unwrap().unwrap(), "{\"id\":\"c\",\"result\":\"ü🎉\"}");
}

#[tokio::test]
async fn an_id_in_another_spelling_still_finds_its_caller() {
    let Connected { handle, mut server, .. } = connect().await;
    for spelling in ["{}.0", "\"{}\"", "{}"] {
        let waiting = start(&handle, call(CALL));
        let id = server.read().await["id"].to_string();
        server.send(&format!(r#"{{"id":{},"result":1}}"#, spelling.replace("{}", &id))).await;
        assert_eq!(waiting.await.unwrap().unwrap(), r#"{"id":"c","result":1}"#);
    }
}

#[tokio::test]
async fn foreign_answers_are_dropped() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(CALL));
    let id = server.read().await["id"].as_u64().unwrap();
    for foreign in ["99999", "\"c\"", "-1", "null"] {
        server
            .send(&format!(r#"{{"jsonrpc":"2.0","id":{foreign},"error":{{"code":1,"message":""}}}}"#))
            .await;
    }
    server.send(&format!(r#"{{"id":{id},"result":"right"}}"#)).await;
    assert_eq!(value(&waiting.await.unwrap().unwrap())["result"], "right");
    // An answer given twice reaches nobody else.
    server.send(&format!(r#"{{"id":{id},"result":"again"}}"#)).await;
    let waiting = start(&handle, call(CALL));
    server.answer(&json!("next")).await;
    assert_eq!(value(&waiting.await.unwrap().unwrap())["result"], "next");
}

#[tokio::test]
async fn an_unusable_answer_fails_its_call_alone() {
    let Connected { handle, mut server, .. } = connect().await;
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    for broken in [
        r#"{"jsonrpc":"2.0","id":{},"result":1,"result":2}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":{}}"#.to_owned(),
        format!(r#"{{"jsonrpc":"2.0","id":{{}},"result":{deep}}}"#),
        format!(r#"{{"result":{deep},"jsonrpc":"2.0","id":{{}}}}"#),
        r#"{"jsonrpc":"2.0","id":{},"result":{"a":}}"#.to_owned(),
    ] {
        let waiting = start(&handle, call(CALL));
        let other = start(&handle, call(CALL));
        let (id, other_id) = (server.read().await["id"].to_string(), server.read().await["id"].to_string());
        server.send(&broken.replace("{}", &id)).await;
        assert!(matches!(waiting.await.unwrap(), Err(CallError::Unusable(_))), "{broken}");
        server.send(&format!(r#"{{"id":{other_id},"result":1}}"#)).await;
        assert!(other.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn an_unusable_request_of_the_server_is_answered_with_an_error() {
    let Connected { mut server, .. } = connect().await;
    server.send(r#"{"jsonrpc":"2.0","id":5,"method":"ping","method":"roots/list"}"#).await;
    let answer = server.read().await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(5), &json!(-32600)));
}

#[tokio::test]
async fn several_answers_at_once_are_told_apart() {
    let Connected { handle, mut server, .. } = connect().await;
    let (one, two) = (start(&handle, call(CALL)), start(&handle, call(CALL)));
    let (first, second) = (server.read().await["id"].clone(), server.read().await["id"].clone());
    server.send(&format!(r#"[{{"id":{second},"result":2}}, {{"id":{first},"result":1}}, 7]"#)).await;
    let answers = [value(&one.await.unwrap().unwrap()), value(&two.await.unwrap().unwrap())];
    assert_eq!(answers.map(|answer| answer["result"].clone()), [json!(1), json!(2)]);
}

#[tokio::test]
async fn an_endless_line_closes_the_connection_and_says_why() {
    let options = Options { max_line: 10_000, ..Options::new("test") };
    let Connected { handle, mut server, work, .. } = connect_with(4096, options).await;
    let waiting = start(&handle, call(CALL));
    server.read().await;
    let flood = tokio::spawn(async move { server.writer.write_all(&[b'x'; 1_000_000]).await });
    let reason = CloseReason::LineTooLong { limit: 10_000 };
    assert_eq!(waiting.await.unwrap(), Err(CallError::Closed(reason.clone())));
    assert_eq!(work.await.unwrap(), reason);
    assert!(flood.await.unwrap().is_err());
}

#[tokio::test]
async fn an_answer_without_line_end_before_the_end_is_taken() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(CALL));
    let id = server.read().await["id"].clone();
    server.writer.write_all(format!(r#"{{"id":{id},"result":1}}"#).as_bytes()).await.unwrap();
    drop(server);
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn answers_still_come_after_the_server_closed_its_input() {
    let (far_in, near_out) = tokio::io::duplex(4096);
    let (near_in, mut far_out) = tokio::io::duplex(4096);
    let opening = tokio::spawn(open(near_in, near_out, Options::new("test")));
    let mut lines = BufReader::new(far_in).lines();
    let asked = value(lines.next_line().await.unwrap().unwrap().as_bytes());
    let accepted = format!("{{\"id\":{},\"result\":{SERVER_RESULT}}}\n", asked["id"]);
    far_out.write_all(accepted.as_bytes()).await.unwrap();
    let (handle, _inbound, connection) = opening.await.unwrap().unwrap();
    let work = tokio::spawn(connection);
    lines.next_line().await.unwrap();
    let waiting = start(&handle, call(CALL));
    let asked = value(lines.next_line().await.unwrap().unwrap().as_bytes());
    drop(lines);
    let unsent = start(&handle, call(CALL));
    tokio::task::yield_now().await;
    far_out.write_all(format!("{{\"id\":{},\"result\":1}}\n", asked["id"]).as_bytes()).await.unwrap();
    assert!(waiting.await.unwrap().is_ok());
    drop(far_out);
    assert!(matches!(unsent.await.unwrap(), Err(CallError::Closed(CloseReason::WriteFailed(_)))));
    assert_eq!(work.await.unwrap().code(), "upstream_write_failed");
}

#[tokio::test]
async fn a_server_that_asks_without_end_and_takes_no_answer_fills_no_memory() {
    const PINGS: usize = 60_000;
    let Connected { handle, mut server, .. } = connect().await;
    for _ in 0..PINGS / 100 {
        let many = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n".repeat(100);
        server.writer.write_all(many.as_bytes()).await.unwrap();
    }
    let waiting = start(&handle, call(CALL));
    let mut answered = 0;
    let id = loop {
        let message = server.read().await;
        if message["method"] == "tools/call" {
            break message["id"].clone();
        }
        answered += 1;
    };
    assert!(answered > 0 && answered < PINGS / 3, "{answered} answers were kept");
    // Once it has read, it is answered again, and calls still work.
    server.send(&format!(r#"{{"id":{id},"result":1}}"#)).await;
    assert_eq!(waiting.await.unwrap().unwrap(), r#"{"id":"c","result":1}"#);
}
