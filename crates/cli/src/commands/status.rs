//! `status`: what runs, in six lines.

use super::{End, servers, with_schema};
use crate::{
    client::NotRunning,
    output::{Glyph, Screen, plain},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{ConfigView, Server, ServerList, Status};
use serde_json::{Value, json};

pub(crate) async fn run(place: &Place, screen: &Screen, show_key: bool) -> Result<End> {
    let status: Status = match place.client.get("/api/v1/status").await {
        Ok(status) => status,
        Err(error) if error.downcast_ref::<NotRunning>().is_some() => return offline(place, screen, error),
        Err(error) => return Err(error),
    };
    let list: ServerList = place.client.get("/api/v1/servers").await?;
    let key = key(place, show_key).await?;
    if screen.json {
        let mut value = json!(status);
        value["state"] = json!("Running");
        value["api_key"] = json!(key);
        value["servers"] = json!(list.stats);
        screen.object(&with_schema("status", value))?;
        return Ok(End::Fine);
    }
    let since = clock(&status.started_at);
    screen.line(format!(
        "{} MCPProxy {:<9} running since {since}      http://{}/mcp",
        screen.glyph(Glyph::Ok),
        status.version,
        status.listen_addr
    ))?;
    if let Some(paused) = &status.paused {
        let since = clock(&paused.since);
        let sign = screen.glyph(Glyph::Paused);
        screen.line(format!("{sign} Paused           by you at {since}. Go on with: mcpproxy resume"))?;
    }
    let docker = &status.docker_status;
    let glyph = if docker.available { Glyph::Ok } else { Glyph::Waiting };
    let off = if docker.isolation_enabled { "" } else { " Isolation is switched off for all servers." };
    screen.line(format!("{} Docker           {}{off}", screen.glyph(glyph), plain(&docker.summary)))?;
    screen.line(format!(
        "{} Servers          {}",
        screen.glyph(servers_glyph(&list.servers)),
        counts(&list.servers)
    ))?;
    let needy: Vec<&Server> = list.servers.iter().filter(|server| server.needs_attention()).collect();
    if !needy.is_empty() {
        screen.line(format!("{} Needs you        {}", screen.glyph(Glyph::Warn), needy.len()))?;
        for server in needy {
            screen.line(format!("    {}: {}", plain(&server.name), plain(&server.state_text)))?;
        }
    }
    if let Some(error) = &status.config_error {
        screen.line(format!(
            "{} Configuration    {}. The last good version stays in use.",
            screen.glyph(Glyph::Bad),
            plain(error).trim_end_matches('.')
        ))?;
    }
    screen.line(format!("{} Clients          {} connected", screen.glyph(Glyph::Ok), status.sessions))?;
    let today = &status.today;
    screen.line(format!(
        "  Today            {} {}, {} failed, {} blocked",
        today.calls,
        if today.calls == 1 { "call" } else { "calls" },
        today.failed,
        today.blocked
    ))?;
    if let Some(problem) = &today.problem {
        screen.line(format!("{} Activity         {}", screen.glyph(Glyph::Warn), plain(problem)))?;
    }
    if show_key {
        screen.line(format!("  Key              {key}"))?;
    }
    Ok(End::Fine)
}

/// How many run where; what is weaker is named.
fn counts(list: &[Server]) -> String {
    let count = |wanted: &dyn Fn(&Server) -> bool| list.iter().filter(|server| wanted(server)).count();
    let mut parts = Vec::new();
    let mut say = |number: usize, word: &str| {
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    };
    let open = |server: &Server| servers::protection(server) == "open network";
    say(count(&|server| server.connected && server.placement == "container" && !open(server)), "isolated");
    say(count(&|server| server.connected && open(server)), "with an open network");
    let left = minutes_left(list);
    let words = left.map_or("unprotected".to_owned(), |left| format!("unprotected ({left} min left)"));
    say(count(&|server| server.connected && server.placement == "host"), &words);
    say(
        count(&|server| server.connected && server.placement == "own_container"),
        "in containers of their own",
    );
    say(count(&|server| server.connected && server.placement == "remote"), "elsewhere");
    say(count(&|server| !server.connected && server.enabled && !server.quarantined), "not ready");
    say(count(&|server| server.quarantined), "held");
    say(count(&|server| !server.enabled), "off");
    if parts.is_empty() { "none yet. Add one: mcpproxy servers add".to_owned() } else { parts.join(", ") }
}

/// The minutes until the first server is isolated again by itself.
fn minutes_left(list: &[Server]) -> Option<i64> {
    let ends =
        list.iter().filter_map(|server| server.unprotected_until.as_deref()?.parse::<jiff::Timestamp>().ok());
    let left = ends.min()?.duration_since(jiff::Timestamp::now()).as_secs().max(0);
    Some((left + 59) / 60)
}

fn servers_glyph(list: &[Server]) -> Glyph {
    let weak = |server: &Server| ["UNPROTECTED", "open network"].contains(&servers::protection(server));
    if list.iter().any(|server| server.connected && weak(server)) {
        Glyph::Unprotected
    } else if list.iter().any(Server::needs_attention) {
        Glyph::Warn
    } else {
        Glyph::Ok
    }
}

async fn key(place: &Place, show: bool) -> Result<String> {
    let key = match mcpproxy_core::stored_key(&place.settings) {
        Some(key) => key.expose().to_owned(),
        None => {
            let view: ConfigView = place.client.get("/api/v1/config").await?;
            return Ok(view.config["api_key"].as_str().unwrap_or_default().to_owned());
        }
    };
    if show || key.len() < 12 {
        return Ok(if show { key } else { "****".to_owned() });
    }
    Ok(format!("{}****{}", &key[..4], &key[key.len() - 4..]))
}

fn offline(place: &Place, screen: &Screen, error: anyhow::Error) -> Result<End> {
    if screen.json {
        let value = json!({
            "state": "Not running",
            "running": false,
            "config_path": place.paths.config.display().to_string(),
            "log_dir": place.paths.log_dir.display().to_string(),
            "servers": Value::Null,
        });
        screen.object(&with_schema("status", value))?;
    }
    Err(error)
}

/// The local time of day of an RFC 3339 moment.
pub(crate) fn clock(moment: &str) -> String {
    moment
        .parse::<jiff::Timestamp>()
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string())
        .unwrap_or_default()
}
