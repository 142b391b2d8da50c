//! Answers as HTTP: one JSON body, or a stream of events that is kept alive.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use mcpproxy_gateway::{Event, EventStream, Refusal, Reply, ReplyKind};
use mcpproxy_protocol::{headers, media, sse};
use tokio::time::timeout;

/// Headers of an answer: its own, those that every route adds, and those of HTTP itself.
const HEADERS: usize = 10;

/// A stream never stays silent for longer, so that nobody on the way takes it for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn reply(reply: Reply) -> Response {
    let mut response = match reply.kind {
        ReplyKind::Accepted => StatusCode::ACCEPTED.into_response(),
        ReplyKind::One(message) => json(StatusCode::OK, message),
        ReplyKind::Stream(stream) => events(stream),
    };
    // Visible ASCII, so that this never fails.
    if let Some(session) = reply.session.and_then(|session| HeaderValue::try_from(session).ok()) {
        response.headers_mut().insert(HeaderName::from_static(headers::SESSION_ID), session);
    }
    response
}

pub(super) fn refusal(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    tracing::debug!(status = refusal.status, code = refusal.code, "a message was turned away");
    json(status, refusal.body.clone())
}

/// A stream of events; nobody on the way may collect or compress it.
pub(super) fn events(events: EventStream) -> Response {
    let chunks = stream::unfold(events, |mut events| async move {
        let chunk = match timeout(KEEP_ALIVE, events.next()).await {
            Ok(Some(event)) => encode(&event),
            Ok(None) => return None,
            Err(_) => sse::comment("keep-alive"),
        };
        Some((Ok::<Bytes, Infallible>(chunk), events))
    });
    let headers = [
        (header::CONTENT_TYPE, media::EVENT_STREAM),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

fn encode(event: &Event) -> Bytes {
    match &event.id {
        Some(id) if event.data.is_empty() => {
            let retry = event.retry.map(|retry| u64::try_from(retry.as_millis()).unwrap_or(u64::MAX));
            sse::priming(id, retry)
        }
        id => sse::event(id.as_deref(), &event.data),
    }
}

fn json(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // Room for what every answer carries, so that the table grows once.
    response.headers_mut().reserve(HEADERS);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media::JSON));
    response
}
