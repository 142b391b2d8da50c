//! The terminal's way to a running instance: the socket in the data folder, checked before anything is sent.
//!
//! TCP with the key is used only where the person named an endpoint: a program that took the port over would
//! otherwise be handed the key.

#[cfg(unix)]
#[path = "client/socket.rs"]
mod socket;
#[cfg(not(unix))]
#[path = "client/no_socket.rs"]
mod socket;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use mcpproxy_api_types::{Failure, Success};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// How an instance is reached.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// The socket in the data folder.
    Socket(PathBuf),
    /// An address that the person named, with its key.
    Tcp {
        /// host:port
        authority: String,
        /// The admin key.
        key: String,
    },
}

/// Nothing answers there.
#[derive(Debug)]
pub(crate) struct NotRunning(pub(crate) String);

impl fmt::Display for NotRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MCPProxy does not run here ({}). Start it with: mcpproxy serve", self.0)
    }
}

impl std::error::Error for NotRunning {}

/// The instance answered with a failure.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

/// A client of one instance. Each request has a connection of its own: they are rare and the socket is near.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    way: Way,
}

impl Client {
    /// The socket of a data folder.
    pub(crate) fn for_data_dir(data_dir: &Path) -> Self {
        Self { way: Way::Socket(data_dir.join(SOCKET_NAME)) }
    }

    /// An address that the person named; the key comes from the environment, never from an argument.
    pub(crate) fn for_endpoint(endpoint: &str, key: Option<String>) -> Result<Self> {
        if let Some(path) = endpoint.strip_prefix("unix://") {
            return Ok(Self { way: Way::Socket(PathBuf::from(path)) });
        }
        let authority = endpoint.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').to_owned());
        let Some(authority) = authority.filter(|authority| !authority.contains('/')) else {
            bail!(
                "{endpoint} is no address of an instance. Write http://127.0.0.1:8080 or unix:///path/mcpproxy.sock."
            );
        };
        let Some(key) = key else {
            bail!("An instance at {endpoint} asks for its key. Put it into MCPPROXY_API_KEY.");
        };
        Ok(Self { way: Way::Tcp { authority, key } })
    }

    /// Whether the instance runs on this computer.
    pub(crate) fn is_local(&self) -> bool {
        match &self.way {
            Way::Socket(_) => true,
            Way::Tcp { authority, .. } => is_loopback(authority),
        }
    }

    /// GET, unwrapped from the frame.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.unwrap(self.request(Method::GET, path, None).await?).await
    }

    /// POST with or without a body, unwrapped from the frame.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T> {
        let body = body.map(serde_json::to_vec).transpose()?;
        self.unwrap(self.request(Method::POST, path, body).await?).await
    }

    /// Any other method, unwrapped from the frame.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<T> {
        self.unwrap(self.request(method, path, body).await?).await
    }

    async fn unwrap<T: DeserializeOwned>(&self, response: Response<Incoming>) -> Result<T> {
        let status = response.status();
        let body = response.into_body().collect().await.context("The answer broke off")?.to_bytes();
        if !status.is_success() {
            return Err(refused(status, &body).into());
        }
        let framed: Success<T> = serde_json::from_slice(&body).context("The answer has an unknown form")?;
        Ok(framed.data)
    }

    /// Sends one request and answers as soon as its head is there.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response<Incoming>> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, self.host());
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.dispatch(request.body(Full::new(Bytes::from(body.unwrap_or_default())))?).await
    }

    /// Sends a request as it is, but for the key.
    pub(crate) async fn dispatch(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>> {
        if let Way::Tcp { key, .. } = &self.way {
            let value = key.parse().context("The key has characters that no header can hold")?;
            request.headers_mut().insert("x-api-key", value);
        }
        let mut sender = self.connect().await?;
        sender.send_request(request).await.context("The instance closed the connection")
    }

    /// Opens a connection that can carry several requests, one after the other.
    pub(crate) async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        match &self.way {
            Way::Socket(path) => handshake(socket::connect(path).await?).await,
            Way::Tcp { authority, .. } => {
                let stream = TcpStream::connect(authority)
                    .await
                    .map_err(|error| NotRunning(format!("{authority}: {error}")))?;
                stream.set_nodelay(true)?;
                handshake(stream).await
            }
        }
    }

    /// The value of the Host header.
    pub(crate) fn host(&self) -> &str {
        match &self.way {
            Way::Socket(_) => "localhost",
            Way::Tcp { authority, .. } => authority,
        }
    }
}

/// Name of the socket in the data folder.
pub(crate) const SOCKET_NAME: &str = mcpproxy_api::SOCKET_NAME;

/// Whether `host:port` is this computer itself.
fn is_loopback(authority: &str) -> bool {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let literal: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    host.eq_ignore_ascii_case("localhost") || literal.is_some_and(|address| address.is_loopback())
}

async fn handshake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<Full<Bytes>>> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the sender; its error reaches the request as "closed the connection".
    tokio::spawn(connection);
    Ok(sender)
}

/// Reads a failure; text that is no frame is shown as it came.
pub(crate) fn refused(status: StatusCode, body: &[u8]) -> Refused {
    match serde_json::from_slice::<Failure>(body) {
        Ok(failure) => Refused { status, code: failure.code.unwrap_or_default(), message: failure.error },
        Err(_) => {
            let text = String::from_utf8_lossy(body).trim().to_owned();
            let message = if text.is_empty() { format!("The instance answered {status}.") } else { text };
            Refused { status, code: "unexpected_answer".to_owned(), message }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_without_key_is_refused_before_anything_is_sent() {
        assert!(Client::for_endpoint("http://127.0.0.1:8080", None).is_err());
        assert!(Client::for_endpoint("ftp://x", Some("k".to_owned())).is_err());
        assert!(Client::for_endpoint("http://127.0.0.1:8080/", Some("k".to_owned())).is_ok());
    }

    #[test]
    fn only_loopback_is_this_computer() {
        for (authority, ours) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("localhost:8080", true),
            ("192.168.1.5:8080", false),
            ("localhost.evil.example:8080", false),
            ("127.0.0.1.evil.example:80", false),
        ] {
            assert_eq!(is_loopback(authority), ours, "{authority}");
        }
    }

    #[test]
    fn a_failure_is_read_from_its_frame_or_shown_as_it_is() {
        let frame = br#"{"success":false,"error":"There is no server named x.","code":"unknown_server","request_id":""}"#;
        assert_eq!(refused(StatusCode::NOT_FOUND, frame).code, "unknown_server");
        assert_eq!(refused(StatusCode::BAD_GATEWAY, b"plain").message, "plain");
    }

    #[tokio::test]
    async fn a_missing_socket_means_that_nothing_runs() {
        let client = Client::for_data_dir(Path::new("/nonexistent-folder"));
        let error = client.get::<serde_json::Value>("/api/v1/status").await.unwrap_err();
        assert!(error.downcast_ref::<NotRunning>().is_some(), "{error:#}");
    }
}
