//! `isolate`: the switch. Switching on never asks; switching off says what it means and asks.

use super::{End, escaped, servers, with_schema};
use crate::{
    args::{IsolateArgs, Switch},
    output::Screen,
    place::Place,
};
use anyhow::Result;
use http::Method;
use mcpproxy_api_types::{EnabledBody, IsolationBody, Server, ServerAction};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, args: IsolateArgs) -> Result<End> {
    let (name, position) = args.meant().map_err(anyhow::Error::msg)?;
    let on = position == Switch::On;
    let (span, until_quit) = args.end();
    if on && (span.is_some() || until_quit) {
        anyhow::bail!("Only isolation that is off has an end: mcpproxy isolate NAME off --for 1h");
    }
    let subject = name.unwrap_or("all servers");
    let length = match span {
        Some(span) => format!(" for {}", words(span.as_secs())),
        None if until_quit => " until MCPProxy quits".to_owned(),
        None => String::new(),
    };
    let question = format!(
        "Run {subject} without isolation{length}? It could read every file you can read and reach any address."
    );
    if let (Some(name), false) = (name, on) {
        // A name that nothing has needs no answer to a question.
        place.client.get::<Server>(&format!("/api/v1/servers/{}", escaped(name))).await?;
    }
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
    let body = IsolationBody { enabled: on, for_seconds: span.map(|span| span.as_secs()), until_quit };
    let action: ServerAction = place.client.post(&path, Some(&body)).await?;
    if let (Some(message), false) = (&action.message, screen.json) {
        screen.line(message)?;
    }
    servers::settled(place, screen, name).await
}

/// A length of time in the largest unit that fits it.
fn words(seconds: u64) -> String {
    let (number, unit) = match seconds {
        _ if seconds == 0 || !seconds.is_multiple_of(60) => (seconds, "second"),
        _ if !seconds.is_multiple_of(3600) => (seconds / 60, "minute"),
        _ if !seconds.is_multiple_of(86_400) => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_length_of_time_is_said_in_its_largest_unit() {
        let words = [1, 90, 60, 5400, 3600, 86_400 * 3].map(super::words);
        assert_eq!(words, ["1 second", "90 seconds", "1 minute", "90 minutes", "1 hour", "3 days"]);
    }
}
