//! The configuration as it is in use, without its secrets.

use crate::{failure::ApiFailure, state::ApiState};
use axum::{Json, extract::State};
use mcpproxy_api_types::{ConfigView, ServerAction, SettingsOutcome, Success, ValidationOutcome};
use mcpproxy_core::Command;
use std::sync::Arc;

/// Shows the configuration; secrets are masked.
#[utoipa::path(get, path = "/api/v1/config", tag = "config", responses((status = 200, body = Success<ConfigView>)))]
pub(crate) async fn show(State(state): State<Arc<ApiState>>) -> Json<Success<ConfigView>> {
    Json(Success::new(ConfigView {
        config: state.core().masked_config(),
        config_path: state.core().paths().config.display().to_string(),
    }))
}

/// Sets global keys by a merge patch: those that are settings; keys and servers are refused.
#[utoipa::path(patch, path = "/api/v1/config", tag = "config", request_body = Object,
    responses((status = 200, body = Success<SettingsOutcome>), (status = 400, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn patch(
    State(state): State<Arc<ApiState>>,
    Json(patch): Json<serde_json::Value>,
) -> Result<Json<Success<SettingsOutcome>>, ApiFailure> {
    let outcome = state.core().command(Command::Settings { patch }).await?;
    Ok(Json(Success::new(SettingsOutcome {
        changed: outcome.edits.iter().map(|edit| edit.path.join(".")).collect(),
        restarted: outcome.affected,
        needs_restart: outcome.needs_restart.into_iter().map(str::to_owned).collect(),
    })))
}

/// Checks a configuration without using it. The body is the file's text.
#[utoipa::path(post, path = "/api/v1/config/validate", tag = "config", request_body = String,
    responses((status = 200, body = Success<ValidationOutcome>)))]
pub(crate) async fn validate(
    State(state): State<Arc<ApiState>>,
    text: String,
) -> Json<Success<ValidationOutcome>> {
    let errors: Vec<String> =
        state.core().validate(&text).err().map(|error| error.to_string()).into_iter().collect();
    Json(Success::new(ValidationOutcome { valid: errors.is_empty(), errors }))
}

/// Reads the configuration file again.
#[utoipa::path(post, path = "/api/v1/config/reload", tag = "config",
    responses((status = 200, body = Success<ServerAction>)))]
pub(crate) async fn reload(
    State(state): State<Arc<ApiState>>,
) -> Result<Json<Success<ServerAction>>, ApiFailure> {
    state.core().command(Command::Reload).await?;
    Ok(Json(Success::new(ServerAction {
        server: String::new(),
        action: "reloaded".to_owned(),
        success: true,
        message: None,
    })))
}
