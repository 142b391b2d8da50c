//! `servers`: list, show, explain, add, remove, switches.

mod add;
mod explain;
mod figures;
mod show;

use super::{End, escaped, logs, settle, with_schema};
use crate::{
    args::{NameOrAll, ServersWord},
    client::{NotRunning, Refused},
    output::{Glyph, Screen, Table, plain},
    place::Place,
};
use anyhow::Result;
use http::{Method, StatusCode};
use mcpproxy_api_types::{BulkOutcome, Explanation, Server, ServerAction, ServerList};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, word: ServersWord) -> Result<End> {
    match word {
        ServersWord::List => list(place, screen).await,
        ServersWord::Show { name } => show::run(place, screen, &name).await,
        ServersWord::Explain { name } => explain::run(place, screen, &name).await,
        ServersWord::Add(args) => add::run(place, screen, *args).await,
        ServersWord::AddJson { name, json } => add::json(place, screen, &name, &json).await,
        ServersWord::Remove { name, if_exists } => remove(place, screen, &name, if_exists).await,
        ServersWord::Enable(which) => switch(place, screen, &which, "enable").await,
        ServersWord::Disable(which) => switch(place, screen, &which, "disable").await,
        ServersWord::Restart(which) => switch(place, screen, &which, "restart").await,
        ServersWord::Approve { name } => approve(place, screen, &name).await,
        ServersWord::Cancel { name } => cancel(place, screen, &name).await,
        ServersWord::Figures { follow } => figures::run(place, screen, follow).await,
        ServersWord::Logs(args) => logs::run(place, screen, args).await,
    }
}

async fn list(place: &Place, screen: &Screen) -> Result<End> {
    let list: ServerList = match place.client.get("/api/v1/servers").await {
        Ok(list) => list,
        Err(error) if error.downcast_ref::<NotRunning>().is_some() => {
            return configured(place, screen, error);
        }
        Err(error) => return Err(error),
    };
    let wrong = list.servers.iter().any(|server| server.enabled && server.needs_attention());
    if screen.json {
        screen.object(&with_schema("servers", json!(list)))?;
        return Ok(if wrong { End::Wrong } else { End::Fine });
    }
    if list.servers.is_empty() {
        screen.line("No servers yet. Add one:\n  mcpproxy servers add time -- uvx mcp-server-time")?;
        return Ok(End::Fine);
    }
    let mut table = Table::new(&["NAME", "PROTECTION", "IMAGE", "TOOLS", "STATE"]);
    for server in &list.servers {
        table.row(screen.glyph(glyph(server)), cells(server));
    }
    screen.line(table.text(screen.width))?;
    let hints: Vec<String> = list.servers.iter().filter_map(hint).collect();
    screen.line(format!("{} servers. {}", list.servers.len(), hints.join("\n")).trim_end())?;
    Ok(if wrong { End::Wrong } else { End::Fine })
}

/// With nothing running, the file still tells which servers there are.
fn configured(place: &Place, screen: &Screen, error: anyhow::Error) -> Result<End> {
    let Ok(config) = mcpproxy_core::read_config(&place.settings) else {
        return Err(error);
    };
    if screen.json {
        let servers: Vec<_> = config
            .servers
            .values()
            .map(|server| json!({"name": server.name, "enabled": server.enabled, "state": "not_running"}))
            .collect();
        screen.object(&with_schema("servers", json!({"running": false, "servers": servers})))?;
        return Err(error);
    }
    let mut table = Table::new(&["NAME", "STATE"]);
    for server in config.servers.values() {
        let state = if server.enabled { "MCPProxy is not running." } else { "Turned off." };
        table.row(screen.glyph(Glyph::Off), vec![server.name.clone(), state.to_owned()]);
    }
    screen.line(table.text(screen.width))?;
    Err(error)
}

/// The look of a server's state.
pub(crate) fn glyph(server: &Server) -> Glyph {
    match (server.state.as_str(), server.placement.as_str()) {
        ("ready", "host") => Glyph::Unprotected,
        ("ready", "own_container") => Glyph::OwnContainer,
        ("ready", "remote") => Glyph::Remote,
        ("ready", _) if has_open_network(server) => Glyph::Warn,
        ("ready", _) => Glyph::Ok,
        ("preparing" | "starting" | "handshaking" | "stopping", _) => Glyph::Busy,
        ("waiting" | "backoff", _) => Glyph::Waiting,
        ("paused", _) => Glyph::Paused,
        ("quarantined", _) => Glyph::Warn,
        ("disabled", _) => Glyph::Off,
        _ => Glyph::Bad,
    }
}

/// The word for where a server runs.
pub(crate) fn protection(server: &Server) -> &'static str {
    match server.placement.as_str() {
        "container" if has_open_network(server) => "open network",
        "container" => "isolated",
        "own_container" => "own container",
        "remote" => "elsewhere",
        _ => "UNPROTECTED",
    }
}

/// Whether it shares this computer's network, which leaves of its isolation only files and limits.
fn has_open_network(server: &Server) -> bool {
    server.relaxed.iter().any(|name| name == "network_host")
}

/// An image's name as people know it.
fn short(image: &str) -> String {
    image
        .strip_prefix("docker.io/library/")
        .or_else(|| image.strip_prefix("docker.io/"))
        .unwrap_or(image)
        .to_owned()
}

fn cells(server: &Server) -> Vec<String> {
    let none = || "—".to_owned();
    vec![
        server.name.clone(),
        protection(server).to_owned(),
        server.image.as_deref().map_or_else(none, short),
        if server.connected { server.tool_count.to_string() } else { none() },
        server.state_text.clone(),
    ]
}

fn hint(server: &Server) -> Option<String> {
    let step = server.diagnostic.as_ref().filter(|_| server.needs_attention())?.fix_steps.first()?;
    let step = match &step.command {
        Some(command) if step.label.is_empty() => format!("→ {command}"),
        Some(command) => format!("{} → {command}", step.label),
        None => step.label.clone(),
    };
    Some(format!("{}: {}", plain(&server.name), plain(&step)))
}

async fn remove(place: &Place, screen: &Screen, name: &str, if_exists: bool) -> Result<End> {
    let path = format!("/api/v1/servers/{}", escaped(name));
    // A name that nothing has needs no answer to a question.
    match place.client.get::<Server>(&path).await {
        Err(error) if if_exists && is_unknown(&error) => return Ok(End::Fine),
        found => drop(found?),
    }
    if !screen.confirm(&format!("Remove {name}?"))? {
        return Ok(End::Wrong);
    }
    match place.client.send::<ServerAction>(Method::DELETE, &path, None).await {
        Ok(action) => report(screen, &action, format!("{name} is removed.")),
        Err(error) if if_exists && is_unknown(&error) => Ok(End::Fine),
        Err(error) => Err(error),
    }
}

async fn approve(place: &Place, screen: &Screen, name: &str) -> Result<End> {
    explain::run(place, screen, name).await?;
    if !screen.confirm(&format!("Let {name} run like this?"))? {
        return Ok(End::Held);
    }
    let path = format!("/api/v1/servers/{}/unquarantine", escaped(name));
    place.client.post::<ServerAction>(&path, None::<&()>).await?;
    settled(place, screen, name).await
}

async fn cancel(place: &Place, screen: &Screen, name: &str) -> Result<End> {
    let path = format!("/api/v1/servers/{}/cancel", escaped(name));
    let action: ServerAction = place.client.post(&path, None::<&()>).await?;
    report(screen, &action, format!("{name}: cancelled. Try again: mcpproxy servers restart {name}"))
}

fn is_unknown(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == StatusCode::NOT_FOUND)
}

fn report(screen: &Screen, action: &ServerAction, text: String) -> Result<End> {
    if screen.json {
        screen.object(&with_schema("action", json!(action)))?;
    } else {
        screen.line(text)?;
        if let Some(message) = &action.message {
            screen.line(message)?;
        }
    }
    Ok(End::Fine)
}

async fn switch(place: &Place, screen: &Screen, which: &NameOrAll, verb: &str) -> Result<End> {
    let Some(name) = which.name() else {
        let outcome: BulkOutcome =
            place.client.post(&format!("/api/v1/servers/{verb}_all"), None::<&()>).await?;
        if screen.json {
            screen.object(&with_schema("action", json!(outcome)))?;
        } else {
            screen.line(format!("{verb}: {} servers.", outcome.successful))?;
        }
        return Ok(End::Fine);
    };
    let action: ServerAction =
        place.client.post(&format!("/api/v1/servers/{}/{verb}", escaped(name)), None::<&()>).await?;
    if let (Some(message), false) = (&action.message, screen.json) {
        screen.line(message)?;
    }
    settled(place, screen, name).await
}

/// What its plan leaves out that it may miss, such as a folder among its arguments that is not shared. A server that
/// ended cannot know why it found nothing; its plan does. Nothing when the plan cannot be had.
pub(crate) async fn notes(place: &Place, name: &str) -> Vec<String> {
    let path = format!("/api/v1/servers/{}/explain", escaped(name));
    let explained = place.client.get::<Explanation>(&path).await;
    let lines = explained.map(|explained| explained.lines).unwrap_or_default();
    lines.iter().filter(|line| line.kind == "warning").map(|line| plain(&line.text).into_owned()).collect()
}

/// Waits for one server and says how it is.
pub(crate) async fn settled(place: &Place, screen: &Screen, name: &str) -> Result<End> {
    let servers = settle(&place.client, screen, &[name]).await?;
    let Some(server) = servers.first() else {
        return Ok(End::Fine);
    };
    if screen.json {
        screen.object(&with_schema("server", json!(server)))?;
    } else {
        screen.line(format!("{} {}   {}", screen.glyph(glyph(server)), name, plain(&server.state_text)))?;
        for line in server.last_output.iter().filter(|_| server.needs_attention()) {
            screen.line(format!("    {}", plain(line)))?;
        }
        if server.enabled && server.needs_attention() {
            for note in notes(place, name).await {
                screen.line(format!("  {note}"))?;
            }
        }
        if let Some(hint) = hint(server) {
            screen.line(format!("  {hint}"))?;
        }
    }
    Ok(match server.quarantined {
        true => End::Held,
        false if server.enabled && server.needs_attention() => End::Wrong,
        false => End::Fine,
    })
}
