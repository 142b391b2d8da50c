//! `doctor`: what is wrong, and the command that mends it. With nothing running, file and engine still answer.

use super::{End, servers, with_schema};
use crate::{
    client::NotRunning,
    output::{Glyph, Screen, plain},
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{Finding, Findings};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen) -> Result<End> {
    let findings: Findings = match place.client.get("/api/v1/doctor").await {
        Ok(findings) => findings,
        Err(error) if error.downcast_ref::<NotRunning>().is_some() => offline(place, &error).await,
        Err(error) => return Err(error),
    };
    let problems = findings.findings.iter().filter(|finding| finding.severity == "error").count();
    let end = if problems > 0 { End::Wrong } else { End::Fine };
    if screen.json {
        screen.object(&with_schema("doctor", json!(findings)))?;
        return Ok(end);
    }
    if findings.docker_status.available {
        screen.line(format!("{} {}", screen.tick(), plain(&findings.docker_status.summary)))?;
    }
    for finding in &findings.findings {
        let glyph = if finding.severity == "error" { Glyph::Bad } else { Glyph::Warn };
        let server = finding.server.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        let mut text = format!(
            "{} {}{} ({})",
            screen.glyph(glyph),
            plain(&server),
            plain(&finding.message),
            finding.code
        );
        if let Some(name) = finding.server.as_deref().filter(|_| finding.severity == "error") {
            for note in servers::notes(place, name).await {
                text.push_str(&format!("\n    {note}"));
            }
        }
        if let Some(command) = &finding.command {
            text.push_str(&format!("\n    → {command}"));
        }
        screen.line(text)?;
    }
    let notes = findings.findings.len() - problems;
    screen.line(match (problems, notes) {
        (0, 0) => "Nothing is wrong.".to_owned(),
        _ => format!("{}, {}.", counted(problems, "problem"), counted(notes, "note")),
    })?;
    Ok(end)
}

fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

async fn offline(place: &Place, error: &anyhow::Error) -> Findings {
    let mut findings = vec![Finding {
        code: "not_running".to_owned(),
        severity: "error".to_owned(),
        server: None,
        message: error.to_string(),
        command: Some("mcpproxy serve".to_owned()),
    }];
    if let Err(error) = mcpproxy_core::read_config(&place.settings) {
        findings.push(Finding {
            code: error.code().to_owned(),
            severity: "error".to_owned(),
            server: None,
            message: error.to_string(),
            command: Some("mcpproxy config check".to_owned()),
        });
    }
    let docker_status = mcpproxy_api::engine_now(&place.settings).await;
    if !docker_status.available {
        findings.push(Finding {
            code: docker_status.state.clone(),
            severity: "error".to_owned(),
            server: None,
            message: docker_status.summary.clone(),
            command: None,
        });
    }
    Findings {
        total_issues: findings.len(),
        findings,
        docker_status,
        timestamp: jiff::Timestamp::now().to_string(),
    }
}
