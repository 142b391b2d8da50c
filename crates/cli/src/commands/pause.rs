//! `pause` and `resume`: every server stands still, or goes on where it was.

use super::{End, with_schema};
use crate::{output::Screen, place::Place};
use anyhow::Result;
use mcpproxy_api_types::PauseOutcome;
use serde_json::json;

pub(crate) async fn pause(place: &Place, screen: &Screen) -> Result<End> {
    let outcome: PauseOutcome = place.client.post("/api/v1/pause?wait=15", None::<&()>).await?;
    if screen.json {
        screen.object(&with_schema("pause", json!(outcome)))?;
        return Ok(End::Fine);
    }
    let since = outcome.paused.as_ref().map(|paused| super::status::clock(&paused.since)).unwrap_or_default();
    screen.line(if outcome.changed {
        "All servers are paused. Clients stay connected; go on with: mcpproxy resume".to_owned()
    } else {
        format!("Paused since {since} already. Go on with: mcpproxy resume")
    })?;
    Ok(End::Fine)
}

pub(crate) async fn resume(place: &Place, screen: &Screen) -> Result<End> {
    let outcome: PauseOutcome = place.client.post("/api/v1/resume", None::<&()>).await?;
    if screen.json {
        screen.object(&with_schema("pause", json!(outcome)))?;
    } else {
        screen.line(if outcome.changed { "All servers go on." } else { "Nothing was paused." })?;
    }
    Ok(End::Fine)
}
