//! The program itself: status, addresses, modes, findings.

use crate::{state::ApiState, views};
use axum::{Json, extract::State};
use mcpproxy_api_types::{Endpoints, Findings, Info, Routing, Status, Success};
use std::sync::Arc;

/// State of the program, its servers in numbers, and the engine.
#[utoipa::path(get, path = "/api/v1/status", tag = "status", responses((status = 200, body = Success<Status>)))]
pub(crate) async fn status(State(state): State<Arc<ApiState>>) -> Json<Success<Status>> {
    Json(Success::new(views::status(state.core(), state.version())))
}

/// Version and addresses.
#[utoipa::path(get, path = "/api/v1/info", tag = "status", responses((status = 200, body = Success<Info>)))]
pub(crate) async fn info(State(state): State<Arc<ApiState>>) -> Json<Success<Info>> {
    let listen_addr = state.core().snapshot().listen.clone();
    Json(Success::new(Info {
        version: state.version().to_owned(),
        endpoints: Endpoints {
            http: format!("http://{listen_addr}"),
            socket: state.core().paths().data_dir.join(crate::SOCKET_NAME).display().to_string(),
        },
        listen_addr,
        pid: std::process::id(),
    }))
}

/// The routing mode of `/mcp`.
#[utoipa::path(get, path = "/api/v1/routing", tag = "status", responses((status = 200, body = Success<Routing>)))]
pub(crate) async fn routing(State(state): State<Arc<ApiState>>) -> Json<Success<Routing>> {
    let routing_mode = views::routing_mode(&state.core().config()).to_owned();
    let description = match routing_mode.as_str() {
        "direct" => "Each tool of each server is listed as server__tool.",
        "retrieve_tools" => "Clients search for tools and call what they found.",
        _ => "Direct up to 40 tools in all, above that retrieve_tools.",
    };
    Json(Success::new(Routing {
        description: description.to_owned(),
        routing_mode,
        available_modes: ["auto", "direct", "retrieve_tools"].map(str::to_owned).to_vec(),
    }))
}

/// What is not as it should be.
#[utoipa::path(get, path = "/api/v1/diagnostics", tag = "status",
    responses((status = 200, body = Success<Findings>)))]
pub(crate) async fn diagnostics(State(state): State<Arc<ApiState>>) -> Json<Success<Findings>> {
    Json(Success::new(views::findings(state.core()).await))
}

/// What is not as it should be; the same as `/diagnostics`.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "status", responses((status = 200, body = Success<Findings>)))]
pub(crate) async fn doctor(State(state): State<Arc<ApiState>>) -> Json<Success<Findings>> {
    Json(Success::new(views::findings(state.core()).await))
}
