//! Calls, their answers, progress, cancellation and deadlines.

use std::time::Duration;

use mcpproxy_protocol::Edit;

use super::*;

const ECHO: &str = r#"{"jsonrpc":"2.0","id":"a\u0062","method":"tools/call","params":{"name":"x"}}"#;

#[tokio::test]
async fn each_caller_gets_its_own_answer_with_its_own_id_in_any_order() {
    let Connected { handle, mut server, .. } = connect().await;
    let ids = ["0", "1", "\"1\"", "1.0", "-3", "9223372036854775808", "\"a\\u0062\"", "1"];
    let mut waiting = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let call =
            call(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"n":{at}}}}}"#));
        waiting.push(start(&handle, call));
    }
    let mut asked = Vec::new();
    for _ in ids {
        asked.push(server.read().await);
    }
    let mapped: std::collections::HashSet<String> =
        asked.iter().map(|asked| asked["id"].to_string()).collect();
    assert_eq!(mapped.len(), ids.len());
    for asked in asked.iter().rev() {
        server
            .send(&format!(r#"{{"result":{},"jsonrpc":"2.0","id":{}}}"#, asked["params"]["n"], asked["id"]))
            .await;
    }
    for ((at, id), waiting) in ids.iter().enumerate().zip(waiting) {
        let answer = waiting.await.unwrap().unwrap();
        assert_eq!(answer, format!(r#"{{"result":{at},"jsonrpc":"2.0","id":{id}}}"#));
    }
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn only_ids_tokens_and_the_named_edits_change_on_the_way() {
    let Connected { handle, mut server, .. } = connect().await;
    let text = "{ \"id\" : 7, \"method\":\"tools/call\",\r\n \"params\":{\"name\":\"s__t\",\"x\":1.0,\"x\":[1e2 ],\"_meta\":{\"progressToken\":\"p\"}}}";
    let mut call = call(text);
    call.edits.push(Edit::new(call.envelope.name.unwrap(), "\"t\""));
    let waiting = start(&handle, call);
    let line = server.read_raw().await;
    let id = value(line.as_bytes())["id"].to_string();
    let expected = text.replace("\r\n", "  ").replace("\"s__t\"", "\"t\"").replace(": 7", &format!(": {id}"));
    assert_eq!(line, expected.replace("\"p\"", &id));
    server
        .send(&format!("{{\"id\":{id},\"result\": {{\"n\":18446744073709551616,\"a\":1,\"a\":2.50}}}}\r"))
        .await;
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer, "{\"id\":7,\"result\": {\"n\":18446744073709551616,\"a\":1,\"a\":2.50}}");
}

#[tokio::test]
async fn progress_comes_back_with_the_callers_token() {
    let Connected { handle, mut server, mut inbound, .. } = connect().await;
    let (progress, mut steps) = mpsc::channel(8);
    let mut call =
        call(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"progressToken":0}}}"#);
    call.progress = Some(progress);
    let waiting = start(&handle, call);
    let asked = server.read().await;
    let token = &asked["params"]["_meta"]["progressToken"];
    assert_eq!(token, &asked["id"]);
    let step = |token: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progress":0.50,"progressToken":{token}}}}}"#
        )
    };
    server.send(&step("999")).await;
    server.send(&step(&token.to_string())).await;
    server.send(&json!({ "id": asked["id"], "result": {} }).to_string()).await;
    assert_eq!(steps.recv().await.unwrap(), step("0"));
    assert!(waiting.await.unwrap().is_ok());
    assert!(steps.recv().await.is_none());
    assert!(inbound.try_recv().is_err());
}

#[tokio::test]
async fn without_a_token_none_is_invented() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(ECHO));
    let asked = server.answer(&json!({})).await;
    assert_eq!(asked["params"], json!({ "name": "x" }));
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_and_the_server_is_told_with_its_own_id() {
    let Connected { handle, mut server, .. } = connect().await;
    let call_to_cancel = call(ECHO);
    let cancel = call_to_cancel.cancel.clone();
    let waiting = start(&handle, call_to_cancel);
    let asked = server.read().await;
    cancel.cancel();
    assert_eq!(waiting.await.unwrap(), Err(CallError::Cancelled));
    let told = server.read().await;
    assert_eq!(told["method"], "notifications/cancelled");
    assert_eq!(told["params"]["requestId"], asked["id"]);
    // The answer that comes all the same is dropped, and the next call is not disturbed.
    server.send(&json!({ "id": asked["id"], "result": "late" }).to_string()).await;
    let waiting = start(&handle, call(ECHO));
    server.answer(&json!("next")).await;
    assert_eq!(value(&waiting.await.unwrap().unwrap())["result"], "next");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_and_the_server_is_told() {
    let Connected { handle, mut server, .. } = connect().await;
    let mut slow = call(ECHO);
    slow.timeout = Some(Duration::from_secs(60));
    let waiting = start(&handle, slow);
    let asked = server.read().await;
    assert_eq!(waiting.await.unwrap(), Err(CallError::Timeout));
    assert_eq!(server.read().await["params"]["requestId"], asked["id"]);
    assert_eq!(handle.in_flight(), 0);
}

#[tokio::test]
async fn a_caller_that_goes_away_counts_as_cancelled() {
    let Connected { handle, mut server, .. } = connect().await;
    let waiting = start(&handle, call(ECHO));
    let asked = server.read().await;
    waiting.abort();
    let told = server.read().await;
    assert_eq!(
        (&told["method"], &told["params"]["requestId"]),
        (&json!("notifications/cancelled"), &asked["id"])
    );
}

#[tokio::test]
async fn a_server_that_does_not_read_holds_up_nobody() {
    let Connected { handle, mut server, .. } = connect_with(1024, Options::new("test")).await;
    let big = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"x":"{}"}}}}"#,
        "y".repeat(300_000)
    );
    // Fills the pipe, and what may wait in front of it.
    let mut waiting = Vec::new();
    let busy = loop {
        let mut outcome = start(&handle, call(&big));
        tokio::select! {
            biased;
            outcome = &mut outcome => break outcome.unwrap(),
            () = async { for _ in 0..4 { tokio::task::yield_now().await } } => waiting.push(outcome),
        }
        assert!(waiting.len() < 2000, "the queue is not bounded");
    };
    assert_eq!(busy, Err(CallError::Busy));
    // Cancelling works while nothing can be written, and answers still come in.
    let first = waiting.remove(0);
    let last = waiting.pop().unwrap();
    last.abort();
    assert!(last.await.unwrap_err().is_cancelled());
    server.send(r#"{"jsonrpc":"2.0","id":2,"result":{}}"#).await;
    assert_eq!(first.await.unwrap().unwrap(), r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    // A server that wakes up finds every call that is still wanted, and none that is not.
    let mut found = 0;
    while found < waiting.len() + 1 {
        found += usize::from(server.read().await["method"] == "tools/call");
    }
    drop(waiting);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_reads_is_given_up_in_the_end() {
    let Connected { handle, work, server, .. } = connect_with(256, Options::new("test")).await;
    let waiting =
        start(&handle, call(&format!(r#"{{"id":1,"method":"a","params":"{}"}}"#, "y".repeat(9000))));
    assert_eq!(waiting.await.unwrap(), Err(CallError::Closed(CloseReason::WriteStalled)));
    assert_eq!(work.await.unwrap(), CloseReason::WriteStalled);
    drop(server);
}

#[tokio::test]
async fn requests_of_our_own_get_the_bare_result_or_the_servers_error() {
    let Connected { handle, mut server, .. } = connect().await;
    let asking = tokio::spawn({
        let handle = handle.clone();
        async move {
            let list = handle.request("tools/list", Some("{\"cursor\":\"\"}"), Duration::from_secs(9)).await;
            (list, handle.request("ping", None, Duration::from_secs(9)).await)
        }
    });
    let asked = server.read().await;
    assert_eq!(asked["params"]["cursor"], "");
    server.send(&format!(r#"{{"jsonrpc":"2.0","id":{},"result":{{ "tools": [] }}}}"#, asked["id"])).await;
    let asked = server.read().await;
    server
        .send(&json!({ "id": asked["id"], "error": { "code": -32601, "message": "no ping" } }).to_string())
        .await;
    let (list, ping) = asking.await.unwrap();
    assert_eq!(list.unwrap(), "{ \"tools\": [] }");
    assert_eq!(ping, Err(CallError::Refused { code: -32601, message: "no ping".to_owned() }));
}

#[tokio::test]
async fn the_end_of_the_server_fails_everyone_at_once() {
    let Connected { handle, mut server, work, .. } = connect().await;
    let waiting: Vec<_> = (0..5).map(|_| start(&handle, call(ECHO))).collect();
    for _ in 0..5 {
        server.read().await;
    }
    drop(server);
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), Err(CallError::Closed(CloseReason::Ended)));
    }
    assert_eq!(work.await.unwrap(), CloseReason::Ended);
    assert!(handle.is_closed());
    assert_eq!(handle.call(call(ECHO)).await, Err(CallError::Closed(CloseReason::Ended)));
    assert_eq!(handle.notify(Bytes::from_static(b"{}")), Err(CallError::Closed(CloseReason::Ended)));
}

#[tokio::test]
async fn dropping_the_connection_fails_everyone_too() {
    let Connected { handle, mut server, work, .. } = connect().await;
    let waiting = start(&handle, call(ECHO));
    server.read().await;
    work.abort();
    assert_eq!(waiting.await.unwrap(), Err(CallError::Closed(CloseReason::Stopped)));
    assert_eq!(handle.closed().await, CloseReason::Stopped);
}
