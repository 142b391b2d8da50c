//! `stdio`: a bridge for clients that start a process instead of opening an address.
//!
//! Lines go to the running instance as they are and come back as they are. Starting the bridge has no side
//! effect on servers: a client may start it twice only to see what it is.

mod answers;
mod bridge;
mod detached;

use crate::{commands::End, place::Place};
use anyhow::Result;
use bridge::Bridge;
use mcpproxy_protocol::lines::{LineBuffer, MAX_LINE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

/// Lines that wait for a slow client; a full queue holds the answers' connections back, nothing is lost.
const OUT_QUEUE: usize = 64;

/// Runs until the client closes its end.
pub(crate) async fn run(place: &Place, server: Option<&str>, client: Option<String>) -> Result<End> {
    detached::ensure_running(place).await?;
    let (out, lines) = mpsc::channel(OUT_QUEUE);
    let writer = tokio::spawn(write(lines));
    let mut bridge = Bridge::new(place.clone(), server, client, out);
    let mut stdin = tokio::io::stdin();
    let mut buffer = LineBuffer::new(MAX_LINE);
    loop {
        while let Some(line) = buffer.next_line()? {
            bridge.take(line.freeze()).await;
        }
        if stdin.read_buf(buffer.space()).await? == 0 {
            break;
        }
    }
    if let Some(line) = buffer.finish() {
        bridge.take(line).await;
    }
    bridge.finish().await;
    writer.await??;
    Ok(End::Fine)
}

/// The only writer of standard output: whole lines, one after the other.
async fn write(mut lines: mpsc::Receiver<bytes::Bytes>) -> Result<()> {
    let mut stdout = tokio::io::stdout();
    while let Some(line) = lines.recv().await {
        stdout.write_all(&line).await?;
        stdout.write_all(b"\n").await?;
        if lines.is_empty() {
            stdout.flush().await?;
        }
    }
    stdout.flush().await?;
    Ok(())
}
