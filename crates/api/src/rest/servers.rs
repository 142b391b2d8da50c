//! The servers: list, show, add, change, remove, explain.

use super::references;
use crate::{failure::ApiFailure, rest::switches::consequence, state::ApiState, views};
use axum::{
    Json,
    extract::{Path, State},
};
use mcpproxy_api_types::{
    AddServer, Explanation, Server, ServerAction, ServerList, ServerPatched, Success, ToolList, UndoRemove,
};
use mcpproxy_core::{Command, Core};
use mcpproxy_secrets::mask;
use serde_json::Value;
use std::sync::Arc;

/// Lists all servers with their state.
#[utoipa::path(get, path = "/api/v1/servers", tag = "servers", responses((status = 200, body = Success<ServerList>)))]
pub(crate) async fn list(State(state): State<Arc<ApiState>>) -> Json<Success<ServerList>> {
    Json(Success::new(views::server_list(state.core())))
}

/// Shows one server with its state.
#[utoipa::path(get, path = "/api/v1/servers/{id}", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<Server>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn show(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<Server>>, ApiFailure> {
    views::find_server(state.core(), &id).map(|server| Json(Success::new(server))).ok_or_else(|| unknown(&id))
}

/// Adds a server; it starts at once unless it is turned off. References to secrets are confirmed by name.
#[utoipa::path(post, path = "/api/v1/servers", tag = "servers", request_body = AddServer,
    responses((status = 200, body = Success<ServerAction>), (status = 400, body = mcpproxy_api_types::Failure),
        (status = 409, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn add(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<AddServer>,
) -> Result<Json<Success<ServerAction>>, ApiFailure> {
    let mut entry = body.entry;
    entry.insert("name".to_owned(), Value::String(body.name.clone()));
    let server = Value::Object(entry);
    references::check(&server, None, &body.confirm_references)?;
    state.core().command(Command::Add { server }).await?;
    Ok(Json(Success::new(ServerAction {
        server: body.name,
        action: "add".to_owned(),
        success: true,
        message: None,
    })))
}

/// Changes a server by a merge patch: null removes a key, a masked value keeps what is stored.
#[utoipa::path(patch, path = "/api/v1/servers/{id}", tag = "servers", params(("id" = String, Path)),
    request_body = Object,
    responses((status = 200, body = Success<ServerPatched>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn patch(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(mut patch): Json<Value>,
) -> Result<Json<Success<ServerPatched>>, ApiFailure> {
    if !patch.is_object() {
        return Err(ApiFailure::invalid("The body must be an object with the keys to change."));
    }
    let current = views::find_server(state.core(), &id).ok_or_else(|| unknown(&id))?;
    let confirmed =
        patch.as_object_mut().and_then(|patch| patch.remove(references::CONFIRM)).unwrap_or_default();
    let confirmed: Vec<String> = serde_json::from_value(confirmed).unwrap_or_default();
    references::check(&patch, state.core().config().servers.get(&id), &confirmed)?;
    stored_values(state.core(), &current, &mut patch)?;
    let outcome = state.core().command(Command::Change { name: id, patch }).await?;
    Ok(Json(Success::new(ServerPatched {
        message: "Server updated".to_owned(),
        restart_required: !outcome.affected.is_empty(),
    })))
}

/// Removes a server and its container; its prepared package goes at the next regular end, so that adding it again
/// is quick.
#[utoipa::path(delete, path = "/api/v1/servers/{id}", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ServerAction>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn remove(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<ServerAction>>, ApiFailure> {
    let outcome = state.core().command(Command::Remove { name: id.clone() }).await?;
    let message = consequence(&id, &outcome);
    Ok(Json(Success::new(ServerAction { server: id, action: "remove".to_owned(), success: true, message })))
}

/// Says in plain sentences what a server can reach.
#[utoipa::path(get, path = "/api/v1/servers/{id}/explain", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<Explanation>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn explain(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<Explanation>>, ApiFailure> {
    let explained = state.core().explain(&id).await?;
    Ok(Json(Success::new(views::explanation(explained))))
}

/// Adds the server again that was removed a moment ago, as its entry was.
#[utoipa::path(post, path = "/api/v1/servers/undo_remove", tag = "servers", request_body = UndoRemove,
    responses((status = 200, body = Success<ServerAction>), (status = 409, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn undo_remove(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<UndoRemove>,
) -> Result<Json<Success<ServerAction>>, ApiFailure> {
    let outcome = state.core().command(Command::UndoRemove { name: body.name }).await?;
    let server = outcome.edits.iter().find_map(|edit| edit.server.clone()).unwrap_or_default();
    let action = "undo_remove".to_owned();
    Ok(Json(Success::new(ServerAction { server, action, success: true, message: None })))
}

/// Puts what is stored in the place of masked values that came back unchanged.
pub(super) fn stored_values(core: &Core, shown: &Server, patch: &mut Value) -> Result<(), ApiFailure> {
    if !patch.is_object() {
        return Err(ApiFailure::invalid("The patch must be an object with the keys to change."));
    }
    keep_masked(patch, "env", &shown.env);
    keep_masked(patch, "headers", &shown.headers);
    if let Some(stored) = core.config().servers.get(&shown.name) {
        keep_masked_words(patch.get_mut("args"), &stored.args);
        let own = patch.get_mut("isolation").and_then(|isolation| isolation.get_mut("extra_args"));
        keep_masked_words(own, &stored.isolation.extra_args);
        keep_masked_url(patch, stored.url.as_deref());
    }
    Ok(())
}

/// Lists the tools of one server.
#[utoipa::path(get, path = "/api/v1/servers/{id}/tools", tag = "servers", params(("id" = String, Path)),
    responses((status = 200, body = Success<ToolList>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn tools(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<ToolList>>, ApiFailure> {
    if !state.core().snapshot().servers.contains_key(&id) {
        return Err(unknown(&id));
    }
    Ok(Json(Success::new(views::tool_list(state.core(), Some(&id)))))
}

pub(crate) fn unknown(id: &str) -> ApiFailure {
    ApiFailure::new(
        http::StatusCode::NOT_FOUND,
        "unknown_server",
        format!("There is no server named {id}. Run: mcpproxy servers list"),
    )
}

/// A masked value that comes back unchanged means: leave it as it is stored.
fn keep_masked(patch: &mut Value, key: &str, shown: &indexmap::IndexMap<String, String>) {
    if let Some(values) = patch.get_mut(key).and_then(Value::as_object_mut) {
        values.retain(|name, value| {
            value.as_str().is_none_or(|value| shown.get(name).is_none_or(|old| old != value))
        });
    }
}

/// The same for arguments: a masked word that comes back becomes the stored one it was shown for.
fn keep_masked_words(given: Option<&mut Value>, stored: &[String]) {
    let Some(words) = given.and_then(Value::as_array_mut) else { return };
    let shown = mask::arguments(stored);
    for word in words {
        let Some(text) = word.as_str() else { continue };
        let masked = shown.iter().zip(stored).find(|(shown, stored)| *shown == text && shown != stored);
        if let Some((_, stored)) = masked {
            *word = Value::String(stored.clone());
        }
    }
}

fn keep_masked_url(patch: &mut Value, stored: Option<&str>) {
    let given = patch.get("url").and_then(Value::as_str);
    if given.is_some_and(|given| stored.is_some_and(|stored| mask::address(stored) == given))
        && let Some(patch) = patch.as_object_mut()
    {
        patch.remove("url");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn masked_arguments_that_come_back_keep_their_values() {
        let stored = ["--token", "abcdefghijkl", "-y"].map(str::to_owned);
        let mut patch = json!({"args": mask::arguments(&stored), "url": "https://***@host/x"});
        patch["args"].as_array_mut().unwrap().push(json!("--new"));
        keep_masked_words(patch.get_mut("args"), &stored);
        keep_masked_url(&mut patch, Some("https://me:pw@host/x"));
        assert_eq!(patch, json!({"args": ["--token", "abcdefghijkl", "-y", "--new"]}));
    }

    #[test]
    fn masked_values_that_come_back_are_left_alone() {
        let shown = [("TOKEN".to_owned(), "••••3f (40 chars)".to_owned())].into_iter().collect();
        let mut patch = json!({"env": {"TOKEN": "••••3f (40 chars)", "DEBUG": "1", "OLD": null}});
        keep_masked(&mut patch, "env", &shown);
        assert_eq!(patch, json!({"env": {"DEBUG": "1", "OLD": null}}));
    }
}
