//! `tools`: list, search, call.

use super::{End, escaped, with_schema};
use crate::{
    args::ToolsWord,
    client::refused,
    output::{Glyph, Screen, Table, plain},
    place::Place,
};
use anyhow::{Context, Result};
use http::Method;
use http_body_util::BodyExt;
use mcpproxy_api_types::{SearchResult, Tool, ToolCall, ToolList};
use serde_json::{Value, json, value::RawValue};
use std::io::Read;

pub(crate) async fn run(place: &Place, screen: &Screen, word: ToolsWord) -> Result<End> {
    match word {
        ToolsWord::List { server, search } => list(place, screen, server.as_deref(), search.as_deref()).await,
        ToolsWord::Call { tool, arguments } => call(place, screen, tool, &arguments).await,
    }
}

async fn list(place: &Place, screen: &Screen, server: Option<&str>, search: Option<&str>) -> Result<End> {
    let tools: Vec<Tool> = match (search, server) {
        (Some(words), _) => {
            let path = format!("/api/v1/index/search?limit=100&q={}", escaped(words));
            let found: SearchResult = place.client.get(&path).await?;
            found
                .results
                .into_iter()
                .map(|hit| hit.tool)
                .filter(|tool| server.is_none_or(|name| tool.server_name == name))
                .collect()
        }
        (None, Some(name)) => {
            place.client.get::<ToolList>(&format!("/api/v1/servers/{}/tools", escaped(name))).await?.tools
        }
        (None, None) => place.client.get::<ToolList>("/api/v1/tools").await?.tools,
    };
    if screen.json {
        screen.object(&with_schema("tools", json!({"count": tools.len(), "tools": tools})))?;
        return Ok(End::Fine);
    }
    if tools.is_empty() {
        screen.line(match search {
            Some(words) => format!("No tool matches {}. All tools: mcpproxy tools list", plain(words)),
            None => "No tools. Servers that are ready: mcpproxy servers list".to_owned(),
        })?;
        return Ok(End::Fine);
    }
    let mut table = Table::new(&["NAME", "SERVER", "DESCRIPTION"]);
    for tool in &tools {
        let first_line = tool.description.lines().next().unwrap_or_default().to_owned();
        table.row(screen.glyph(Glyph::Ok), vec![tool.name.clone(), tool.server_name.clone(), first_line]);
    }
    screen.line(table.text(screen.width))?;
    Ok(End::Fine)
}

/// The frame of a result whose own bytes stay as they are.
#[derive(serde::Deserialize)]
struct Framed<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

async fn call(place: &Place, screen: &Screen, tool_name: String, arguments: &str) -> Result<End> {
    let text = if arguments == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("Standard input cannot be read")?;
        text
    } else {
        arguments.to_owned()
    };
    let arguments: Value = serde_json::from_str(&text).context("The arguments are no JSON object")?;
    let body = serde_json::to_vec(&ToolCall { tool_name, arguments })?;
    let response = place.client.request(Method::POST, "/api/v1/tools/call", Some(body)).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(refused(status, &body).into());
    }
    let framed: Framed<'_> = serde_json::from_slice(&body).context("The answer has an unknown form")?;
    let result: Value = serde_json::from_str(framed.data.get())?;
    let failed = result["isError"] == json!(true);
    if screen.json {
        screen.line(framed.data.get())?;
    } else {
        for block in result["content"].as_array().into_iter().flatten() {
            screen.line(shown(block))?;
        }
    }
    Ok(if failed { End::Wrong } else { End::Fine })
}

/// A content block for people: text as it is but harmless, anything else by its kind and size.
fn shown(block: &Value) -> String {
    match (block["type"].as_str(), block["text"].as_str()) {
        (Some("text"), Some(text)) => text.lines().map(plain).collect::<Vec<_>>().join("\n"),
        (Some(kind @ ("image" | "audio")), _) => {
            let data = block["data"].as_str().map_or(0, str::len) * 3 / 4;
            format!(
                "[{kind} {}, {}]",
                plain(block["mimeType"].as_str().unwrap_or("?")),
                crate::output::size(data as u64)
            )
        }
        _ => plain(&block.to_string()).into_owned(),
    }
}
