//! The Engine API by hand: the least that running a server in a hardened container can cost.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::line::Line;

/// The version of the API that is spoken; every engine of today knows it.
const VERSION: &str = "/v1.41";
/// The image that the server runs in; it needs nothing of it.
pub(super) const IMAGE: &str = "alpine:3.18";

/// The engine's socket.
#[derive(Clone)]
pub(super) struct Engine(PathBuf);

/// A running container with the server in it.
pub(super) struct Contained {
    engine: Engine,
    pub(super) id: String,
    pub(super) line: Line<Frames, UnixStream>,
}

impl Engine {
    pub(super) fn find() -> Result<Self> {
        let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let path = host.strip_prefix("unix://").context("the bench wants an engine at a unix socket")?;
        let engine = Self(PathBuf::from(path));
        let (status, _) = engine.request("GET", "/_ping", None)?;
        if status != 200 {
            bail!("the engine does not answer its ping (status {status})");
        }
        Ok(engine)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        upgrade: bool,
    ) -> Result<BufReader<UnixStream>> {
        let stream =
            UnixStream::connect(&self.0).with_context(|| format!("{} does not answer", self.0.display()))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if upgrade { "Connection: Upgrade\r\nUpgrade: tcp" } else { "Connection: close" };
        let head = format!(
            "{method} {VERSION}{path} HTTP/1.1\r\nHost: engine\r\n{kind}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        (&stream).write_all(head.as_bytes())?;
        Ok(BufReader::new(stream))
    }

    /// A request and its whole answer.
    pub(super) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Value)> {
        let mut reader = self.send(method, path, body, false)?;
        let (status, chunked) = head(&mut reader)?;
        let mut text = Vec::new();
        reader.read_to_end(&mut text)?;
        let text = if chunked { dechunked(&text) } else { text };
        Ok((status, serde_json::from_slice(&text).unwrap_or_default()))
    }

    /// Creates, attaches, starts, and shakes hands with the server.
    pub(super) fn start(&self, program: &Path) -> Result<Contained> {
        let (status, created) = self.request("POST", "/containers/create", Some(&hardened(program)))?;
        let id = match created["Id"].as_str() {
            Some(id) => id.to_owned(),
            None => bail!("the engine creates no container (status {status}): {}", created["message"]),
        };
        let attach = format!("/containers/{id}/attach?stream=1&stdin=1&stdout=1&stderr=1");
        let mut reader = self.send("POST", &attach, None, true)?;
        let (status, _) = head(&mut reader)?;
        if status != 101 {
            bail!("the engine does not attach (status {status})");
        }
        let (status, answer) = self.request("POST", &format!("/containers/{id}/start"), None)?;
        if status != 204 {
            bail!("the engine does not start the container (status {status}): {}", answer["message"]);
        }
        let writer = reader.get_ref().try_clone()?;
        let line = Line::open(Frames { reader, left: 0 }, writer)?;
        Ok(Contained { engine: self.clone(), id, line })
    }

    pub(super) fn remove(&self, id: &str) -> Result<()> {
        self.request("DELETE", &format!("/containers/{id}?force=true&v=true"), None)?;
        Ok(())
    }

    /// How many containers there are whose names begin so.
    pub(super) fn count(&self, prefix: &str) -> Result<usize> {
        let (_, list) = self.request("GET", "/containers/json?all=1", None)?;
        let named =
            |container: &&Value| container["Names"][0].as_str().is_some_and(|name| name.starts_with(prefix));
        Ok(list.as_array().map_or(0, |list| list.iter().filter(named).count()))
    }
}

impl Drop for Contained {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.engine.remove(&self.id);
    }
}

/// The same walls as the proxy's.
fn hardened(program: &Path) -> Value {
    json!({
        "Image": IMAGE,
        "Entrypoint": ["/echo"],
        "OpenStdin": true,
        "StdinOnce": true,
        "AttachStdin": true,
        "AttachStdout": true,
        "AttachStderr": true,
        "User": "65532:65532",
        "HostConfig": {
            "Binds": [format!("{}:/echo:ro", program.display())],
            "AutoRemove": true,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "ReadonlyRootfs": true,
            "Tmpfs": { "/tmp": "mode=1777,size=64m" },
            "PidsLimit": 256,
            "Memory": 512 * 1024 * 1024,
            "MemorySwap": 512 * 1024 * 1024,
            "NanoCpus": 1_000_000_000_u64,
            "LogConfig": { "Type": "none" },
            "NetworkMode": "bridge",
        },
    })
}

/// Reads a head; says the status, and whether the body comes in chunks.
fn head(reader: &mut impl BufRead) -> Result<(u16, bool)> {
    let (mut status, mut chunked) = (None, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        match status {
            None => status = line.split(' ').nth(1).and_then(|status| status.parse().ok()),
            Some(status) if line.is_empty() => return Ok((status, chunked)),
            Some(_) => chunked |= line.starts_with("transfer-encoding:") && line.ends_with("chunked"),
        }
        if status.is_none() {
            bail!("the engine's answer is no HTTP");
        }
    }
}

fn dechunked(mut text: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = text.windows(2).position(|window| window == b"\r\n") {
        let size =
            std::str::from_utf8(&text[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size @ 1..) = size else { break };
        let Some(chunk) = text.get(end + 2..end + 2 + size) else { break };
        whole.extend_from_slice(chunk);
        text = text.get(end + 4 + size..).unwrap_or_default();
    }
    whole
}

/// The server's output out of the frames that the engine sends it in.
pub(super) struct Frames {
    reader: BufReader<UnixStream>,
    left: usize,
}

impl Read for Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let mut head = [0; 8];
            self.reader.read_exact(&mut head)?;
            self.left = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        }
        let room = into.len().min(self.left);
        let read = self.reader.read(&mut into[..room])?;
        self.left -= read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(dechunked(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), b"abcde");
        assert_eq!(dechunked(b"zz"), b"");
    }

    #[test]
    fn a_head_tells_status_and_framing() {
        let mut text = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nrest".as_slice();
        assert_eq!(head(&mut text).unwrap(), (201, true));
        assert_eq!(text, b"rest");
    }
}
