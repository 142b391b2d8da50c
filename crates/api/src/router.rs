//! All routes in one place, each behind the doors that fit it.

use crate::{doors, failure::ApiFailure, mcp, openapi, request_id, rest, state::ApiState};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, Uri},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use mcpproxy_core::Phase;
use serde_json::json;
use std::sync::Arc;

/// Largest body of a REST request; MCP messages have a limit of their own.
const REST_BODY_LIMIT: usize = 4 << 20;

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
        .with_state(state.clone());
    open.merge(rest)
        .merge(mcp)
        .fallback(unknown)
        .layer(from_fn_with_state(state, doors::check_host))
        .layer(from_fn_with_state(Arc::new(request_id::Ids::new()), request_id::with_request_id))
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
