//! Other AI clients: their state, changes of their files with a preview, and the keys that they come in with.

use crate::{failure::ApiFailure, state::ApiState, views::clients as views};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use mcpproxy_api_types::{
    Client, ClientAction, ClientChange, ClientChangeBody, ClientKey, ClientList, ClientPreviewBody,
    ClientUndone, Failure, KeyBody, KeyList, NewKey, Success,
};
use mcpproxy_core::{self as core, ClientFailure};
use std::sync::Arc;

type Answer<T> = Result<Json<Success<T>>, ApiFailure>;

impl From<ClientFailure> for ApiFailure {
    fn from(failure: ClientFailure) -> Self {
        let status = match failure.code() {
            "client_unknown" | "key_unknown" => StatusCode::NOT_FOUND,
            "client_data_refused" => StatusCode::FORBIDDEN,
            "key_name" => StatusCode::BAD_REQUEST,
            "shutting_down" => StatusCode::SERVICE_UNAVAILABLE,
            "client_file_failed" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::CONFLICT,
        };
        match failure {
            ClientFailure::Command(error) => error.into(),
            other => Self::new(status, other.code(), other.to_string()),
        }
    }
}

/// Lists the clients that could use MCPProxy, with what is known of each.
#[utoipa::path(get, path = "/api/v1/clients", tag = "clients",
    responses((status = 200, body = Success<ClientList>)))]
pub(crate) async fn list(State(state): State<Arc<ApiState>>) -> Answer<ClientList> {
    let clients = state.core().clients().await?;
    Ok(Json(Success::new(ClientList { clients: clients.into_iter().map(views::client).collect() })))
}

/// Looks into a client's file where the system asks the person first.
#[utoipa::path(post, path = "/api/v1/clients/{id}/look", tag = "clients", params(("id" = String, Path)),
    responses((status = 200, body = Success<Client>), (status = 404, body = Failure)))]
pub(crate) async fn look(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Answer<Client> {
    Ok(Json(Success::new(views::client(state.core().look_into_client(&id).await?))))
}

/// Shows what a change of a client's file would be; nothing is written.
#[utoipa::path(post, path = "/api/v1/clients/{id}/preview", tag = "clients", params(("id" = String, Path)),
    request_body = ClientPreviewBody,
    responses((status = 200, body = Success<ClientChange>), (status = 404, body = Failure),
        (status = 409, body = Failure)))]
pub(crate) async fn preview(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(body): Json<ClientPreviewBody>,
) -> Answer<ClientChange> {
    let action = match body.action {
        ClientAction::Connect => core::ClientAction::Connect { take: body.take },
        ClientAction::Disconnect => core::ClientAction::Disconnect,
    };
    Ok(Json(Success::new(views::change(state.core().preview_client(&id, action).await?))))
}

/// Connects a client: exactly the change that was seen, with a copy of the file kept. 409 when it changed meanwhile.
#[utoipa::path(post, path = "/api/v1/clients/{id}/connect", tag = "clients", params(("id" = String, Path)),
    request_body = ClientChangeBody,
    responses((status = 200, body = Success<ClientChange>), (status = 404, body = Failure),
        (status = 409, body = Failure)))]
pub(crate) async fn connect(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(body): Json<ClientChangeBody>,
) -> Answer<ClientChange> {
    let action = core::ClientAction::Connect { take: body.take };
    let done = state.core().change_client(&id, action, &body.fingerprint).await?;
    Ok(Json(Success::new(views::change(done))))
}

/// Takes our entry out of a client's file and revokes its key.
#[utoipa::path(post, path = "/api/v1/clients/{id}/disconnect", tag = "clients", params(("id" = String, Path)),
    request_body = ClientChangeBody,
    responses((status = 200, body = Success<ClientChange>), (status = 404, body = Failure),
        (status = 409, body = Failure)))]
pub(crate) async fn disconnect(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(body): Json<ClientChangeBody>,
) -> Answer<ClientChange> {
    let done = state.core().change_client(&id, core::ClientAction::Disconnect, &body.fingerprint).await?;
    Ok(Json(Success::new(views::change(done))))
}

/// Takes the newest change of a client's file back.
#[utoipa::path(post, path = "/api/v1/clients/{id}/undo", tag = "clients", params(("id" = String, Path)),
    responses((status = 200, body = Success<ClientUndone>), (status = 404, body = Failure),
        (status = 409, body = Failure)))]
pub(crate) async fn undo(State(state): State<Arc<ApiState>>, Path(id): Path<String>) -> Answer<ClientUndone> {
    let undone = state.core().undo_client(&id).await?;
    Ok(Json(Success::new(ClientUndone { path: undone.path, whole: undone.whole })))
}

/// Lists the keys of single clients, without their values.
#[utoipa::path(get, path = "/api/v1/keys", tag = "clients", responses((status = 200, body = Success<KeyList>)))]
pub(crate) async fn keys(State(state): State<Arc<ApiState>>) -> Json<Success<KeyList>> {
    let view = |key: core::KeyView| ClientKey {
        name: key.name,
        masked: key.masked,
        seen_at: key.seen_at.map(|at| at.to_string()),
    };
    Json(Success::new(KeyList { keys: state.core().keys().into_iter().map(view).collect() }))
}

/// Makes a key that opens `/mcp` only; its value is told this once.
#[utoipa::path(post, path = "/api/v1/keys", tag = "clients", request_body = KeyBody,
    responses((status = 200, body = Success<NewKey>), (status = 400, body = Failure),
        (status = 409, body = Failure)))]
pub(crate) async fn add_key(State(state): State<Arc<ApiState>>, Json(body): Json<KeyBody>) -> Answer<NewKey> {
    let key = state.core().add_key(&body.name).await?;
    Ok(Json(Success::new(NewKey { name: body.name, key: key.expose().to_owned() })))
}

/// Revokes a key; who used it is refused from the next request on.
#[utoipa::path(delete, path = "/api/v1/keys/{name}", tag = "clients", params(("name" = String, Path)),
    responses((status = 200, body = Success<KeyList>), (status = 404, body = Failure)))]
pub(crate) async fn revoke_key(
    State(state): State<Arc<ApiState>>,
    Path(name): Path<String>,
) -> Answer<KeyList> {
    state.core().revoke_key(&name).await?;
    Ok(keys(State(state)).await)
}
