//! One pull: the request, the engine's report of it, and what came of it.
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::Instant;

use super::credentials;
use super::error::{Attempt, PullError};
use super::progress::{Layers, Progress, Report, STEP};
use super::reference::Reference;
use crate::engine::{Engine, EngineError, JsonStream, percent};

/// How long an engine may say nothing at all before the download counts as stuck.
const SILENCE_LIMIT: Duration = Duration::from_secs(600);

/// One message of the engine.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Message {
    id: String,
    status: String,
    #[serde(rename = "progressDetail")]
    detail: Detail,
    #[serde(rename = "errorDetail")]
    error: Option<ErrorDetail>,
    #[serde(rename = "error")]
    error_text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    current: Option<u64>,
    total: Option<u64>,
    units: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorDetail {
    message: String,
}

/// Pulls an image and publishes how far it is; dropping the future ends the pull in the engine as well.
pub(crate) async fn pull(
    engine: &Engine,
    reference: &Reference,
    platform: Option<&str>,
    steps: &watch::Sender<Progress>,
) -> Result<(), PullError> {
    let registry = reference.registry().unwrap_or_default().to_owned();
    let known = credentials::lookup(engine.surroundings(), &registry).await;
    let mut attempt = Attempt {
        image: reference.familiar(),
        registry,
        arch: engine.info().arch.clone(),
        helper: known.failed_helper,
        bytes: (0, None),
    };
    let path = target(reference, platform);
    let auth = known.header.as_ref().map(|secret| ("X-Registry-Auth", secret.expose()));
    // An engine that cannot reach the registry says so after more than a minute.
    let asked = tokio::time::timeout(SILENCE_LIMIT, engine.open(Method::POST, &path, auth.as_slice())).await;
    let response = match asked {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(refused(&attempt, error)),
        Err(_) => return Err(PullError::Stalled { image: attempt.image, after: SILENCE_LIMIT }),
    };
    let mut messages = JsonStream::<Message>::new(response.into_body());
    let mut layers = Layers::new(Instant::now());
    let mut published = Instant::now();
    steps.send_replace(layers.progress(&attempt.image));
    loop {
        let message = match tokio::time::timeout(SILENCE_LIMIT, messages.next()).await {
            Err(_) => return Err(PullError::Stalled { image: attempt.image, after: SILENCE_LIMIT }),
            Ok(None) => return Ok(()),
            Ok(Some(Err(error))) => return Err(PullError::Engine(error)),
            Ok(Some(Ok(message))) => message,
        };
        attempt.bytes = layers.bytes();
        let said = message.error.map(|error| error.message).filter(|text| !text.is_empty());
        if let Some(text) = said.or(message.error_text) {
            return Err(attempt.classify(&text));
        }
        let now = Instant::now();
        let seconds = message.detail.units.as_deref() == Some("s");
        let Detail { current, total, .. } = message.detail;
        layers.report(Report { id: &message.id, status: &message.status, current, total, seconds }, now);
        let retrying = message.status.starts_with("Retrying in ");
        if retrying || now.duration_since(published) >= STEP {
            published = now;
            steps.send_replace(layers.progress(&attempt.image));
        }
    }
}

fn target(reference: &Reference, platform: Option<&str>) -> String {
    let name = percent(&reference.repository_name());
    let version = percent(reference.version().unwrap_or("latest"));
    let platform = platform.map(|platform| format!("&platform={}", percent(platform))).unwrap_or_default();
    format!("/images/create?fromImage={name}&tag={version}{platform}")
}

/// An answer before the first byte: old engines say 500 where newer ones say 404 or 401, the words are the same.
fn refused(attempt: &Attempt, error: EngineError) -> PullError {
    match error {
        EngineError::NoSuchImage { message }
        | EngineError::NotFound { message }
        | EngineError::Refused { message }
        | EngineError::Forbidden { message }
        | EngineError::DiskFull { message }
        | EngineError::Network { message }
        | EngineError::Conflict { message }
        | EngineError::Failed { message, .. } => attempt.classify(&message),
        other => PullError::Engine(other),
    }
}
