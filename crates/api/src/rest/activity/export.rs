//! All records that fit as one file: JSON lines or CSV, written while they are read.

use super::{Wanted, unreadable};
use crate::{failure::ApiFailure, state::ApiState, views::activity as views};
use axum::{
    body::Body,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::header;
use mcpproxy_api_types::ActivityRecord;
use mcpproxy_core::{Activity, ActivityFilter, Window};
use serde::Deserialize;
use std::{collections::VecDeque, io, sync::Arc};

/// Records that are read at once.
const PAGE: usize = 500;
/// Records of a file.
const MOST: usize = 10_000;
/// The columns of a table.
const HEADER: &str = "id,type,source,server_name,tool_name,status,error_message,duration_ms,timestamp,session_id,\
                      request_id,response_truncated,parent_id";

/// The form of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// One JSON object a line.
    #[default]
    Json,
    /// A table.
    Csv,
}

/// How the file is to be.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileWanted {
    /// `json` (one object a line) unless given, or `csv`.
    #[serde(default)]
    #[param(inline)]
    format: Form,
    /// With arguments and responses, in `json`.
    #[serde(default, alias = "include_bodies")]
    bodies: bool,
}

/// Up to 10,000 records as a file, newest first; secrets are hidden in it as everywhere.
#[utoipa::path(get, path = "/api/v1/activity/export", tag = "activity", params(Wanted, FileWanted),
    responses((status = 200, content_type = "application/x-ndjson", body = String)))]
pub(crate) async fn export(
    State(state): State<Arc<ApiState>>,
    Query(wanted): Query<Wanted>,
    Query(file): Query<FileWanted>,
) -> Result<Response, ApiFailure> {
    let filter = wanted.filter()?;
    let bodies = file.bodies && file.format == Form::Json;
    let window = Window { limit: PAGE, bodies, ..Window::default() };
    let mut reading = Reading {
        activity: state.core().activity().clone(),
        filter,
        window,
        form: file.format,
        written: 0,
        more: true,
        ready: VecDeque::new(),
    };
    if file.format == Form::Csv {
        reading.ready.push_back(format!("{HEADER}\r\n"));
    }
    // The first page before the head: what cannot be read is a failure, not half a file.
    reading.read().await.map_err(unreadable)?;
    let (kind, name) = match file.format {
        Form::Json => ("application/x-ndjson", "activity.jsonl"),
        Form::Csv => ("text/csv; charset=utf-8", "activity.csv"),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let head = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    let body = stream::unfold(reading, |mut reading| async move { Some((reading.next().await?, reading)) });
    Ok((head, Body::from_stream(body)).into_response())
}

/// A file that is being written.
struct Reading {
    activity: Activity,
    filter: ActivityFilter,
    window: Window,
    form: Form,
    written: usize,
    more: bool,
    ready: VecDeque<String>,
}

impl Reading {
    async fn next(&mut self) -> Option<io::Result<String>> {
        if self.ready.is_empty()
            && self.more
            && let Err(error) = self.read().await
        {
            self.more = false;
            return Some(Err(io::Error::other(error)));
        }
        self.ready.pop_front().map(Ok)
    }

    async fn read(&mut self) -> Result<(), mcpproxy_core::ActivityError> {
        self.window.limit = PAGE.min(MOST - self.written);
        let page = self.activity.page(self.filter.clone(), self.window).await?;
        self.written += page.records.len();
        self.window.before = page.records.last().map(|record| record.seq);
        self.more = page.more && self.written < MOST;
        let lines: String =
            page.records.into_iter().map(|record| line(&views::record(record), self.form)).collect();
        if !lines.is_empty() {
            self.ready.push_back(lines);
        }
        Ok(())
    }
}

fn line(record: &ActivityRecord, form: Form) -> String {
    match form {
        Form::Json => serde_json::to_string(record).map(|line| line + "\n").unwrap_or_default(),
        Form::Csv => {
            let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
            let duration = record.duration_ms.map(|length| length.to_string());
            let cells = [
                cell(&record.id),
                cell(&record.kind),
                cell(&record.source),
                text(&record.server_name),
                text(&record.tool_name),
                cell(&record.status),
                text(&record.error_message),
                text(&duration),
                cell(&record.timestamp),
                text(&record.session_id),
                text(&record.request_id),
                record.response_truncated.to_string(),
                String::new(),
            ];
            cells.join(",") + "\r\n"
        }
    }
}

/// A cell. What a spreadsheet would take for a formula is marked as text.
fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if mark.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_keep_to_their_column_and_are_no_formulas() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
    }

    #[test]
    fn a_line_of_a_table_has_a_cell_for_each_column() {
        let record = ActivityRecord { id: "X".into(), duration_ms: Some(1.5), ..ActivityRecord::default() };
        let line = line(&record, Form::Csv);
        assert_eq!(line.matches(',').count(), HEADER.matches(',').count());
        assert!(line.starts_with("X,") && line.contains(",1.5,"));
    }
}
