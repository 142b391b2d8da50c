//! The wire under everything: one connection per exchange, opened by us, so that every step has a deadline of its own.
//!
//! Requests with an ordinary answer go through hyper; an attach takes the connection over and is spoken by hand, so
//! that its reader gets the bare socket.
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::endpoint::Endpoint;
use super::error::EngineError;

/// The most that the head of an answer to an upgrade may take.
const HEAD_LIMIT: usize = 64 * 1024;
/// The most that is read of an error's text.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// An open connection to an engine.
#[derive(Debug)]
pub(crate) enum Stream {
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
    Tcp(TcpStream),
    #[cfg(windows)]
    Pipe(tokio::net::windows::named_pipe::NamedPipeClient),
}

/// Opens a connection within the endpoint's own limit.
pub(crate) async fn connect(endpoint: &Endpoint) -> Result<Stream, EngineError> {
    let limit = endpoint.connect_timeout();
    let opened = match tokio::time::timeout(limit, open(endpoint)).await {
        Ok(opened) => opened,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no connection in time")),
    };
    opened.map_err(|error| EngineError::unreachable(endpoint, &error))
}

async fn open(endpoint: &Endpoint) -> io::Result<Stream> {
    match endpoint {
        #[cfg(unix)]
        Endpoint::Unix(path) => Ok(Stream::Unix(tokio::net::UnixStream::connect(path).await?)),
        Endpoint::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.set_nodelay(true)?;
            Ok(Stream::Tcp(stream))
        }
        #[cfg(windows)]
        Endpoint::Pipe(name) => open_pipe(name).await,
        #[cfg(not(unix))]
        Endpoint::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        #[cfg(not(windows))]
        Endpoint::Pipe(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// A pipe that is busy is asked again until the caller's limit ends the wait.
#[cfg(windows)]
async fn open_pipe(name: &str) -> io::Result<Stream> {
    const PIPE_BUSY: i32 = 231;
    const SECURITY_IDENTIFICATION: u32 = 0x0001_0000;
    loop {
        let mut options = tokio::net::windows::named_pipe::ClientOptions::new();
        // A program that squats the name must not be able to act as the user.
        options.security_qos_flags(SECURITY_IDENTIFICATION);
        match options.open(name) {
            Err(error) if error.raw_os_error() == Some(PIPE_BUSY) => {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            opened => return opened.map(Stream::Pipe),
        }
    }
}

/// Sends one request and returns the answer's head; its body streams on.
///
/// The connection lives in a task that ends with the answer: dropping this future or the body closes it.
pub(crate) async fn send<B>(
    endpoint: &Endpoint,
    mut request: Request<B>,
) -> Result<Response<Incoming>, EngineError>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let stream = connect(endpoint).await?;
    if let Ok(host) = endpoint.authority().parse() {
        request.headers_mut().insert(http::header::HOST, host);
    }
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(EngineError::lost)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::trace!(%error, "a connection to the engine ended early");
        }
    });
    sender.send_request(request).await.map_err(EngineError::lost)
}

/// Turns an answer that is no success into the error it tells of.
pub(crate) async fn checked(response: Response<Incoming>) -> Result<Response<Incoming>, EngineError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let body = http_body_util::Limited::new(response.into_body(), MESSAGE_LIMIT);
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    Err(EngineError::answered(status.as_u16(), &message_of(&text)))
}

/// The engine's own words: `{"message": …}`, or the text as it is.
pub(crate) fn message_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Message {
        message: String,
    }
    match serde_json::from_slice::<Message>(body) {
        Ok(said) => said.message,
        Err(_) => String::from_utf8_lossy(body).trim().to_owned(),
    }
}

/// A connection that an engine handed over, and what had come with the head already.
#[derive(Debug)]
pub(crate) struct Upgraded {
    /// The connection.
    pub(crate) stream: Stream,
    /// Bytes that belong before everything the stream will yield.
    pub(crate) head: Bytes,
}

/// Asks the engine to hand the connection over (`POST target`), and waits for its 101.
pub(crate) async fn upgrade(endpoint: &Endpoint, target: &str) -> Result<Upgraded, EngineError> {
    let mut stream = connect(endpoint).await?;
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n",
        endpoint.authority()
    );
    stream.write_all(request.as_bytes()).await.map_err(EngineError::lost)?;
    let mut seen = BytesMut::with_capacity(4096);
    let head_end = loop {
        if stream.read_buf(&mut seen).await.map_err(EngineError::lost)? == 0 {
            return Err(EngineError::lost("the engine closed the connection instead of handing it over"));
        }
        if let Some(at) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if seen.len() > HEAD_LIMIT {
            return Err(EngineError::protocol("the head of an answer does not end"));
        }
    };
    let head = seen.split_to(head_end);
    let status = status_of(&head).ok_or_else(|| EngineError::protocol("an answer without a status"))?;
    if status == StatusCode::SWITCHING_PROTOCOLS || status == StatusCode::OK {
        return Ok(Upgraded { stream, head: seen.freeze() });
    }
    let body = rest_of_error(&mut stream, &head, seen).await;
    Err(EngineError::answered(status.as_u16(), &message_of(&body)))
}

fn status_of(head: &[u8]) -> Option<StatusCode> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let code = line.split(|byte| *byte == b' ').nth(1)?;
    StatusCode::from_bytes(code).ok()
}

/// Reads the text of a refusal as far as its stated length; a broken connection leaves what there is.
async fn rest_of_error(stream: &mut Stream, head: &[u8], mut body: BytesMut) -> BytesMut {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok())
        .unwrap_or(0)
        .min(MESSAGE_LIMIT);
    while body.len() < length {
        match stream.read_buf(&mut body).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    body
}

/// Values of one JSON type after each other in a body, however they are cut or joined.
pub(crate) struct JsonStream<T> {
    body: Incoming,
    buffer: BytesMut,
    ended: bool,
    value: std::marker::PhantomData<fn() -> T>,
}

/// The most that one value of a stream may take.
const VALUE_LIMIT: usize = 4 * 1024 * 1024;

impl<T: serde::de::DeserializeOwned> JsonStream<T> {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, buffer: BytesMut::new(), ended: false, value: std::marker::PhantomData }
    }

    /// The next value; `None` when the body has ended. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Result<T, EngineError>> {
        loop {
            if let Some(value) = decode(&mut self.buffer) {
                return Some(value);
            }
            if self.ended {
                return None;
            }
            if self.buffer.len() > VALUE_LIMIT {
                self.ended = true;
                return Some(Err(EngineError::protocol("a value in a stream does not end")));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(EngineError::lost(error)));
                }
                None => self.ended = true,
            }
        }
    }
}

/// Takes one whole value off the front of the buffer.
fn decode<T: serde::de::DeserializeOwned>(buffer: &mut BytesMut) -> Option<Result<T, EngineError>> {
    let mut values = serde_json::Deserializer::from_slice(buffer).into_iter::<T>();
    match values.next()? {
        Ok(value) => {
            let used = values.byte_offset();
            buffer.advance(used);
            Some(Ok(value))
        }
        Err(error) if error.is_eof() => None,
        Err(error) => {
            buffer.clear();
            Some(Err(EngineError::protocol(error)))
        }
    }
}

macro_rules! each {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream.get_mut() {
            #[cfg(unix)]
            Stream::Unix($inner) => $call,
            Stream::Tcp($inner) => $call,
            #[cfg(windows)]
            Stream::Pipe($inner) => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, inner => Pin::new(inner).poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, inner => Pin::new(inner).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            #[cfg(unix)]
            Self::Unix(inner) => inner.is_write_vectored(),
            Self::Tcp(inner) => inner.is_write_vectored(),
            #[cfg(windows)]
            Self::Pipe(inner) => inner.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_read_however_they_are_cut_or_joined() {
        let text = b"{\"a\":1}\r\n{\"a\":2}{\"a\":\n3}\n";
        for size in 1..text.len() {
            let mut buffer = BytesMut::new();
            let mut seen = Vec::new();
            for piece in text.chunks(size) {
                buffer.extend_from_slice(piece);
                while let Some(value) = decode::<serde_json::Value>(&mut buffer) {
                    seen.push(value.unwrap()["a"].as_i64().unwrap());
                }
            }
            assert_eq!(seen, [1, 2, 3], "pieces of {size}");
        }
    }

    #[test]
    fn an_error_text_is_the_engines_message_or_the_text_itself() {
        assert_eq!(message_of(br#"{"message":"no such image"}"#), "no such image");
        assert_eq!(message_of(b"bad gateway\n"), "bad gateway");
    }

    proptest! {
        #[test]
        fn garbage_in_a_stream_is_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Some(value) = decode::<serde_json::Value>(&mut buffer) {
                if value.is_err() { break; }
            }
        }
    }
}
