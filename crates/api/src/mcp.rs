//! The MCP endpoints over HTTP: header rules on the way in, plain JSON or a stream on the way out.
//!
//! Who calls was found out at the doors and lies in the request as a [`Credential`]; what is done with a
//! message is the gateway's business. This adapter holds no state.

mod incoming;
mod outgoing;

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::{self, Body},
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use mcpproxy_gateway::{Credential, Endpoint, Gateway, Post};

use incoming::Incoming;

/// Longest message taken from a client.
const BODY_LIMIT: usize = 32 << 20;

/// The MCP endpoints of a gateway.
pub(crate) fn router(gateway: Gateway) -> Router {
    Router::new()
        .route("/mcp", at(|| Endpoint::Default))
        .route("/mcp/", at(|| Endpoint::Default))
        .route("/mcp/all", at(|| Endpoint::All))
        .route("/mcp/call", at(|| Endpoint::Call))
        .route(
            "/mcp/servers/{name}",
            post(|Path(name): Path<String>, gateway, caller, headers, body| {
                take(server(&name), gateway, caller, headers, body)
            })
            .get(async |Path(name): Path<String>, gateway, caller, headers| {
                listen(server(&name), gateway, caller, headers)
            })
            .delete(async |Path(name): Path<String>, gateway, caller, headers| {
                close(server(&name), gateway, caller, headers)
            }),
        )
        .with_state(gateway)
}

fn at(endpoint: fn() -> Endpoint) -> MethodRouter<Gateway> {
    post(move |gateway, caller, headers, body| take(endpoint(), gateway, caller, headers, body))
        .get(async move |gateway, caller, headers| listen(endpoint(), gateway, caller, headers))
        .delete(async move |gateway, caller, headers| close(endpoint(), gateway, caller, headers))
}

fn server(name: &str) -> Endpoint {
    Endpoint::Server(Arc::from(name))
}

/// The endpoint of a posted message whose address is one of the fixed ones: nearly all there are. They are answered
/// without asking the table of routes, whose layers would cost more than the rest of the way.
pub(crate) fn posted_to(method: &Method, path: &str) -> Option<Endpoint> {
    match path {
        _ if method != Method::POST => None,
        "/mcp" | "/mcp/" => Some(Endpoint::Default),
        "/mcp/all" => Some(Endpoint::All),
        "/mcp/call" => Some(Endpoint::Call),
        _ => None,
    }
}

async fn take(
    endpoint: Endpoint,
    State(gateway): State<Gateway>,
    Extension(credential): Extension<Credential>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(endpoint, &gateway, credential, &headers, body).await
}

/// Takes one posted message.
pub(crate) async fn answer(
    endpoint: Endpoint,
    gateway: &Gateway,
    credential: Credential,
    headers: &HeaderMap,
    body: Body,
) -> Response {
    let incoming = match Incoming::post(headers, BODY_LIMIT) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal.into_response(),
    };
    let Incoming { session, version, .. } = incoming;
    // Read whole, so that no character is cut at the border of a chunk.
    let Ok(body) = body::to_bytes(body, BODY_LIMIT).await else {
        return incoming::too_large(BODY_LIMIT).into_response();
    };
    match gateway.post(Post { endpoint, credential, session, version, body }).await {
        Ok(reply) => outgoing::reply(reply),
        Err(refusal) => outgoing::refusal(&refusal),
    }
}

fn listen(
    endpoint: Endpoint,
    State(gateway): State<Gateway>,
    Extension(credential): Extension<Credential>,
    headers: HeaderMap,
) -> Response {
    let incoming = match Incoming::get(&headers) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal.into_response(),
    };
    let opened = gateway.listen(
        &endpoint,
        &credential,
        incoming.session.as_deref(),
        incoming.last_event_id.as_deref(),
    );
    match opened {
        Ok(stream) => outgoing::events(stream),
        Err(refusal) => outgoing::refusal(&refusal),
    }
}

fn close(
    endpoint: Endpoint,
    State(gateway): State<Gateway>,
    Extension(credential): Extension<Credential>,
    headers: HeaderMap,
) -> Response {
    let incoming = match Incoming::delete(&headers) {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal.into_response(),
    };
    match gateway.close(&endpoint, &credential, incoming.session.as_deref()) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(refusal) => outgoing::refusal(&refusal),
    }
}

#[cfg(test)]
mod tests;
