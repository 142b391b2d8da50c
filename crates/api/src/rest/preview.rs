//! What would be, before it is: a change, a pasted text. And the protection of all servers as it is.

use super::servers::{stored_values, unknown};
use crate::{failure::ApiFailure, state::ApiState, views};
use axum::{
    Json,
    extract::{Path, State},
};
use mcpproxy_api_types::{
    ExplanationLine, ParseBody, ParseProblem, Parsed, ParsedServer, Preview, PreviewBody, Security,
    ServerSecurity, Success, Weakness,
};
use mcpproxy_core::Protection;
use std::sync::Arc;

/// Shows what a change of a server would do; nothing is written.
#[utoipa::path(post, path = "/api/v1/servers/{id}/preview", tag = "servers", params(("id" = String, Path)),
    request_body = PreviewBody,
    responses((status = 200, body = Success<Preview>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn preview(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
    Json(body): Json<PreviewBody>,
) -> Result<Json<Success<Preview>>, ApiFailure> {
    let mut patch = body.patch;
    let known = views::find_server(state.core(), &id).ok_or_else(|| unknown(&id))?;
    stored_values(state.core(), &known, &mut patch)?;
    let change = state.core().preview_change(&id, patch).await?;
    let (before, after) = (views::explanation(change.before), views::explanation(change.after));
    let only = |these: &[ExplanationLine], those: &[ExplanationLine]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    Ok(Json(Success::new(Preview {
        server: id,
        added: only(&after.lines, &before.lines),
        removed: only(&before.lines, &after.lines),
        before,
        after,
        restarts: change.restarts,
        applies_at_once: change.applies_at_once,
        running_calls: change.running_calls,
    })))
}

/// Understands a pasted command line, address or JSON of any client as servers; nothing is written.
#[utoipa::path(post, path = "/api/v1/servers/parse", tag = "servers", request_body = ParseBody,
    responses((status = 200, body = Success<Parsed>)))]
pub(crate) async fn parse(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<ParseBody>,
) -> Json<Success<Parsed>> {
    let parsed = state.core().parse(&body.text).await;
    let servers = parsed.servers.into_iter().map(|server| ParsedServer {
        name: server.name,
        entry: server.entry,
        secrets: server.secrets,
        missing: server.missing,
        references: server.references,
        left_out: server.left_out,
        problems: server.problems.iter().map(problem).collect(),
        explanation: server.explanation.map(views::explanation),
    });
    Json(Success::new(Parsed {
        kind: parsed.kind.to_owned(),
        servers: servers.collect(),
        problems: parsed.problems.iter().map(problem).collect(),
    }))
}

fn problem(problem: &mcpproxy_core::ParseProblem) -> ParseProblem {
    ParseProblem {
        code: problem.code.to_owned(),
        message: problem.sentence(),
        line: problem.line,
        column: problem.column,
    }
}

/// Shows the protection of all servers, and what is weaker than it could be.
#[utoipa::path(get, path = "/api/v1/security", tag = "servers", responses((status = 200, body = Success<Security>)))]
pub(crate) async fn security(State(state): State<Arc<ApiState>>) -> Json<Success<Security>> {
    let found = state.core().security().await;
    let count = |wanted: Protection| found.iter().filter(|server| server.protection == wanted).count();
    Json(Success::new(Security {
        isolation_enabled: state.core().config().isolation.enabled,
        isolated: count(Protection::Isolated),
        unprotected: count(Protection::Unprotected),
        held: count(Protection::Held),
        elsewhere: count(Protection::Elsewhere),
        own_container: count(Protection::OwnContainer),
        off: count(Protection::Off),
        servers: found.into_iter().map(protection).collect(),
    }))
}

fn protection(server: mcpproxy_core::ServerSecurity) -> ServerSecurity {
    let explanation = views::explanation(server.explanation);
    let weaknesses = server.weaknesses.into_iter().map(|weakness| Weakness {
        code: weakness.code,
        key: weakness.key,
        value: weakness.value,
        text: weakness.sentence.text(),
        close: weakness.close,
    });
    ServerSecurity {
        server: server.name,
        protection: server.protection.id().to_owned(),
        lines: explanation.lines,
        refusal: explanation.refusal,
        weaknesses: weaknesses.collect(),
    }
}
