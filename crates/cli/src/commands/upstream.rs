//! `upstream`: the older spelling of `servers`, whose output scripts read: a bare array of server objects.

use super::{End, servers};
use crate::{
    args::ServersWord,
    output::{Screen, plain},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{AdminState, HealthAction, HealthLevel, Server, ServerList};

pub(crate) async fn run(place: &Place, screen: &Screen, word: ServersWord) -> Result<End> {
    match word {
        ServersWord::List => list(place, screen).await,
        // The other words say the same in both spellings; failures end with 1 there, as they did.
        other => servers::run(place, screen, other)
            .await
            .map(|end| if end == End::Held { End::Wrong } else { end }),
    }
}

async fn list(place: &Place, screen: &Screen) -> Result<End> {
    let list: ServerList = place.client.get("/api/v1/servers").await?;
    if screen.json {
        screen.object(&list.servers)?;
        return Ok(End::Fine);
    }
    screen.line(format!("   {:<24} {:<16} {:<6} {:<40} ACTION", "NAME", "PROTOCOL", "TOOLS", "STATUS"))?;
    for server in &list.servers {
        screen.line(format!(
            "{} {:<24} {:<16} {:<6} {:<40} {}",
            icon(server),
            plain(&server.name),
            server.protocol,
            server.tool_count,
            plain(&server.health.summary),
            action(server)
        ))?;
    }
    Ok(End::Fine)
}

const fn icon(server: &Server) -> &'static str {
    match (server.health.admin_state, server.health.level) {
        (AdminState::Disabled, _) => "⏸️",
        (AdminState::Quarantined, _) => "🔒",
        (AdminState::Enabled, HealthLevel::Healthy) => "✅",
        (AdminState::Enabled, HealthLevel::Degraded) => "⚠️",
        (AdminState::Enabled, HealthLevel::Unhealthy) => "❌",
    }
}

fn action(server: &Server) -> String {
    let name = &server.name;
    match server.health.action {
        HealthAction::None => String::new(),
        HealthAction::Enable => format!("mcpproxy upstream enable {name}"),
        HealthAction::Restart => format!("mcpproxy upstream restart {name}"),
        HealthAction::SetSecret => "mcpproxy secrets set NAME".to_owned(),
        HealthAction::Configure | HealthAction::ViewLogs | HealthAction::Login | HealthAction::Approve => {
            format!("mcpproxy upstream logs {name}")
        }
    }
}
