//! The handshake.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::*;
use crate::OpenError;

/// Opens against a server that does as told with the first message.
async fn open_against(reply: impl FnOnce(&Value) -> String) -> Result<crate::Opened, OpenError> {
    let (near, mut server) = pipe(4096);
    let (reader, writer) = tokio::io::split(near);
    let opening = tokio::spawn(open(reader, writer, Options::new("test")));
    let asked = server.read().await;
    server.send(&reply(&asked)).await;
    opening.await.unwrap()
}

#[tokio::test]
async fn the_first_message_is_initialize_and_nothing_probes_before() {
    let (near, mut server) = pipe(4096);
    let (reader, writer) = tokio::io::split(near);
    let opening = tokio::spawn(open(reader, writer, Options::new("test")));
    let asked = server.read().await;
    assert_eq!(asked["method"], "initialize");
    assert_eq!(asked["params"]["protocolVersion"], "2025-11-25");
    assert_eq!(asked["params"]["clientInfo"]["name"], "mcpproxy");
    drop(server);
    assert_eq!(opening.await.unwrap().unwrap_err(), OpenError::Closed(CloseReason::Ended));
}

#[tokio::test]
async fn what_the_server_says_of_itself_is_kept_as_it_came() {
    let connected = connect().await;
    let initialize = connected.handle.initialize();
    assert_eq!(initialize.raw, SERVER_RESULT);
    assert_eq!(initialize.protocol_version, "2025-06-18");
    assert_eq!(initialize.instructions.as_deref(), Some("be kind"));
    assert_eq!(initialize.server_info["name"], "x");
    assert!(initialize.offers(&["tools"]));
}

#[tokio::test]
async fn banners_blank_lines_and_early_notifications_are_tolerated() {
    let (near, mut server) = pipe(4096);
    let (reader, writer) = tokio::io::split(near);
    let (noise, mut samples) = mpsc::channel(8);
    let options = Options { noise: Some(noise), ..Options::new("test") };
    let opening = tokio::spawn(open(reader, writer, options));
    let asked = server.read().await;
    server.send("Server listening on stdio\n\r\n   \r").await;
    server.send(r#"{"level":"info","msg":"a log line"}"#).await;
    server.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\r").await;
    server
        .send(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{},\"result\":{SERVER_RESULT}}}\r", asked["id"]))
        .await;
    let (_handle, mut inbound, _connection) = opening.await.unwrap().unwrap();
    assert_eq!(samples.recv().await.unwrap(), "Server listening on stdio");
    assert!(samples.recv().await.unwrap().contains("a log line"));
    assert!(matches!(inbound.recv().await, Some(Inbound::Notification { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_runs_into_the_deadline() {
    let (near, mut server) = pipe(4096);
    let (reader, writer) = tokio::io::split(near);
    let options = Options { timeout: Duration::from_secs(7), ..Options::new("test") };
    let opening = tokio::spawn(open(reader, writer, options));
    server.read().await;
    assert_eq!(opening.await.unwrap().unwrap_err(), OpenError::Timeout);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words() {
    let refused = open_against(|asked| {
        json!({ "jsonrpc": "2.0", "id": asked["id"], "error": { "code": -32022, "message": "too old" } })
            .to_string()
    });
    let expected = OpenError::Refused { code: -32022, message: "too old".to_owned() };
    assert_eq!(refused.await.unwrap_err(), expected);
}

#[tokio::test]
async fn a_version_without_handshake_is_refused_and_an_older_one_taken() {
    let with = |version: &'static str| {
        open_against(move |asked| {
            json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "protocolVersion": version } })
                .to_string()
        })
    };
    assert_eq!(with("2026-07-28").await.unwrap_err().code(), "initialize_version");
    assert_eq!(with("2024-11-05").await.unwrap().0.initialize().protocol_version, "2024-11-05");
}

/// A writer like a pipe's end: shutting it down does nothing, only dropping it closes.
struct PipeEnd(DuplexStream);

impl AsyncWrite for PipeEnd {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test(start_paused = true)]
async fn closing_lets_go_of_the_pipe_before_it_waits_for_the_server() {
    let (far_in, near_out) = tokio::io::duplex(4096);
    let (near_in, mut far_out) = tokio::io::duplex(4096);
    let opening = tokio::spawn(open(near_in, PipeEnd(near_out), Options::new("test")));
    let mut lines = BufReader::new(far_in).lines();
    let asked = value(lines.next_line().await.unwrap().unwrap().as_bytes());
    let accepted = format!("{{\"id\":{},\"result\":{SERVER_RESULT}}}\n", asked["id"]);
    far_out.write_all(accepted.as_bytes()).await.unwrap();
    let (handle, _inbound, connection) = opening.await.unwrap().unwrap();
    let work = tokio::spawn(connection);
    handle.close();
    while lines.next_line().await.unwrap().is_some() {}
    assert!(!work.is_finished());
    far_out.write_all(b"a last word\n").await.unwrap();
    drop(far_out);
    assert_eq!(work.await.unwrap(), CloseReason::Stopped);
}

#[tokio::test]
async fn closing_sends_what_is_queued_then_ends_the_servers_input() {
    let Connected { handle, server: Server { mut lines, mut writer }, work, .. } = connect().await;
    handle
        .notify(Bytes::from_static(br#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#))
        .unwrap();
    handle.close();
    assert!(lines.next_line().await.unwrap().unwrap().contains("roots/list_changed"));
    assert_eq!(lines.next_line().await.unwrap(), None);
    writer.shutdown().await.unwrap();
    assert_eq!(work.await.unwrap(), CloseReason::Stopped);
    assert_eq!(handle.closed().await, CloseReason::Stopped);
}
