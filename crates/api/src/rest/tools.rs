//! Tools: list, search, call.

use crate::{failure::ApiFailure, state::ApiState, views};
use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use mcpproxy_api_types::{SearchHit, SearchResult, Success, ToolCall, ToolList};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{sync::Arc, time::Instant};

const DEFAULT_HITS: usize = 10;
const MOST_HITS: usize = 100;

/// Lists the tools of all servers that answer.
#[utoipa::path(get, path = "/api/v1/tools", tag = "tools", responses((status = 200, body = Success<ToolList>)))]
pub(crate) async fn list(State(state): State<Arc<ApiState>>) -> Json<Success<ToolList>> {
    Json(Success::new(views::tool_list(state.core(), None)))
}

/// What is searched for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The words.
    q: String,
    /// Most hits wanted: 10 unless given, at most 100.
    limit: Option<usize>,
}

/// Searches the tools of all servers that answer.
#[utoipa::path(get, path = "/api/v1/index/search", tag = "tools", params(Wanted),
    responses((status = 200, body = Success<SearchResult>)))]
pub(crate) async fn search(
    State(state): State<Arc<ApiState>>,
    Query(wanted): Query<Wanted>,
) -> Json<Success<SearchResult>> {
    let started = Instant::now();
    let limit = wanted.limit.unwrap_or(DEFAULT_HITS).clamp(1, MOST_HITS);
    let results: Vec<SearchHit> = state
        .core()
        .gateway()
        .search(&wanted.q, limit)
        .into_iter()
        .map(|hit| {
            let tool = views::tool(&hit.tool);
            SearchHit { matches: words_in(&wanted.q, &tool), score: f64::from(hit.score), tool }
        })
        .collect();
    Json(Success::new(SearchResult {
        total: results.len(),
        took: format!("{:.1}ms", started.elapsed().as_secs_f64() * 1000.0),
        query: wanted.q,
        results,
    }))
}

fn words_in(query: &str, tool: &mcpproxy_api_types::Tool) -> usize {
    let text = format!("{} {} {}", tool.server_name, tool.name, tool.description).to_lowercase();
    query.split_whitespace().filter(|word| text.contains(&word.to_lowercase())).count()
}

/// Calls a tool by `server:tool` and answers its result as the server gave it.
#[utoipa::path(post, path = "/api/v1/tools/call", tag = "tools", request_body = ToolCall,
    responses((status = 200, body = Success<Object>), (status = 404, body = mcpproxy_api_types::Failure),
        (status = 502, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn call(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<ToolCall>,
) -> Result<Response, ApiFailure> {
    let Some((server, tool)) = body.tool_name.split_once(':') else {
        return Err(ApiFailure::invalid(format!(
            "Invalid tool name format: {} (expected server:tool)",
            body.tool_name
        )));
    };
    let arguments = RawValue::from_string(body.arguments.to_string())
        .map_err(|error| ApiFailure::invalid(format!("The arguments are not JSON: {error}")))?;
    let result =
        state.core().gateway().call_tool(server, tool, Some(&arguments)).await.map_err(|failure| {
            ApiFailure::new(call_status(failure.code()), failure.code(), failure.message.clone())
        })?;
    // The result's own bytes: numbers and key order stay as the server wrote them.
    let mut text = Vec::with_capacity(result.len() + 32);
    text.extend_from_slice(br#"{"success":true,"data":"#);
    text.extend_from_slice(&result);
    text.push(b'}');
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

fn call_status(code: &str) -> StatusCode {
    match code {
        "unknown_tool" | "unknown_server" => StatusCode::NOT_FOUND,
        "busy" => StatusCode::TOO_MANY_REQUESTS,
        "timeout" => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_GATEWAY,
    }
}
