//! Talks to a server: `talk http://127.0.0.1:3001/mcp TOOL JSON` or `talk COMMAND ARG… -- TOOL JSON`.
//!
//! Prints what the server says of itself, its tools, the tool's answer, and everything it sends meanwhile.
#![expect(clippy::print_stdout, reason = "an example for the terminal")]

use std::error::Error;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::{Id, rpc, scan};
use mcpproxy_upstream::{Call, Inbound, Opened, Options, Origin, Remote, open, open_remote};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let first = arguments.first().ok_or("usage: talk URL|COMMAND… [--] [TOOL JSON]")?;
    let options = Options::new("talk");
    let (opened, tool, _child) = if first.starts_with("http") {
        (open_remote(Remote::new(first.clone()), options).await?, arguments[1..].to_vec(), None)
    } else {
        let mut parts = arguments.splitn(2, |argument| argument == "--");
        let command = parts.next().unwrap_or_default();
        let mut child = tokio::process::Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (stdin, stdout) =
            (child.stdin.take().ok_or("no stdin")?, child.stdout.take().ok_or("no stdout")?);
        (open(stdout, stdin, options).await?, parts.next().unwrap_or_default().to_vec(), Some(child))
    };
    converse(opened, &tool).await
}

async fn converse((handle, inbound, connection): Opened, tool: &[String]) -> Result<(), Box<dyn Error>> {
    println!("initialize: {}", String::from_utf8_lossy(&handle.initialize().raw));
    let work = tokio::spawn(connection);
    let listening = tokio::spawn(print(inbound));
    let tools = handle.request("tools/list", None, Duration::from_secs(30)).await?;
    println!("tools/list: {} bytes", tools.len());
    if let [name, arguments, ..] = tool {
        let params =
            format!(r#"{{"name":"{name}","arguments":{arguments},"_meta":{{"progressToken":"mine"}}}}"#);
        let message = rpc::request(&Id::number(4711), "tools/call", Some(params.as_bytes()));
        let envelope = scan(&message)?;
        let (progress, mut steps) = mpsc::channel::<Bytes>(100);
        let answer =
            handle.call(Call { progress: Some(progress), ..Call::new(message, envelope, Origin(1)) }).await?;
        while let Some(step) = steps.recv().await {
            println!("progress: {}", String::from_utf8_lossy(&step));
        }
        println!("answer: {}", String::from_utf8_lossy(&answer[..answer.len().min(2000)]));
    }
    handle.close();
    println!("closed: {}", work.await?);
    listening.await?;
    Ok(())
}

async fn print(mut inbound: mpsc::Receiver<Inbound>) {
    while let Some(inbound) = inbound.recv().await {
        match inbound {
            Inbound::Notification { message, .. } => {
                println!("notification: {}", String::from_utf8_lossy(&message))
            }
            Inbound::Request { message, origin, reply, .. } => {
                println!("request for {origin:?}: {}", String::from_utf8_lossy(&message));
                reply.refuse(rpc::METHOD_NOT_FOUND, "not here");
            }
        }
    }
}
