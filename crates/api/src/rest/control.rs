//! Pausing everything, and handing wishes to the window.

use crate::{failure::ApiFailure, state::ApiState, views};
use axum::{
    Json,
    extract::{Query, State},
};
use http::StatusCode;
use mcpproxy_api_types::{PauseOutcome, Success, WishBody};
use mcpproxy_core::{Command, Wish};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// The longest that a pause is waited for, in seconds.
const LONGEST_WAIT: u64 = 25;

type Moved = Result<Json<Success<PauseOutcome>>, ApiFailure>;

/// How long to wait for the servers to stand still.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wait {
    /// Seconds to wait until no call runs and the servers are held still, at most 25.
    #[serde(default)]
    wait: u64,
}

/// Pauses all servers: no call begins, running calls have ten seconds, then the servers are held still.
#[utoipa::path(post, path = "/api/v1/pause", tag = "control", params(Wait),
    responses((status = 200, body = Success<PauseOutcome>)))]
pub(crate) async fn pause(State(state): State<Arc<ApiState>>, Query(asked): Query<Wait>) -> Moved {
    let mut outcome = moved(&state, Command::Pause).await?;
    let mut watch = state.core().watch();
    let wait = Duration::from_secs(asked.wait.min(LONGEST_WAIT));
    let rest = watch.wait_for(|snapshot| snapshot.paused.is_none_or(|paused| paused.settled));
    // Not settled in time is an answer too.
    let _ = tokio::time::timeout(wait, rest).await;
    outcome.0.data.paused = views::paused(&state.core().snapshot());
    Ok(outcome)
}

/// Lets all servers go on where they were.
#[utoipa::path(post, path = "/api/v1/resume", tag = "control", responses((status = 200, body = Success<PauseOutcome>)))]
pub(crate) async fn resume(State(state): State<Arc<ApiState>>) -> Moved {
    moved(&state, Command::Resume).await
}

async fn moved(state: &ApiState, command: Command) -> Moved {
    let before = state.core().snapshot().paused.is_some();
    state.core().command(command).await?;
    let paused = views::paused(&state.core().snapshot());
    let changed = before != paused.is_some();
    Ok(Json(Success::new(PauseOutcome { paused, changed })))
}

/// Hands a wish to the window: `show`, `open-logs`, `quit` or `hidden`. 409 where there is no window.
#[utoipa::path(post, path = "/api/v1/wish", tag = "control", request_body = WishBody,
    responses((status = 200, body = Success<WishBody>), (status = 400, body = mcpproxy_api_types::Failure),
        (status = 409, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn wish(
    State(state): State<Arc<ApiState>>,
    Json(body): Json<WishBody>,
) -> Result<Json<Success<WishBody>>, ApiFailure> {
    let wish = Wish::from_word(&body.wish).ok_or_else(|| {
        let words = Wish::ALL.map(Wish::word).join(", ");
        ApiFailure::invalid(format!("There is no wish {:?}. Known: {words}.", body.wish))
    })?;
    state
        .core()
        .wish(wish)
        .map_err(|error| ApiFailure::new(StatusCode::CONFLICT, error.code(), error.to_string()))?;
    Ok(Json(Success::new(body)))
}
