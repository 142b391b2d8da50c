//! Remote servers, played by a small HTTP server on loopback that does as told.

mod older;
mod streamable;
mod web;

use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::scan;
use mcpproxy_secrets::Secret;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::{
    Call, CallError, CloseReason, Handle, Inbound, OpenError, Options, Origin, Protocol, Remote, open_remote,
};
use web::{Reply, Seen, Web};

const CALL: &str = r#"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"x"}}"#;

/// The usual answers to what is no call: `initialize`, notifications, GET, DELETE.
fn usual(seen: &Seen) -> Reply {
    match (seen.method.as_str(), seen.rpc_method().as_str()) {
        ("POST", "initialize") => {
            Reply::json(&result(seen, r#"{"protocolVersion":"2025-06-18","capabilities":{}}"#))
                .with("mcp-session-id", "s-1")
        }
        ("POST", _) => Reply::status(202),
        ("DELETE", _) => Reply::status(200),
        _ => Reply::status(405),
    }
}

/// An answer to the request that was seen.
fn result(seen: &Seen, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, seen.json()["id"])
}

struct Connected {
    handle: Handle,
    inbound: mpsc::Receiver<Inbound>,
    work: JoinHandle<CloseReason>,
}

fn remote(web: &Web) -> Remote {
    Remote {
        headers: vec![("X-Api-Key".to_owned(), Secret::new("hunter2"))],
        ..Remote::new(format!("http://{}/mcp?tenant=1", web.address))
    }
}

async fn connect(web: &Web) -> Connected {
    connect_as(remote(web)).await
}

async fn connect_as(remote: Remote) -> Connected {
    let (handle, inbound, connection) = open_remote(remote, Options::new("test")).await.unwrap();
    Connected { handle, inbound, work: tokio::spawn(connection) }
}

fn call(message: &str) -> Call {
    let message = Bytes::from(message.to_owned());
    let envelope = scan(&message).unwrap();
    Call { timeout: Some(Duration::from_secs(30)), ..Call::new(message, envelope, Origin(7)) }
}
