//! The streaming half of the Engine API, read by our own code: attach, wait, events.
use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use serde::Deserialize;

use super::Engine;
use super::connection::{self, JsonStream, Upgraded};
use super::error::EngineError;

/// The limit for the head of an answer that streams on.
const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// One thing that happened in an engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Event {
    /// `container`, `image`, `volume`, …
    #[serde(rename = "Type")]
    pub(crate) kind: String,
    /// `start`, `die`, `oom`, `destroy`, …
    #[serde(rename = "Action")]
    pub(crate) action: String,
    /// Whom it happened to.
    #[serde(rename = "Actor")]
    pub(crate) actor: Actor,
    /// When, in nanoseconds of the engine's clock.
    #[serde(rename = "timeNano")]
    pub(crate) time_nano: i64,
}

/// The object of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Actor {
    /// The id of the container, image or volume.
    #[serde(rename = "ID")]
    pub(crate) id: String,
    /// Labels and details such as `exitCode`.
    #[serde(rename = "Attributes")]
    pub(crate) attributes: HashMap<String, String>,
}

/// What an engine tells as it happens.
pub(crate) type Events = JsonStream<Event>;

/// An exit that is being waited for; the engine has taken the order already.
pub(crate) struct Wait(JsonStream<Ended>);

#[derive(Deserialize)]
struct Ended {
    #[serde(rename = "StatusCode")]
    status: i64,
}

impl Wait {
    /// The exit code, once there is one.
    pub(crate) async fn exit(mut self) -> Result<i64, EngineError> {
        match self.0.next().await {
            Some(ended) => Ok(ended?.status),
            None => Err(EngineError::lost("the engine stopped waiting for the container")),
        }
    }
}

impl Engine {
    /// Takes over a container's streams (`stdin`, `stdout`, `stderr` multiplexed); returns after the engine's 101.
    pub(crate) async fn attach(&self, id: &str) -> Result<Upgraded, EngineError> {
        let target = self.target(&format!("/containers/{id}/attach?stream=1&stdin=1&stdout=1&stderr=1"));
        within("attach", connection::upgrade(self.endpoint(), &target)).await
    }

    /// Orders the next exit of a container; call it before the start.
    pub(crate) async fn wait(&self, id: &str) -> Result<Wait, EngineError> {
        self.wait_for(id, "next-exit").await
    }

    /// Waits for the removal of a container; one that is gone already is not found.
    pub(crate) async fn wait_removed(&self, id: &str) -> Result<Wait, EngineError> {
        self.wait_for(id, "removed").await
    }

    async fn wait_for(&self, id: &str, condition: &str) -> Result<Wait, EngineError> {
        let path = format!("/containers/{id}/wait?condition={condition}");
        let response = within("wait", self.open(Method::POST, &path, &[])).await?;
        Ok(Wait(JsonStream::new(response.into_body())))
    }

    /// Follows the engine's events of some kinds (`container`, …) and labels; empty means all.
    pub(crate) async fn events(&self, kinds: &[&str], labels: &[String]) -> Result<Events, EngineError> {
        let filters = serde_json::json!({ "type": kinds, "label": labels });
        let path = format!("/events?filters={}", percent(&filters.to_string()));
        let response = within("events", self.open(Method::GET, &path, &[])).await?;
        Ok(JsonStream::new(response.into_body()))
    }

    /// Sends a bodyless request and returns the answer, its body unread; an answer that is no success is an error.
    pub(crate) async fn open(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Response<Incoming>, EngineError> {
        let mut request = Request::builder().method(method).uri(self.target(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::<Bytes>::default()).map_err(EngineError::protocol)?;
        connection::checked(connection::send(self.endpoint(), request).await?).await
    }

    fn target(&self, path: &str) -> String {
        format!("/v{}{path}", self.info().api)
    }
}

async fn within<T>(
    what: &'static str,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::time::timeout(HEAD_LIMIT, work)
        .await
        .unwrap_or(Err(EngineError::Timeout { what, after: HEAD_LIMIT }))
}

/// Escapes everything in a query value that is not plainly safe there.
pub(crate) fn percent(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
