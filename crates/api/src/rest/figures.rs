//! Processor and memory of servers, while somebody looks.

use crate::state::ApiState;
use axum::{
    Json,
    extract::{Query, State},
};
use mcpproxy_api_types::{Figures, ServerFigures, Success};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// Longest time a poll is held.
const LONGEST_WAIT: u64 = 25;
/// How long is waited unless said otherwise: the first sample takes a moment.
const USUAL_WAIT: u64 = 10;

/// From where on, and how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The last sample that is known; 0 for any that is fresh.
    #[serde(default)]
    since: u64,
    /// Seconds to wait for a newer one, 10 unless given, at most 25.
    wait: Option<u64>,
}

/// Figures of all servers that have a process here. They are measured only while somebody asks; shares of the
/// processor come with the second sample. When nothing newer came, the list is empty and `revision` the one asked with.
#[utoipa::path(get, path = "/api/v1/figures", tag = "figures", params(Asked),
    responses((status = 200, body = Success<Figures>)))]
pub(crate) async fn figures(
    State(state): State<Arc<ApiState>>,
    Query(asked): Query<Asked>,
) -> Json<Success<Figures>> {
    let wait = Duration::from_secs(asked.wait.unwrap_or(USUAL_WAIT).min(LONGEST_WAIT));
    let sample = state.core().figures(asked.since, wait).await;
    let Some(sample) = sample else {
        let nothing = Figures { revision: asked.since, ..Figures::default() };
        return Json(Success::new(nothing));
    };
    let server = |server: &mcpproxy_core::ServerFigures| ServerFigures {
        name: server.name.clone(),
        cpu_percent: server.cpu_percent,
        memory_bytes: server.memory,
        memory_limit_bytes: server.memory_limit,
        pids: server.pids,
    };
    Json(Success::new(Figures {
        revision: sample.revision,
        at: format!("{:.3}", sample.at),
        servers: sample.servers.iter().map(server).collect(),
    }))
}
