//! The anonymous counters: shown, never sent.

use crate::{failure::ApiFailure, state::ApiState};
use axum::{Json, extract::State};
use mcpproxy_api_types::{EnabledBody, Success, Telemetry, TelemetryPayload};
use mcpproxy_core::{Command, Core};
use std::sync::Arc;

/// All that would be sent, and whether the person agreed. Nothing is sent.
#[utoipa::path(get, path = "/api/v1/telemetry", tag = "telemetry",
    responses((status = 200, body = Success<Telemetry>)))]
pub(crate) async fn show(State(state): State<Arc<ApiState>>) -> Json<Success<Telemetry>> {
    Json(Success::new(view(state.core())))
}

/// Exactly what would be sent.
#[utoipa::path(get, path = "/api/v1/telemetry/payload", tag = "telemetry",
    responses((status = 200, body = Success<TelemetryPayload>)))]
pub(crate) async fn payload(State(state): State<Arc<ApiState>>) -> Json<Success<TelemetryPayload>> {
    Json(Success::new(view(state.core()).payload))
}

/// Notes whether the person agrees.
#[utoipa::path(put, path = "/api/v1/telemetry", tag = "telemetry", request_body = EnabledBody,
    responses((status = 200, body = Success<Telemetry>)))]
pub(crate) async fn agree(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<EnabledBody>,
) -> Result<Json<Success<Telemetry>>, ApiFailure> {
    let path = vec!["telemetry".to_owned(), "enabled".to_owned()];
    state.core().command(Command::Set { path, value: body.enabled.into() }).await?;
    Ok(Json(Success::new(view(state.core()))))
}

fn view(core: &Core) -> Telemetry {
    let telemetry = core.telemetry();
    Telemetry {
        enabled: telemetry.enabled,
        overruled_by: telemetry.overruled_by.map(str::to_owned),
        sends: false,
        payload: TelemetryPayload {
            server_docker_available_bool: telemetry.counters.docker_available,
            server_docker_isolated_count: telemetry.counters.docker_isolated,
        },
    }
}
