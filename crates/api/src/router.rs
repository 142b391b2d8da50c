//! All routes in one place, each behind the doors that fit it.

use crate::{
    doors::{self, Door},
    failure::ApiFailure,
    mcp, openapi,
    request_id::{self, Ids},
    rest,
    state::ApiState,
};
use axum::{
    Json, Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use mcpproxy_core::Phase;
use mcpproxy_gateway::Endpoint;
use serde_json::json;
use std::sync::Arc;

/// Largest body of a REST request; MCP messages have a limit of their own.
const REST_BODY_LIMIT: usize = 4 << 20;
/// Largest body where no key is asked for.
const OPEN_BODY_LIMIT: usize = 4 << 10;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Answers a request for a path below `/ui/`: the embedded pages, with headers that keep other pages away.
pub type Pages = fn(&Method, &str, &HeaderMap) -> http::Response<Bytes>;

/// Builds the router that every door serves.
pub fn router(state: ApiState) -> Router {
    let state = Arc::new(state);
    let (rest, _) = rest::routes().split_for_parts();
    let rest = rest
        .layer(DefaultBodyLimit::max(REST_BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), doors::admin_only))
        .with_state(state.clone());
    let mcp = mcp::router(state.core().gateway().clone())
        .layer(from_fn_with_state(state.clone(), doors::mcp_caller));
    let open = Router::new()
        .route("/healthz", get(alive))
        .route("/livez", get(alive))
        .route("/health", get(alive))
        .route("/readyz", get(ready))
        .route("/ready", get(ready))
        .route("/openapi.json", get(|| async { Json(openapi::document()) }))
        .merge(rest::open_routes().split_for_parts().0.layer(DefaultBodyLimit::max(OPEN_BODY_LIMIT)))
        .route("/ui", get(|| async { Redirect::permanent("/ui/") }))
        .route("/ui/", get(page))
        .route("/ui/{*path}", get(page))
        .with_state(state.clone());
    open.merge(rest)
        .merge(mcp)
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::new(Entrance { state, ids: Ids::new() }), enter))
}

/// What every request passes, in one layer: each further one copies all that are behind it for each request.
struct Entrance {
    state: Arc<ApiState>,
    ids: Ids,
}

async fn enter(
    State(entrance): State<Arc<Entrance>>,
    ConnectInfo(door): ConnectInfo<Door>,
    request: Request,
    next: Next,
) -> Response {
    let id = entrance.ids.of(request.headers());
    let mut response = match doors::refuse_host(&entrance.state, &door, &request) {
        Some(refusal) => refusal.into_response(),
        None => match mcp::posted_to(request.method(), request.uri().path()) {
            Some(endpoint) => keep_private(post(&entrance.state, &door, endpoint, request).await),
            None => keep_private(next.run(request).await),
        },
    };
    request_id::put(id, &mut response);
    response
}

async fn post(state: &ApiState, door: &Door, endpoint: Endpoint, request: Request) -> Response {
    let credential = match doors::credential(state, door, &request) {
        Ok(credential) => credential,
        Err(refusal) => return refusal.into_response(),
    };
    let (parts, body) = request.into_parts();
    mcp::answer(endpoint, state.core().gateway(), credential, &parts.headers, body).await
}

/// A page, or the ordinary 404 where the program has none.
async fn page(State(state): State<Arc<ApiState>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/ui/").unwrap_or_default();
    match state.pages() {
        Some(pages) => pages(&method, path, &headers).map(Body::from),
        None => unknown(uri).await.into_response(),
    }
}

/// What holds for every answer, unless its route knows better: no page of another origin embeds or frames it, and
/// nothing keeps it.
fn keep_private(mut response: Response) -> Response {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn alive() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

async fn ready(State(state): State<Arc<ApiState>>) -> Response {
    let ready = state.core().snapshot().phase == Phase::Running;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": ready}))).into_response()
}

/// Also what clients get that look for OAuth documents: a quick, plain 404.
async fn unknown(uri: Uri) -> ApiFailure {
    ApiFailure::not_found(format!("There is nothing at {}. The addresses are in /openapi.json.", uri.path()))
}
