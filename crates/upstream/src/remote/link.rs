//! What all requests to one remote server share: where to, in which session, in which revision.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use hyper::body::Incoming;
use mcpproxy_protocol::headers::{self, LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};
use mcpproxy_protocol::media;

use super::address::Address;
use super::client::{Client, Outline};

/// The shared part of a remote connection.
pub(crate) struct Link {
    client: Client,
    home: Address,
    /// Where messages are posted; in the older transport the server names it.
    endpoint: OnceLock<Address>,
    session: OnceLock<String>,
    version: OnceLock<String>,
    /// For what is no call: calls have their callers' deadlines.
    pub(crate) deadline: Duration,
    /// Longest message taken.
    pub(crate) limit: usize,
}

impl Link {
    pub(crate) fn new(client: Client, home: Address, deadline: Duration, limit: usize) -> Self {
        Self {
            client,
            home,
            endpoint: OnceLock::new(),
            session: OnceLock::new(),
            version: OnceLock::new(),
            deadline,
            limit,
        }
    }

    pub(crate) fn home(&self) -> &Address {
        &self.home
    }

    pub(crate) fn settle_endpoint(&self, endpoint: Address) {
        let _ = self.endpoint.set(endpoint);
    }

    pub(crate) fn settle_version(&self, version: &str) {
        let _ = self.version.set(version.to_owned());
    }

    /// Takes the session from an answer's headers; only the first one counts.
    pub(crate) fn settle_session(&self, response: &Response<Incoming>) {
        let values = response.headers().get_all(SESSION_ID).iter().map(HeaderValue::as_bytes);
        match headers::session_id(values) {
            Ok(Some(id)) => {
                let _ = self.session.set(id.to_owned());
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(address = %self.home, %error, "the session id of the server was ignored")
            }
        }
    }

    pub(crate) fn has_session(&self) -> bool {
        self.session.get().is_some()
    }

    /// Posts a message.
    pub(crate) async fn post(&self, message: Bytes) -> Result<Response<Incoming>, String> {
        let mut headers = self.headers();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media::JSON));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        let endpoint = self.endpoint.get().unwrap_or(&self.home);
        self.client.send(endpoint, Outline { method: Method::POST, headers, body: message }).await
    }

    /// Asks for the stream of events, behind the last one that was seen.
    pub(crate) async fn listen(&self, last_event_id: Option<&str>) -> Result<Response<Incoming>, String> {
        let mut headers = self.headers();
        headers.insert(ACCEPT, HeaderValue::from_static(media::EVENT_STREAM));
        put(&mut headers, LAST_EVENT_ID, last_event_id);
        self.client.send(&self.home, Outline { method: Method::GET, headers, body: Bytes::new() }).await
    }

    /// Ends the session, if there is one.
    pub(crate) async fn end_session(&self) {
        if self.has_session() {
            let outline = Outline { method: Method::DELETE, headers: self.headers(), body: Bytes::new() };
            // The server may refuse (405), or be gone; either way the session is no longer ours.
            let _ = self.client.send(&self.home, outline).await;
        }
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        put(&mut headers, SESSION_ID, self.session.get().map(String::as_str));
        put(&mut headers, PROTOCOL_VERSION, self.version.get().map(String::as_str));
        headers
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
