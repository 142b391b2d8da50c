//! The container engine and the global isolation switch.

use crate::{failure::ApiFailure, rest::switches::consequence, state::ApiState, views};
use axum::{Json, extract::State};
use mcpproxy_api_types::{DockerStatus, EnabledBody, ServerAction, Success};
use mcpproxy_core::Command;
use std::sync::Arc;

/// State of the container engine.
#[utoipa::path(get, path = "/api/v1/docker/status", tag = "docker",
    responses((status = 200, body = Success<DockerStatus>)))]
pub(crate) async fn status(State(state): State<Arc<ApiState>>) -> Json<Success<DockerStatus>> {
    Json(Success::new(views::docker_status(&state.core().snapshot().engine)))
}

/// Looks for the engine now.
#[utoipa::path(post, path = "/api/v1/docker/check", tag = "docker",
    responses((status = 200, body = Success<DockerStatus>)))]
pub(crate) async fn check(
    State(state): State<Arc<ApiState>>,
) -> Result<Json<Success<DockerStatus>>, ApiFailure> {
    state.core().command(Command::CheckEngine).await?;
    Ok(Json(Success::new(views::docker_status(&state.core().snapshot().engine))))
}

/// Turns the global isolation switch.
#[utoipa::path(patch, path = "/api/v1/config/docker-isolation", tag = "docker", request_body = EnabledBody,
    responses((status = 200, body = Success<ServerAction>)))]
pub(crate) async fn isolation(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<EnabledBody>,
) -> Result<Json<Success<ServerAction>>, ApiFailure> {
    let outcome = state.core().command(Command::IsolateAll { on: body.enabled }).await?;
    let action = if body.enabled { "isolated" } else { "unprotected" };
    let message = consequence("", &outcome).filter(|_| outcome.edits.len() > 1);
    Ok(Json(Success::new(ServerAction {
        server: String::new(),
        action: action.to_owned(),
        success: true,
        message,
    })))
}
