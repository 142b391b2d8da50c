//! Connections against servers that the test plays itself, line by line.

mod calls;
mod hostile;
mod inbound;
mod opening;

use bytes::Bytes;
use mcpproxy_protocol::scan;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{Call, CallError, CloseReason, Handle, Inbound, Options, Origin, open};

/// The far end of a pipe.
struct Server {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
}

/// A connection that is open and driven.
struct Connected {
    handle: Handle,
    inbound: mpsc::Receiver<Inbound>,
    server: Server,
    work: JoinHandle<CloseReason>,
}

const SERVER_RESULT: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"1"},"instructions":"be kind"}"#;

fn pipe(size: usize) -> (DuplexStream, Server) {
    let (near, far) = tokio::io::duplex(size);
    let (reader, writer) = tokio::io::split(far);
    (near, Server { lines: BufReader::new(reader).lines(), writer })
}

async fn connect() -> Connected {
    connect_with(64 * 1024, Options::new("test")).await
}

async fn connect_with(size: usize, options: Options) -> Connected {
    let (near, mut server) = pipe(size);
    let (reader, writer) = tokio::io::split(near);
    let opening = tokio::spawn(open(reader, writer, options));
    server.accept().await;
    let (handle, inbound, connection) = opening.await.unwrap().unwrap();
    let work = tokio::spawn(connection);
    assert_eq!(server.read().await["method"], "notifications/initialized");
    Connected { handle, inbound, server, work }
}

impl Server {
    async fn read_raw(&mut self) -> String {
        self.lines.next_line().await.unwrap().expect("the connection was closed")
    }

    async fn read(&mut self) -> Value {
        serde_json::from_str(&self.read_raw().await).unwrap()
    }

    async fn send(&mut self, line: &str) {
        self.writer.write_all(line.as_bytes()).await.unwrap();
        self.writer.write_all(b"\n").await.unwrap();
    }

    async fn accept(&mut self) {
        let asked = self.read().await;
        assert_eq!(asked["method"], "initialize");
        self.send(&format!(r#"{{"jsonrpc":"2.0","id":{},"result":{SERVER_RESULT}}}"#, asked["id"])).await;
    }

    /// Reads a request and answers it with a result.
    async fn answer(&mut self, result: &Value) -> Value {
        let asked = self.read().await;
        self.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result }).to_string()).await;
        asked
    }
}

fn call(message: &str) -> Call {
    let message = Bytes::from(message.to_owned());
    let envelope = scan(&message).unwrap();
    Call::new(message, envelope, Origin(1))
}

/// Starts a call and lets it run.
fn start(handle: &Handle, call: Call) -> JoinHandle<Result<Bytes, CallError>> {
    let handle = handle.clone();
    tokio::spawn(async move { handle.call(call).await })
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}
