//! One look at one address: connect, ping, version, facts, each within its own limit.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;

use super::Engine;
use super::connection;
use super::endpoint::Endpoint;
use super::error::{EngineError, Unreachable};
use super::info::{self, Agreement, ApiVersion, Info, Product, Version};
use super::state::{EngineState, Silence};
use super::surroundings::Surroundings;

/// How long `/_ping` may take after the connection.
const PING_LIMIT: Duration = Duration::from_secs(2);
/// How long `/version` and `/info` may take; they are asked side by side.
const FACTS_LIMIT: Duration = Duration::from_secs(3);
/// The most that either answer may take.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// What a look at one address found.
pub(crate) enum Found {
    /// An engine, or something that stands where one should be.
    State(EngineState),
    /// Nothing listens there.
    Absent {
        /// True when a socket file is left without its engine.
        stale: bool,
        /// The system's words.
        detail: String,
    },
}

/// Looks once.
pub(crate) async fn probe(endpoint: &Endpoint, hint: Option<Product>, around: &Arc<Surroundings>) -> Found {
    match look(endpoint, hint, around).await {
        Ok(state) => Found::State(state),
        Err(error) => sort(endpoint, error),
    }
}

fn sort(endpoint: &Endpoint, error: EngineError) -> Found {
    let silence = |silence| Found::State(EngineState::NotAnswering { endpoint: endpoint.clone(), silence });
    match error {
        EngineError::Unreachable { reason: Unreachable::Permission, .. } => {
            Found::State(EngineState::NoPermission { endpoint: endpoint.clone() })
        }
        EngineError::Unreachable { reason: Unreachable::Silent, .. } | EngineError::Timeout { .. } => {
            silence(Silence::Silent)
        }
        EngineError::Unreachable { reason, detail, .. } => {
            Found::Absent { stale: reason == Unreachable::Refused, detail }
        }
        EngineError::Lost { detail } | EngineError::Protocol { detail } => silence(Silence::Nonsense(detail)),
        EngineError::Failed { status: 500 | 502 | 503, .. } => silence(Silence::Starting),
        other => silence(Silence::Nonsense(other.to_string())),
    }
}

async fn look(
    endpoint: &Endpoint,
    hint: Option<Product>,
    around: &Arc<Surroundings>,
) -> Result<EngineState, EngineError> {
    let ping = within("ping", PING_LIMIT, get(endpoint, "/_ping")).await?;
    let windows =
        ping.headers().get("ostype").is_some_and(|system| system.as_bytes().eq_ignore_ascii_case(b"windows"));
    drop(ping);
    if windows {
        return Ok(EngineState::WrongOs);
    }
    let (version, facts) = tokio::try_join!(
        within("version", FACTS_LIMIT, json::<Version>(endpoint, "/version")),
        within("info", FACTS_LIMIT, json::<Info>(endpoint, "/info")),
    )?;
    if version.os.eq_ignore_ascii_case("windows") || facts.os_type.eq_ignore_ascii_case("windows") {
        return Ok(EngineState::WrongOs);
    }
    let pinned = around.variable("DOCKER_API_VERSION").and_then(ApiVersion::parse);
    match info::agree(&version, pinned) {
        Agreement::Speak(api) => {
            let info = info::gather(endpoint.clone(), hint, api, version, facts);
            Engine::connect(info, Arc::clone(around)).map(EngineState::Ready)
        }
        Agreement::EngineTooOld(api) => Ok(EngineState::TooOld { version: version.version, api }),
        Agreement::WeAreTooOld(api) => Ok(EngineState::TooNew { version: version.version, api }),
        Agreement::Unreadable => Err(EngineError::protocol("it names no API version")),
    }
}

async fn get(endpoint: &Endpoint, path: &str) -> Result<Response<Incoming>, EngineError> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(path)
        .body(Full::<Bytes>::default())
        .map_err(EngineError::protocol)?;
    let response = connection::send(endpoint, request).await?;
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    connection::checked(response).await
}

async fn json<T: serde::de::DeserializeOwned>(endpoint: &Endpoint, path: &str) -> Result<T, EngineError> {
    let response = get(endpoint, path).await?;
    let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
    let body = body.map_err(EngineError::lost)?.to_bytes();
    serde_json::from_slice(&body).map_err(EngineError::protocol)
}

async fn within<T>(
    what: &'static str,
    limit: Duration,
    work: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    tokio::time::timeout(limit, work).await.unwrap_or(Err(EngineError::Timeout { what, after: limit }))
}
