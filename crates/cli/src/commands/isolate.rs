//! `isolate`: the switch. Switching on never asks; switching off says what it means and asks.

use super::{End, escaped, servers, with_schema};
use crate::{
    args::{IsolateArgs, Switch},
    output::Screen,
    place::Place,
};
use anyhow::Result;
use http::Method;
use mcpproxy_api_types::{EnabledBody, ServerAction};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, args: IsolateArgs) -> Result<End> {
    let (name, position) = args.meant().map_err(anyhow::Error::msg)?;
    let on = position == Switch::On;
    let subject = name.unwrap_or("all servers");
    let question = format!(
        "Run {subject} without isolation? It could read every file you can read and reach any address."
    );
    if !on && !screen.confirm(&question)? {
        return Ok(End::Wrong);
    }
    let body = EnabledBody { enabled: on };
    let Some(name) = name else {
        let body = serde_json::to_vec(&body)?;
        let action: ServerAction =
            place.client.send(Method::PATCH, "/api/v1/config/docker-isolation", Some(body)).await?;
        if screen.json {
            screen.object(&with_schema("action", json!(action)))?;
        } else {
            screen.line(if on {
                "Isolation is on for all servers."
            } else {
                "Isolation is off for all servers."
            })?;
        }
        return Ok(End::Fine);
    };
    let path = format!("/api/v1/servers/{}/isolation", escaped(name));
    let action: ServerAction = place.client.post(&path, Some(&body)).await?;
    if let (Some(message), false) = (&action.message, screen.json) {
        screen.line(message)?;
    }
    servers::settled(place, screen, name).await
}
