//! `retrieve_tools` and `read_cache`: what a model reads before and after it calls.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{arguments, raw_value, truncate::PAGE};
use crate::{ToolEntry, request::Request};

/// Most tools that one search returns.
const MAX_TOOLS: usize = 100;
/// Most records that one read of the cache returns.
const MAX_RECORDS: usize = 1000;
/// Rows about servers that are switched off.
const MAX_DISABLED: usize = 10;

#[derive(Deserialize)]
struct Search {
    query: String,
    limit: Option<f64>,
    detail: Option<String>,
    #[serde(default)]
    include_disabled: bool,
    #[serde(default)]
    read_only_only: bool,
    #[serde(default)]
    exclude_destructive: bool,
    #[serde(default)]
    exclude_open_world: bool,
}

pub(super) fn retrieve(request: &Request) -> Bytes {
    let search: Search = match arguments(request) {
        Ok(search) => search,
        Err(error) => return request.tool_error(&error),
    };
    let default = request.inner.options.load().tools_limit;
    let limit = count(search.limit, default).clamp(1, MAX_TOOLS);
    let catalog = request.inner.store.load();
    let found: Vec<(Arc<ToolEntry>, f32)> = catalog
        .search(&search.query, usize::MAX)
        .into_iter()
        .filter(|(tool, _)| fits(tool, &search))
        .take(limit)
        .collect();
    let compact = search.detail.as_deref() == Some("compact");
    let tools: Vec<Value> = found
        .iter()
        .map(|(tool, score)| if compact { brief(tool, *score) } else { full(tool, *score) })
        .collect();
    let mut answer = json!({ "tools": tools, "query": search.query, "total": found.len() });
    if compact {
        answer["hint"] = json!("Use describe_tool with an id for the full schema.");
    } else {
        answer["usage_instructions"] = json!(
            "Call a tool through the tool that `call_with` names, with `name` and its arguments in `args`."
        );
        answer["session_risk"] = risk(found.iter().map(|(tool, _)| tool.as_ref()));
    }
    if search.include_disabled {
        answer["disabled"] = disabled(request);
    }
    request.tool_text(&answer.to_string())
}

fn fits(tool: &ToolEntry, search: &Search) -> bool {
    let hints = tool.hints;
    // A tool that does not say is taken for what the protocol says it then is.
    (!search.read_only_only || hints.read_only == Some(true))
        && (!search.exclude_destructive || hints.read_only == Some(true) || hints.destructive == Some(false))
        && (!search.exclude_open_world || hints.open_world == Some(false))
}

/// Which of the call tools a tool is to be called with.
pub(super) fn call_with(tool: &ToolEntry) -> &'static str {
    if tool.hints.destructive == Some(true) {
        "call_tool_destructive"
    } else if tool.hints.read_only == Some(false) {
        "call_tool_write"
    } else {
        "call_tool_read"
    }
}

/// A tool with everything, its schema as the server wrote it.
pub(super) fn full(tool: &ToolEntry, score: f32) -> Value {
    let mut row = json!({
        "name": format!("{}:{}", tool.server, tool.name),
        "description": tool.description.as_deref().unwrap_or(""),
        "inputSchema": value(&tool.schema),
        "score": score,
        "server": tool.server.as_ref(),
        "call_with": call_with(tool),
    });
    if let Some(annotations) = &tool.annotations {
        row["annotations"] = value(annotations);
    }
    row
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn brief(tool: &ToolEntry, score: f32) -> Value {
    let description = tool.description.as_deref().unwrap_or("");
    let first_line = description.lines().next().unwrap_or("");
    let short: String = first_line.chars().take(160).collect();
    json!({
        "id": format!("{}:{}", tool.server, tool.name),
        "score": score,
        "sig": signature(tool),
        "desc": short,
        "lossy": short.len() < description.len(),
    })
}

/// `name(required, optional?)`.
fn signature(tool: &ToolEntry) -> String {
    let schema = value(&tool.schema);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names = schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys);
    let parts: Vec<String> = names
        .map(|name| if required.contains(&name.as_str()) { name.clone() } else { format!("{name}?") })
        .collect();
    format!("{}({})", tool.name, parts.join(", "))
}

fn risk<'a>(tools: impl Iterator<Item = &'a ToolEntry>) -> Value {
    let (mut open, mut destructive, mut write) = (false, false, false);
    for tool in tools {
        open |= tool.hints.open_world == Some(true);
        destructive |= tool.hints.destructive == Some(true);
        write |= tool.hints.read_only == Some(false);
    }
    let level = match (open, destructive || write) {
        (true, true) => "high",
        (false, false) => "low",
        _ => "medium",
    };
    json!({
        "level": level,
        "lethal_trifecta": open && destructive && write,
        "has_open_world_tools": open,
        "has_destructive_tools": destructive,
        "has_write_tools": write,
    })
}

fn disabled(request: &Request) -> Value {
    let servers = request.inner.control.servers();
    let rows = servers.into_iter().filter(|server| !server.enabled).take(MAX_DISABLED).map(|server| {
        json!({ "name": server.name, "server": server.name, "description": "", "status": "server_disabled" })
    });
    rows.collect()
}

#[derive(Deserialize)]
struct Page {
    key: String,
    offset: Option<f64>,
    limit: Option<f64>,
}

pub(super) fn read_cache(request: &Request) -> Bytes {
    let page: Page = match arguments(request) {
        Ok(page) => page,
        Err(error) => return request.tool_error(&error),
    };
    let Some(kept) = request.inner.cache.get(&page.key, &request.session.credential, request.inner.now())
    else {
        let text = format!(
            "There is no cached result under the key '{}'. Results are kept for two hours; call the tool again.",
            page.key
        );
        return request.tool_error(&text);
    };
    let offset = count(page.offset, 0).min(kept.records.len());
    let limit = count(page.limit, PAGE).clamp(1, MAX_RECORDS);
    let rows = kept.records.iter().skip(offset).take(limit);
    let records: Vec<Box<RawValue>> = rows.filter_map(|record| raw_value(record)).collect();
    let answer = Answer {
        records,
        meta: json!({
            "key": page.key,
            "total_records": kept.records.len(),
            "limit": limit,
            "offset": offset,
            "total_size": kept.size,
            "record_path": kept.path,
        }),
    };
    request.tool_text(&serde_json::to_string(&answer).unwrap_or_default())
}

#[derive(serde::Serialize)]
struct Answer {
    records: Vec<Box<RawValue>>,
    meta: Value,
}

/// A whole number that came as any JSON number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, as is wanted here"
)]
fn count(number: Option<f64>, default: usize) -> usize {
    number.filter(|number| *number >= 0.0).map_or(default, |number| number as usize)
}
