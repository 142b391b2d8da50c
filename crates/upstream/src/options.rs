//! How a connection is to behave.

use std::time::Duration;

use mcpproxy_protocol::lines;
use tokio::sync::mpsc;

/// What `open` needs to know besides the streams.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's name, for the log.
    pub server: String,
    /// How long to wait for the answer to `initialize`.
    pub timeout: Duration,
    /// Longest message taken from the server.
    pub max_line: usize,
    /// Our own version, told in `clientInfo`.
    pub client_version: String,
    /// Takes samples of what the server prints between its messages; a full queue loses samples.
    pub noise: Option<mpsc::Sender<String>>,
    /// How long the server may leave its input unread, with bytes waiting, before the connection is given up.
    pub write_stall: Duration,
}

impl Options {
    /// The usual behaviour for a server of this name.
    pub fn new(server: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            timeout: Duration::from_secs(30),
            max_line: lines::MAX_LINE,
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            noise: None,
            write_stall: Duration::from_secs(120),
        }
    }
}
