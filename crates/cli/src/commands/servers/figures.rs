//! `servers figures`: processor and memory, measured while this runs.

use super::{End, with_schema};
use crate::{
    output::{Screen, Table},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{Figures, ServerFigures};
use serde_json::json;

pub(super) async fn run(place: &Place, screen: &Screen, follow: bool) -> Result<End> {
    // Shares of the processor come with the second sample, half a second after the first.
    let first: Figures = place.client.get("/api/v1/figures?since=0&wait=10").await?;
    let mut figures = next(place, &first).await?;
    loop {
        show(screen, &figures)?;
        if !follow {
            return Ok(End::Fine);
        }
        figures = tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(End::Fine),
            figures = next(place, &figures) => figures?,
        };
    }
}

async fn next(place: &Place, seen: &Figures) -> Result<Figures> {
    place.client.get(&format!("/api/v1/figures?since={}&wait=10", seen.revision)).await
}

fn show(screen: &Screen, figures: &Figures) -> Result<()> {
    if screen.json {
        return screen.object(&with_schema("figures", json!(figures)));
    }
    if figures.servers.is_empty() {
        return screen.line("No server has a process here.");
    }
    let mut table = Table::new(&["NAME", "CPU", "MEMORY", "AT MOST", "PROCESSES"]);
    for server in &figures.servers {
        table.row(" ".to_owned(), cells(server));
    }
    screen.line(table.text(screen.width))
}

fn cells(server: &ServerFigures) -> Vec<String> {
    let shown = |text: Option<String>| text.unwrap_or_else(|| "—".to_owned());
    vec![
        server.name.clone(),
        shown(server.cpu_percent.map(|share| format!("{share:.1} %"))),
        shown(server.memory_bytes.map(megabytes)),
        shown(server.memory_limit_bytes.map(megabytes)),
        shown(server.pids.map(|pids| pids.to_string())),
    ]
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", (bytes + (1 << 19)) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_dash() {
        let server =
            ServerFigures { name: "a".into(), memory_bytes: Some(88 << 20), ..ServerFigures::default() };
        assert_eq!(cells(&server), ["a", "—", "88 MB", "—", "—"]);
    }
}
