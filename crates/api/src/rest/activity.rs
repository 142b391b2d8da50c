//! What was done: pages of records, single ones, sums, and everything as a file.

mod export;

pub(crate) use export::*;

use crate::{failure::ApiFailure, state::ApiState, views::activity as views};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use http::StatusCode;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use mcpproxy_api_types::{ActivityDetail, ActivityList, ActivitySummary, Success};
use mcpproxy_core::{ActivityError, ActivityFilter, ActivityPage, Core, Window};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout_at};

const DEFAULT_LIMIT: usize = 50;
const LARGEST_LIMIT: usize = 500;
/// Longest time a poll is held.
const LONGEST_WAIT: u64 = 25;

/// Which records are wanted.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Only this server's.
    server: Option<String>,
    /// Only this tool's.
    tool: Option<String>,
    /// Only this client's.
    client: Option<String>,
    /// Only this session's, by its number; `session_id` is taken too.
    #[serde(alias = "session_id")]
    session: Option<u64>,
    /// How it ended, several separated by commas; `failed` stands for error, blocked and rejected.
    status: Option<String>,
    /// Kinds, several separated by commas; `type` is taken too, and `calls` stands for all kinds of calls.
    #[serde(alias = "type")]
    kind: Option<String>,
    /// Not before this moment, RFC 3339; `start_time` is taken too.
    #[serde(alias = "start_time")]
    from: Option<String>,
    /// Before this moment, RFC 3339; `end_time` is taken too.
    #[serde(alias = "end_time")]
    to: Option<String>,
    /// Words that occur in names, errors or arguments.
    text: Option<String>,
    /// The request's JSON-RPC id.
    request_id: Option<String>,
}

/// Which part of them.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many, 50 unless given, at most 500.
    limit: Option<usize>,
    /// Older ones, from the `next_cursor` of a page; nothing is lost or doubled while new ones come.
    cursor: Option<u64>,
    /// Newer ones, oldest first, from the `newest` of an answer.
    after: Option<u64>,
    /// With `after`: seconds to wait for the first one, at most 25.
    #[serde(default)]
    wait: u64,
    /// Leaves so many out, for callers that count.
    #[serde(default)]
    offset: usize,
    /// With arguments and responses.
    #[serde(default)]
    bodies: bool,
}

/// Records, newest first.
#[utoipa::path(get, path = "/api/v1/activity", tag = "activity", params(Wanted, Part),
    responses((status = 200, body = Success<ActivityList>), (status = 400, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn list(
    State(state): State<Arc<ApiState>>,
    Query(wanted): Query<Wanted>,
    Query(part): Query<Part>,
) -> Result<Json<Success<ActivityList>>, ApiFailure> {
    let filter = wanted.filter()?;
    let window = Window {
        limit: part.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, LARGEST_LIMIT),
        before: part.cursor,
        after: part.after,
        offset: part.offset,
        bodies: part.bodies,
    };
    let deadline = Instant::now() + Duration::from_secs(part.wait.min(LONGEST_WAIT));
    let newest = state.core().activity().newest().await.map_err(unreadable)?;
    let page = next_page(state.core(), &filter, window, deadline).await?;
    let last = page.records.last().map(|record| record.seq);
    let highest = page.records.iter().map(|record| record.seq).max();
    // Older pages say nothing of what is newest.
    let newest = if part.after.is_some() { highest.or(part.after) } else { highest.max(Some(newest)) };
    Ok(Json(Success::new(ActivityList {
        total: page.total,
        limit: window.limit,
        offset: window.offset,
        next_cursor: last.filter(|_| page.more && part.after.is_none()).map(|seq| seq.to_string()),
        newest: newest.unwrap_or(0).to_string(),
        activities: page.records.into_iter().map(views::record).collect(),
    })))
}

/// The page; where nothing newer is there yet, the first that has something, or an empty one at the deadline.
async fn next_page(
    core: &Core,
    filter: &ActivityFilter,
    window: Window,
    deadline: Instant,
) -> Result<ActivityPage, ApiFailure> {
    let mut pulse = core.activity().watch();
    loop {
        pulse.mark_unchanged();
        let page = core.activity().page(filter.clone(), window).await.map_err(unreadable)?;
        if window.after.is_none() || !page.records.is_empty() {
            return Ok(page);
        }
        match timeout_at(deadline, pulse.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return Ok(page),
        }
    }
}

/// One record, with what went in and out.
#[utoipa::path(get, path = "/api/v1/activity/{id}", tag = "activity", params(("id" = String, Path)),
    responses((status = 200, body = Success<ActivityDetail>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn show(
    State(state): State<Arc<ApiState>>,
    Path(id): Path<String>,
) -> Result<Json<Success<ActivityDetail>>, ApiFailure> {
    let record = state.core().activity().record(&id).await.map_err(unreadable)?;
    let unknown = || {
        let message = format!("There is no record {id}, or no longer. Run: mcpproxy activity");
        ApiFailure::new(StatusCode::NOT_FOUND, "activity_unknown", message)
    };
    Ok(Json(Success::new(ActivityDetail { activity: views::record(record.ok_or_else(unknown)?) })))
}

/// The stretch of time to sum up.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// `today` (since midnight here) unless given; `1h`, `24h`, `7d`, `30d`.
    period: Option<String>,
}

/// How calls went: today, or in a longer time.
#[utoipa::path(get, path = "/api/v1/activity/summary", tag = "activity", params(Period),
    responses((status = 200, body = Success<ActivitySummary>), (status = 400, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn summary(
    State(state): State<Arc<ApiState>>,
    Query(asked): Query<Period>,
) -> Result<Json<Success<ActivitySummary>>, ApiFailure> {
    let period = asked.period.as_deref().unwrap_or("today");
    let now = Timestamp::now();
    let back = match period {
        "today" => None,
        "1h" => Some(1.hour()),
        "24h" => Some(24.hours()),
        "7d" => Some((7 * 24).hours()),
        "30d" => Some((30 * 24).hours()),
        _ => {
            let message = format!("{period} is no period. Use today, 1h, 24h, 7d or 30d.");
            return Err(ApiFailure::invalid(message));
        }
    };
    let midnight = || {
        let here = now.to_zoned(TimeZone::system());
        here.start_of_day().map_or(now, |start| start.timestamp())
    };
    let start = back.and_then(|back| now.checked_sub(back).ok()).unwrap_or_else(midnight);
    let sums = state.core().activity().summary(Some(start)).await.map_err(unreadable)?;
    Ok(Json(Success::new(views::summary(period, start, sums))))
}

impl Wanted {
    fn filter(&self) -> Result<ActivityFilter, ApiFailure> {
        let moment = |name: &str, text: &Option<String>| {
            let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
            text.parse::<Timestamp>().map(Some).map_err(|_| {
                ApiFailure::invalid(format!("{name}={text} is no moment. Write 2026-01-31T12:00:00Z."))
            })
        };
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(ActivityFilter {
            kinds: words(&self.kind, |word| {
                (word == "calls").then_some(&[
                    "tool_call",
                    "internal_tool_call",
                    "prompt_get",
                    "resource_read",
                ])
            }),
            statuses: words(&self.status, |word| {
                (word == "failed").then_some(&["error", "blocked", "rejected"])
            }),
            server: given(&self.server),
            tool: given(&self.tool),
            client: given(&self.client),
            session: self.session,
            request_id: given(&self.request_id),
            from: moment("from", &self.from)?,
            to: moment("to", &self.to)?,
            text: given(&self.text),
        })
    }
}

/// The words of a list, short forms written out.
fn words<const N: usize>(
    list: &Option<String>,
    long: impl Fn(&str) -> Option<&'static [&'static str; N]>,
) -> Vec<String> {
    let words = list.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|word| !word.is_empty());
    let written_out = words.flat_map(|word| match long(word) {
        Some(words) => words.iter().map(|word| (*word).to_owned()).collect(),
        None => vec![word.to_owned()],
    });
    written_out.collect()
}

fn unreadable(error: ActivityError) -> ApiFailure {
    ApiFailure::new(StatusCode::INTERNAL_SERVER_ERROR, error.code(), error.to_string())
}
