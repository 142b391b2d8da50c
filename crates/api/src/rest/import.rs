//! Servers of other clients: what could be imported, and importing what was chosen.

use crate::{failure::ApiFailure, state::ApiState, views::clients as views};
use axum::{
    Json,
    extract::{Query, State},
};
use http::StatusCode;
use mcpproxy_api_types::{Failure, ImportBody, ImportList, ImportOutcome, Success};
use mcpproxy_core::ImportChoice;
use serde::Deserialize;
use std::{collections::BTreeSet, sync::Arc};

/// Which servers to list.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    /// Only those of this client.
    from: Option<String>,
}

/// Lists the servers in other clients' files, equal ones merged, with what each would see here.
#[utoipa::path(get, path = "/api/v1/import", tag = "clients",
    params(("from" = Option<String>, Query, description = "only those of this client")),
    responses((status = 200, body = Success<ImportList>), (status = 404, body = Failure)))]
pub(crate) async fn list(
    State(state): State<Arc<ApiState>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Success<ImportList>>, ApiFailure> {
    let (servers, unread) = state.core().importable(wanted.from.as_deref()).await?;
    Ok(Json(Success::new(ImportList {
        servers: servers.into_iter().map(views::importable).collect(),
        unread: unread.into_iter().map(views::unread).collect(),
    })))
}

/// Imports the chosen servers: secrets go to the keyring, granted folders become volumes. References that they have
/// already are confirmed by name.
#[utoipa::path(post, path = "/api/v1/import", tag = "clients", request_body = ImportBody,
    responses((status = 200, body = Success<ImportOutcome>), (status = 409, body = Failure)))]
pub(crate) async fn import(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<ImportBody>,
) -> Result<Json<Success<ImportOutcome>>, ApiFailure> {
    let (known, _) = state.core().importable(None).await?;
    let chosen = known.iter().filter(|server| body.servers.iter().any(|choice| choice.id == server.id));
    let mut wanted: BTreeSet<&String> = chosen.flat_map(|server| &server.references).collect();
    wanted.retain(|reference| !body.confirm_references.contains(reference));
    if !wanted.is_empty() {
        let names: Vec<&str> = wanted.into_iter().map(String::as_str).collect();
        return Err(ApiFailure::new(
            StatusCode::CONFLICT,
            "references_need_confirmation",
            format!(
                "The servers would receive {}. If that is meant, name them in \"confirm_references\".",
                names.join(", ")
            ),
        ));
    }
    let choices: Vec<ImportChoice> = body
        .servers
        .into_iter()
        .map(|choice| ImportChoice { id: choice.id, name: choice.name, folders: choice.folders })
        .collect();
    let done = state.core().import(&choices).await?;
    Ok(Json(Success::new(ImportOutcome { servers: done.into_iter().map(views::imported).collect() })))
}
