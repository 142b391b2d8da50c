//! An MCP client over HTTP that costs next to nothing: one connection, kept open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail};

use super::line::call;
use super::proxy::KEY;

/// A session on one connection.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    path: String,
    session: String,
    body: Vec<u8>,
    next: u64,
}

impl Client {
    /// Connects and opens a session.
    pub(super) fn open(address: SocketAddr, path: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let stream = BufReader::with_capacity(64 * 1024, stream);
        let mut client =
            Self { stream, path: path.to_owned(), session: String::new(), body: Vec::new(), next: 1 };
        let status = client.post(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#)?;
        if status != 200 {
            bail!("`initialize` got the status {status}");
        }
        client.post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")?;
        Ok(client)
    }

    /// Calls the tool for an answer of this size.
    pub(super) fn call(&mut self, tool: &str, size: usize) -> Result<()> {
        self.next += 1;
        let status = self.post(&call(self.next, tool, size))?;
        if status != 200
            || self.body.len() < size / 16 * 16
            || find(&self.body[..self.body.len().min(300)], "\"error\"")
        {
            let shown = String::from_utf8_lossy(&self.body[..self.body.len().min(300)]).into_owned();
            bail!("the call got the status {status} and {shown}");
        }
        Ok(())
    }

    /// How many tools are listed whose names end so.
    pub(super) fn tools(&mut self, ending: &str) -> Result<usize> {
        self.next += 1;
        self.post(&format!(r#"{{"jsonrpc":"2.0","id":{},"method":"tools/list"}}"#, self.next))?;
        Ok(String::from_utf8_lossy(&self.body).matches(&format!("{ending}\"")).count())
    }

    fn post(&mut self, message: &str) -> Result<u16> {
        let session = &self.session;
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nAuthorization: Bearer {KEY}\r\n{session}Content-Length: {}\r\n\r\n{message}",
            self.path,
            self.stream.get_ref().peer_addr()?,
            message.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read()
    }

    fn read(&mut self) -> Result<u16> {
        let (mut status, mut length, mut chunked) = (0, 0, false);
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                bail!("the proxy closed the connection");
            }
            let Some((name, value)) = line.trim_end().split_once(':') else {
                if line == "\r\n" {
                    break;
                }
                status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no HTTP")?;
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse()?,
                "transfer-encoding" => chunked = true,
                "mcp-session-id" if self.session.is_empty() => {
                    self.session =
                        format!("Mcp-Session-Id: {}\r\nMCP-Protocol-Version: 2025-06-18\r\n", value.trim());
                }
                _ => {}
            }
        }
        self.body.clear();
        if chunked {
            self.chunks(&mut line)?;
        } else {
            self.body.resize(length, 0);
            self.stream.read_exact(&mut self.body)?;
        }
        Ok(status)
    }

    fn chunks(&mut self, line: &mut String) -> Result<()> {
        loop {
            line.clear();
            self.stream.read_line(line)?;
            let size = usize::from_str_radix(line.trim_end(), 16).context("no chunk")?;
            let start = self.body.len();
            self.body.resize(start + size + 2, 0);
            self.stream.read_exact(&mut self.body[start..])?;
            self.body.truncate(start + size);
            if size == 0 {
                return Ok(());
            }
        }
    }
}

fn find(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|window| window == word.as_bytes())
}
