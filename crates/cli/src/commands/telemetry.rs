//! `telemetry`: what would be sent, and that nothing is.

use super::{End, with_schema};
use crate::{
    args::{Switch, TelemetryWord},
    output::Screen,
    place::Place,
};
use anyhow::Result;
use mcpproxy_api_types::{EnabledBody, Telemetry};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, word: Option<TelemetryWord>) -> Result<End> {
    let word = word.unwrap_or(TelemetryWord::Show);
    let path = "/api/v1/telemetry";
    let telemetry: Telemetry = match word.wish() {
        None => place.client.get(path).await?,
        Some(wish) => {
            let body = serde_json::to_vec(&EnabledBody { enabled: wish == Switch::On })?;
            place.client.send(http::Method::PUT, path, Some(body)).await?
        }
    };
    if screen.json {
        screen.object(&with_schema("telemetry", json!(telemetry)))?;
        return Ok(End::Fine);
    }
    let position = if telemetry.enabled { "on" } else { "off" };
    screen
        .line(format!("Telemetry is {position}. Nothing is sent: this version has nowhere to send it to."))?;
    if let Some(variable) = &telemetry.overruled_by {
        screen.line(format!("The variable {variable} turns it off, whatever the configuration says."))?;
    }
    if matches!(word, TelemetryWord::Show) {
        screen.line("This is all there would be, once a day: no names, paths, addresses or arguments.")?;
        for (name, value) in json!(telemetry.payload).as_object().into_iter().flatten() {
            screen.line(format!("  {name:<30} {value}"))?;
        }
    }
    Ok(End::Fine)
}
