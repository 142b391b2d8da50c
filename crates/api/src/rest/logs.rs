//! Last lines of the logs.

use crate::{failure::ApiFailure, rest::servers::unknown, state::ApiState, views};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use mcpproxy_api_types::{ServerLogs, Success};
use serde::Deserialize;
use std::sync::Arc;

const DEFAULT_TAIL: usize = 100;
const LONGEST_TAIL: usize = 10_000;

/// How many lines are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Tail {
    /// Number of lines, 100 unless given.
    tail: Option<usize>,
}

impl Tail {
    fn lines(&self) -> usize {
        self.tail.unwrap_or(DEFAULT_TAIL).min(LONGEST_TAIL)
    }
}

/// Last log lines of one server, its error output included.
#[utoipa::path(get, path = "/api/v1/servers/{id}/logs", tag = "logs", params(("id" = String, Path), Tail),
    responses((status = 200, body = Success<ServerLogs>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn server_logs(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Query(tail): Query<Tail>,
) -> Result<Json<Success<ServerLogs>>, ApiFailure> {
    if !state.core().snapshot().servers.contains_key(&id) {
        return Err(unknown(&id));
    }
    read(&state, Some(&id), &tail).await
}

/// Last lines of the program's own log.
#[utoipa::path(get, path = "/api/v1/logs", tag = "logs", params(Tail),
    responses((status = 200, body = Success<ServerLogs>)))]
pub(crate) async fn main_log(
    State(state): State<Arc<ApiState>>,
    Query(tail): Query<Tail>,
) -> Result<Json<Success<ServerLogs>>, ApiFailure> {
    read(&state, None, &tail).await
}

async fn read(
    state: &ApiState,
    server: Option<&str>,
    tail: &Tail,
) -> Result<Json<Success<ServerLogs>>, ApiFailure> {
    let logs = views::log_tail(state.core(), server, tail.lines()).await;
    Ok(Json(Success::new(logs.map_err(|error| unreadable(state, &error))?)))
}

/// A log that is there and cannot be read.
pub(super) fn unreadable(state: &ApiState, error: &std::io::Error) -> ApiFailure {
    ApiFailure::new(
        http::StatusCode::INTERNAL_SERVER_ERROR,
        "log_unreadable",
        format!(
            "The log cannot be read: {error}. Look at the folder {}.",
            state.core().paths().log_dir.display()
        ),
    )
}
