//! `servers show`: all that is known of one server, kept also after it ended.

use super::{glyph, notes, protection};
use crate::{
    commands::{End, escaped, status::clock, with_schema},
    output::{Screen, plain},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{Explanation, Server};
use serde_json::json;

pub(super) async fn run(place: &Place, screen: &Screen, name: &str) -> Result<End> {
    let server: Server = place.client.get(&format!("/api/v1/servers/{}", escaped(name))).await?;
    if screen.json {
        screen.object(&with_schema("server", json!(server)))?;
        return Ok(End::Fine);
    }
    screen.line(format!(
        "{} {}   {}",
        screen.glyph(glyph(&server)),
        plain(&server.name),
        plain(&server.state_text)
    ))?;
    for (label, value) in facts(&server) {
        screen.line(format!("  {label:<12} {}", plain(&value)))?;
    }
    if !server.relaxed.is_empty() {
        let path = format!("/api/v1/servers/{}/explain", escaped(&server.name));
        let explained: Explanation = place.client.get(&path).await?;
        let mut label = "Weaker";
        for line in explained.lines.iter().filter(|line| line.kind == "relaxed") {
            screen.line(format!("  {label:<12} {}", plain(&line.text)))?;
            label = "";
        }
    }
    if server.enabled && server.needs_attention() {
        for note in notes(place, &server.name).await {
            screen.line(format!("  {:<12} {note}", "Note"))?;
        }
    }
    if !server.last_output.is_empty() {
        screen.line("  Last output")?;
        for line in &server.last_output {
            screen.line(format!("    {}", plain(line)))?;
        }
    }
    Ok(End::Fine)
}

fn facts(server: &Server) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(command) = &server.command {
        let line: Vec<&str> =
            std::iter::once(command.as_str()).chain(server.args.iter().map(String::as_str)).collect();
        facts.push(("Command", line.join(" ")));
    }
    facts.extend(server.url.clone().map(|url| ("Address", url)));
    facts.push(("Protection", protection(server).to_owned()));
    facts.extend(server.image.clone().map(|image| ("Image", image)));
    facts.extend(server.container_name.clone().map(|container| ("Container", container)));
    facts.push(("Tools", server.tool_count.to_string()));
    facts.extend(server.connected_at.as_deref().map(|time| ("Ready since", clock(time))));
    facts.push(("Restarts", server.reconnect_count.to_string()));
    for (name, value) in &server.env {
        facts.push(("Variable", format!("{name}={value}")));
    }
    if let Some(exit) = &server.last_exit {
        facts.push(("Last exit", last_exit(exit)));
    }
    if let Some(diagnostic) = &server.diagnostic {
        facts.push(("Failure", format!("{} ({})", diagnostic.user_message, diagnostic.code)));
        facts.extend(diagnostic.cause.clone().map(|cause| ("Cause", cause)));
    }
    facts
}

fn last_exit(exit: &mcpproxy_api_types::ExitView) -> String {
    let how = match (exit.code, exit.signal) {
        (_, Some(signal)) => format!("signal {signal}"),
        (Some(code), None) => format!("exit code {code}"),
        (None, None) => "unknown".to_owned(),
    };
    let memory = if exit.oom_killed { ", out of memory" } else { "" };
    format!("{} {how}{memory}, after {:.1} s", clock(&exit.at), exit.ran_ms as f64 / 1000.0)
}
