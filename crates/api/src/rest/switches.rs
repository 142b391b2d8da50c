//! Switches: on, off, restart, isolation; for one server or for all.

use crate::{failure::ApiFailure, state::ApiState};
use axum::{
    Json,
    extract::{Path, State},
};
use mcpproxy_api_types::{BulkOutcome, IsolationBody, ServerAction, Success};
use mcpproxy_core::{Command, CommandError, Outcome, Span};
use std::sync::Arc;

type Acted = Result<Json<Success<ServerAction>>, ApiFailure>;

/// Turns a server on.
#[utoipa::path(post, path = "/api/v1/servers/{id}/enable", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn enable(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, Command::Enable { name: id.clone(), on: true }, id, "enabled").await
}

/// Turns a server off.
#[utoipa::path(post, path = "/api/v1/servers/{id}/disable", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn disable(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, Command::Enable { name: id.clone(), on: false }, id, "disabled").await
}

/// Ends a server's process and starts it anew.
#[utoipa::path(post, path = "/api/v1/servers/{id}/restart", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn restart(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, Command::Restart { name: id.clone() }, id, "restarted").await
}

/// Switches a server's isolation; off for a while, until the program quits, or until it is turned on again.
#[utoipa::path(post, path = "/api/v1/servers/{id}/isolation", tag = "servers", params(("id" = String, Path)),
    request_body = IsolationBody,
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn isolation(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(body): Json<IsolationBody>,
) -> Acted {
    let name = id.clone();
    let (command, action) = match (body.enabled, body.for_seconds, body.until_quit) {
        (true, None, false) => (Command::Isolate { name, on: true }, "isolated"),
        (false, None, false) => (Command::Isolate { name, on: false }, "unprotected"),
        (false, Some(seconds), false) => {
            let span = Span::For(std::time::Duration::from_secs(seconds));
            (Command::Unprotect { name, span }, "unprotected")
        }
        (false, None, true) => (Command::Unprotect { name, span: Span::UntilQuit }, "unprotected"),
        _ => {
            let message = "Only isolation that is off has an end: `for_seconds` or `until_quit`, not both.";
            return Err(ApiFailure::invalid(message));
        }
    };
    act(&state, command, id, action).await
}

/// Holds a server until somebody looks at it.
#[utoipa::path(post, path = "/api/v1/servers/{id}/quarantine", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn quarantine(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, held(&id, true), id, "quarantined").await
}

/// Releases a held server: it starts as it is configured.
#[utoipa::path(post, path = "/api/v1/servers/{id}/unquarantine", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn unquarantine(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, held(&id, false), id, "unquarantined").await
}

fn held(name: &str, held: bool) -> Command {
    Command::Change { name: name.to_owned(), patch: serde_json::json!({"quarantined": held}) }
}

/// Ends the download or installation that a server waits for.
#[utoipa::path(post, path = "/api/v1/servers/{id}/cancel", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 409, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn cancel(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Acted {
    act(&state, Command::CancelPreparation { name: id.clone() }, id, "cancelled").await
}

/// Restarts all servers that are on.
#[utoipa::path(post, path = "/api/v1/servers/restart_all", tag = "servers",
    responses((status = 200, body = Success<BulkOutcome>)))]
pub(crate) async fn restart_all(
    State(state): State<Arc<ApiState>>,
) -> Result<Json<Success<BulkOutcome>>, ApiFailure> {
    all(&state, Command::RestartAll).await
}

/// Turns all servers on.
#[utoipa::path(post, path = "/api/v1/servers/enable_all", tag = "servers",
    responses((status = 200, body = Success<BulkOutcome>)))]
pub(crate) async fn enable_all(
    State(state): State<Arc<ApiState>>,
) -> Result<Json<Success<BulkOutcome>>, ApiFailure> {
    all(&state, Command::EnableAll { on: true }).await
}

/// Turns all servers off.
#[utoipa::path(post, path = "/api/v1/servers/disable_all", tag = "servers",
    responses((status = 200, body = Success<BulkOutcome>)))]
pub(crate) async fn disable_all(
    State(state): State<Arc<ApiState>>,
) -> Result<Json<Success<BulkOutcome>>, ApiFailure> {
    all(&state, Command::EnableAll { on: false }).await
}

async fn act(state: &ApiState, command: Command, server: String, action: &str) -> Acted {
    let outcome = state.core().command(command).await?;
    let message = consequence(&server, &outcome);
    Ok(Json(Success::new(ServerAction { server, action: action.to_owned(), success: true, message })))
}

/// What a switch changed beside the server it was meant for: never silent.
pub(crate) fn consequence(server: &str, outcome: &Outcome) -> Option<String> {
    let others: Vec<&str> = outcome
        .edits
        .iter()
        .filter_map(|edit| edit.server.as_deref())
        .filter(|&name| name != server)
        .collect();
    let global = outcome.edits.iter().any(|edit| edit.server.is_none());
    match (global, others.is_empty()) {
        (false, true) => None,
        (true, true) => Some("The global isolation switch was turned on for this.".to_owned()),
        (true, false) => Some(format!(
            "The global isolation switch was turned on for this; {} keep running without isolation, as before.",
            others.join(", ")
        )),
        (false, false) => Some(format!("Also changed: {}.", others.join(", "))),
    }
}

async fn all(state: &ApiState, command: Command) -> Result<Json<Success<BulkOutcome>>, ApiFailure> {
    let outcome: Result<Outcome, CommandError> = state.core().command(command).await;
    let total = outcome?.affected.len();
    Ok(Json(Success::new(BulkOutcome { total, successful: total, ..BulkOutcome::default() })))
}
