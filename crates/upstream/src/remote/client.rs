//! Sends HTTP requests. The one place that knows the secret headers, and to whom they may go.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use mcpproxy_protocol::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};
use mcpproxy_secrets::Secret;

use super::address::Address;
use crate::error::OpenError;

/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// Idle connections are dropped before common servers do it (after five seconds), so that no call meets a dead one.
const IDLE: Duration = Duration::from_secs(3);
/// Headers that the protocol itself sets.
const OURS: [&str; 9] = [
    "accept",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    SESSION_ID,
    PROTOCOL_VERSION,
    LAST_EVENT_ID,
];

/// A client for one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    secrets: HeaderMap,
    home: Address,
}

/// One request before it is sent.
#[derive(Clone)]
pub(crate) struct Outline {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) async fn new(
        home: &Address,
        headers: &[(String, Secret)],
        connect_timeout: Duration,
    ) -> Result<Self, OpenError> {
        let mut secrets = HeaderMap::new();
        for (name, value) in headers {
            let wrong = || OpenError::Header(name.clone());
            let parsed: HeaderName = name.trim().parse().map_err(|_| wrong())?;
            if OURS.contains(&parsed.as_str()) {
                continue;
            }
            let mut value = HeaderValue::from_str(value.expose().trim()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            secrets.append(parsed, value);
        }
        // Reading the system's certificates takes milliseconds and files.
        let tls = tokio::task::spawn_blocking(tls_config)
            .await
            .map_err(|error| unusable(home, &error.to_string()))?;
        let tls = tls.map_err(|reason| unusable(home, &reason))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Ok(Self { http, secrets, home: home.clone() })
    }

    /// Sends a request, following redirects; the protocol's own and the secret headers go to the home origin only.
    pub(crate) async fn send(&self, to: &Address, outline: Outline) -> Result<Response<Incoming>, String> {
        let Outline { mut method, headers, mut body } = outline;
        let mut address = to.clone();
        for _ in 0..=REDIRECTS {
            let mut request = Request::new(Full::new(body.clone()));
            *request.method_mut() = method.clone();
            *request.uri_mut() = address.uri().clone();
            *request.headers_mut() = self.headers_for(&address, &headers);
            let response = self.http.request(request).await.map_err(|error| causes(&error))?;
            let Some(target) = redirect(&response, &address) else { return Ok(response) };
            if response.status().as_u16() == 303 {
                (method, body) = (Method::GET, Bytes::new());
            }
            tracing::debug!(from = %address, to = %target, "following a redirect");
            address = target;
        }
        Err("too many redirects".to_owned())
    }

    fn headers_for(&self, address: &Address, headers: &HeaderMap) -> HeaderMap {
        if self.home.same_origin(address) {
            let mut all = self.secrets.clone();
            all.extend(headers.clone());
            return all;
        }
        let harmless = [ACCEPT, CONTENT_TYPE, HeaderName::from_static(PROTOCOL_VERSION)];
        headers
            .iter()
            .filter(|(name, _)| harmless.contains(name))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect()
    }
}

/// Where a response sends us, if it does.
fn redirect(response: &Response<Incoming>, from: &Address) -> Option<Address> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    from.join(response.headers().get(LOCATION)?.to_str().ok()?)
}

fn tls_config() -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn unusable(home: &Address, reason: &str) -> OpenError {
    OpenError::Address { url: home.to_string(), reason: reason.to_owned() }
}

/// An error and what lies beneath it, as one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
