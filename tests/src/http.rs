//! A small blocking HTTP client of the harness's own, so that no library hides what the program sends.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// A request under construction.
pub struct Request<'a> {
    /// `host:port`.
    pub address: &'a str,
    /// Method in capitals.
    pub method: &'a str,
    /// Path with query.
    pub path: &'a str,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Body, JSON unless a header says otherwise.
    pub body: Option<Vec<u8>>,
    /// Longest silence while reading.
    pub silence: Duration,
}

/// What came back; the body is read as it comes.
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    body: Box<dyn BufRead + Send>,
}

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(address: &'a str, method: &'a str, path: &'a str) -> Self {
        Self { address, method, path, headers: Vec::new(), body: None, silence: Duration::from_secs(120) }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string().into_bytes());
        self
    }

    /// Sets the longest silence while reading.
    pub fn silence(mut self, limit: Duration) -> Self {
        self.silence = limit;
        self
    }

    /// Sends it on a connection of its own and reads the head of the answer.
    pub fn send(self) -> io::Result<Response> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(self.silence))?;
        let mut head = format!("{} {} HTTP/1.1\r\nConnection: close\r\n", self.method, self.path);
        let has = |name: &str| self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !has("host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        if let Some(body) = &self.body {
            if !has("content-type") {
                head.push_str("Content-Type: application/json\r\n");
            }
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(self.body.as_deref().unwrap_or_default())?;
        Response::read(BufReader::new(stream))
    }
}

impl Response {
    fn read(mut stream: BufReader<TcpStream>) -> io::Result<Self> {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let status = line.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("not an HTTP answer: {line:?}")))?;
        let mut headers = Vec::new();
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let find =
            |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str());
        let body: Box<dyn BufRead + Send> =
            if find("transfer-encoding").is_some_and(|value| value == "chunked") {
                Box::new(BufReader::new(Chunks { stream, left: 0, first: true, done: false }))
            } else if let Some(length) = find("content-length").and_then(|value| value.parse().ok()) {
                Box::new(stream.take(length))
            } else {
                Box::new(stream)
            };
        Ok(Self { status, headers, body })
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether the body is a stream of events.
    pub fn is_stream(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    /// The whole body.
    pub fn bytes(mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        self.body.read_to_end(&mut body)?;
        Ok(body)
    }

    /// The whole body as text.
    pub fn text(self) -> io::Result<String> {
        Ok(String::from_utf8_lossy(&self.bytes()?).into_owned())
    }

    /// The whole body as JSON.
    pub fn value(self) -> io::Result<Value> {
        let text = self.text()?;
        serde_json::from_str(&text).map_err(|error| io::Error::other(format!("{error} in {text:?}")))
    }

    /// The next event's name and data; `None` at the end of the stream.
    pub fn event(&mut self) -> io::Result<Option<(String, String)>> {
        let (mut name, mut data, mut line) = (String::new(), Vec::new(), String::new());
        loop {
            line.clear();
            if self.body.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            let text = line.trim_end_matches(['\r', '\n']);
            if text.is_empty() && !data.is_empty() {
                return Ok(Some((name, data.join("\n"))));
            }
            match text.split_once(':') {
                Some(("event", value)) => value.trim_start().clone_into(&mut name),
                Some(("data", value)) => data.push(value.strip_prefix(' ').unwrap_or(value).to_owned()),
                _ => {}
            }
        }
    }
}

/// The bytes of a chunked body.
struct Chunks<R> {
    stream: R,
    left: u64,
    first: bool,
    done: bool,
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !self.done {
            let mut line = String::new();
            if !self.first {
                self.stream.read_line(&mut line)?;
                line.clear();
            }
            self.first = false;
            self.stream.read_line(&mut line)?;
            let size = line.trim().split(';').next().unwrap_or("");
            self.left =
                u64::from_str_radix(size, 16).map_err(|_| io::Error::other("the body was cut off"))?;
            self.done = self.left == 0;
        }
        if self.done {
            return Ok(0);
        }
        let wanted = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.stream.read(&mut buffer[..wanted])?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(body: &str) -> io::Result<String> {
        let mut text = String::new();
        let mut chunks = Chunks { stream: body.as_bytes(), left: 0, first: true, done: false };
        chunks.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn a_chunked_body_is_joined() {
        assert_eq!(chunks("4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n").unwrap(), "Wikipedia");
    }

    #[test]
    fn a_body_that_is_cut_off_is_an_error() {
        assert!(chunks("4\r\nWiki\r\n").is_err());
    }
}
