//! Pages of a log by byte offsets, for whoever shows a whole log and follows it.

use crate::{failure::ApiFailure, rest::servers::unknown, state::ApiState};
use axum::{
    Json,
    extract::{Query, State},
};
use mcpproxy_api_types::{LogLines, LogRow, Success};
use mcpproxy_core::{LogLine, LogPosition, LogSource};
use serde::Deserialize;
use serde_json::Value;
use std::{fmt::Write as _, sync::Arc, time::Duration};

/// Bytes of a page unless said otherwise.
const DEFAULT_LIMIT: u64 = 64 * 1024;
/// Lines at the end that a first look gets unless said otherwise.
const DEFAULT_TAIL: usize = 200;
/// Longest time a poll is held.
const LONGEST_WAIT: u64 = 25;

/// Which lines are wanted. Without `after` and `before`: the last `tail` lines.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `main`, or `server:NAME`; `main` unless given.
    source: Option<String>,
    /// Read on from this offset: `next` of the page before.
    after: Option<u64>,
    /// Read what lies before this offset: `start` of the page after.
    before: Option<u64>,
    /// The file that the offset belongs to, as the page said.
    file: Option<String>,
    /// Number of lines at the end to begin with, 200 unless given.
    tail: Option<usize>,
    /// Bytes of the log in one page, 4096 to 262144; 65536 unless given.
    limit_bytes: Option<u64>,
    /// Seconds to wait for new lines where there are none, at most 25.
    #[serde(default)]
    wait: u64,
}

impl Wanted {
    fn position(&self) -> Result<LogPosition, ApiFailure> {
        let file = self.file.clone();
        match (self.after, self.before) {
            (Some(_), Some(_)) => Err(ApiFailure::invalid("Give either after or before, not both.")),
            (Some(offset), None) => Ok(LogPosition::After { offset, file }),
            (None, Some(offset)) => Ok(LogPosition::Before { offset, file }),
            (None, None) => Ok(LogPosition::Tail(self.tail.unwrap_or(DEFAULT_TAIL))),
        }
    }

    /// How long to wait; only who reads on has anything to wait for.
    fn wait(&self) -> Duration {
        Duration::from_secs(if self.after.is_some() { self.wait.min(LONGEST_WAIT) } else { 0 })
    }
}

/// A page of a log: read forward with `after` and the `next` of the page before, backward with `before` and `start`.
/// At the end `wait` holds the answer until a line comes. A log that went on in a new file is read to the end of the
/// old one first, and then says `reset`.
#[utoipa::path(get, path = "/api/v1/logs/lines", tag = "logs", params(Wanted),
    responses((status = 200, body = Success<LogLines>), (status = 404, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn lines(
    State(state): State<Arc<ApiState>>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Success<LogLines>>, ApiFailure> {
    let source = wanted.source.as_deref().unwrap_or("main");
    let log = match source.strip_prefix("server:") {
        Some(name) if state.core().snapshot().servers.contains_key(name) => {
            LogSource::Server(name.to_owned())
        }
        Some(name) => return Err(unknown(name)),
        None if source == "main" => LogSource::Main,
        None => return Err(ApiFailure::invalid("source is main or server:NAME.")),
    };
    let limit = wanted.limit_bytes.unwrap_or(DEFAULT_LIMIT);
    let page = state.core().logs().page(log, wanted.position()?, limit, wanted.wait()).await;
    let page = page.map_err(|error| super::logs::unreadable(&state, &error))?;
    Ok(Json(Success::new(LogLines {
        source: source.to_owned(),
        file: page.file,
        start: page.start,
        next: page.next,
        end: page.end,
        reset: page.reset,
        lines: page.lines.into_iter().map(row).collect(),
    })))
}

fn row(line: LogLine) -> LogRow {
    let ours = line.time.is_some();
    let mut text = line.message;
    for (key, value) in &line.fields {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::String(value) => write!(text, " {key}={value}"),
            value => write!(text, " {key}={value}"),
        };
    }
    LogRow {
        at: line.time.map(|time| time.to_string()),
        level: ours.then(|| line.level.word().to_ascii_lowercase()),
        server: line.server,
        text: mcpproxy_core::printable(&text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_message_and_its_values() {
        let line = LogLine::parse(
            "2026-01-02T15:04:05.123Z | WARN | a.rs:1 | stopped | {\"server\":\"x\",\"code\":1,\"said\":\"no\"}",
        );
        let row = row(line);
        assert_eq!(row.text, "stopped code=1 said=no");
        assert_eq!((row.level.as_deref(), row.server.as_deref()), (Some("warn"), Some("x")));
        assert_eq!(row.at.as_deref(), Some("2026-01-02T15:04:05.123Z"));
    }

    #[test]
    fn values_from_a_server_cannot_steer_anything() {
        let line = LogLine::parse(
            "2026-01-02T15:04:05Z | INFO | a.rs:1 | says | {\"text\":\"\\u001b[2J\\u202egone\"}",
        );
        assert_eq!(row(line).text, "says text=gone");
    }

    #[test]
    fn a_foreign_line_has_neither_time_nor_level() {
        let row = row(LogLine::parse("panicked"));
        assert_eq!((row.at, row.level, row.text.as_str()), (None, None, "panicked"));
    }

    #[test]
    fn only_one_direction_can_be_asked_for() {
        let asked = |after, before| Wanted {
            source: None,
            after,
            before,
            file: None,
            tail: None,
            limit_bytes: None,
            wait: 20,
        };
        assert!(asked(Some(1), Some(2)).position().is_err());
        assert_eq!(asked(None, None).position().unwrap(), LogPosition::Tail(DEFAULT_TAIL));
        assert_eq!(asked(Some(1), None).wait(), Duration::from_secs(20));
        assert_eq!(asked(None, Some(1)).wait(), Duration::ZERO);
    }
}
