//! What each word does.

pub(crate) mod activity;
pub(crate) mod clients;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod import;
pub(crate) mod isolate;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod open;
pub(crate) mod pause;
pub(crate) mod secrets;
pub(crate) mod servers;
pub(crate) mod status;
pub(crate) mod telemetry;
pub(crate) mod tools;
pub(crate) mod upstream;

use crate::{client::Client, output::Screen};
use anyhow::Result;
use mcpproxy_api_types::{Server, ServerList};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How a word ended: the exit codes of everything but `serve`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything is fine.
    Fine,
    /// Something is wrong.
    Wrong,
    /// Waits for somebody's approval.
    Held,
}

impl End {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Wrong => 1,
            Self::Held => 4,
        }
    }
}

/// How long a word waits for a server to settle after it changed something; a download may take longer and goes on.
const SETTLE: Duration = Duration::from_secs(180);

/// One JSON object with its schema's name in front.
pub(crate) fn with_schema(name: &str, value: Value) -> Value {
    let mut object = json!({"schema": format!("mcpproxy/{name}/1")});
    if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), value) {
        object.extend(fields);
    }
    object
}

/// A server's name as a part of a path.
pub(crate) fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Watches `names` until each is ready, failed or off, showing what is downloaded meanwhile.
pub(crate) async fn settle(client: &Client, screen: &Screen, names: &[&str]) -> Result<Vec<Server>> {
    let until = Instant::now() + SETTLE;
    let mut progress = screen.progress();
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut revision: Option<u64> = None;
    let mut asked_again = false;
    loop {
        let wait = if asked_again { 1 } else { 5 };
        let path = revision.map_or("/api/v1/changes".to_owned(), |revision| {
            format!("/api/v1/changes?since={revision}&wait={wait}")
        });
        let asked = client.get(&path);
        tokio::pin!(asked);
        let answer = loop {
            tokio::select! {
                answer = &mut asked => break answer,
                _ = second.tick() => progress.tick(),
            }
        };
        let changes: mcpproxy_api_types::Changes = match answer {
            Ok(changes) => changes,
            // Without a number it tells the newest one.
            Err(error) if is_gone(&error) => client.get("/api/v1/changes").await?,
            Err(error) => return Err(error),
        };
        revision = revision.max(Some(changes.revision));
        let list: ServerList = match timeout_at(until, client.get("/api/v1/servers")).await {
            Ok(list) => list?,
            Err(_) => client.get("/api/v1/servers").await?,
        };
        let servers: Vec<Server> =
            list.servers.into_iter().filter(|server| names.contains(&server.name.as_str())).collect();
        for server in &servers {
            if let Some(step) = &server.progress {
                progress.show(&server.name, step);
            }
        }
        // The list of tools follows the first answer within moments: one more change is worth waiting for.
        let complete = asked_again || servers.iter().all(|server| !server.connected || server.tool_count > 0);
        asked_again = servers.iter().all(is_settled);
        if Instant::now() >= until || (asked_again && complete) {
            progress.clear();
            return Ok(servers);
        }
    }
}

fn is_gone(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<crate::client::Refused>()
        .is_some_and(|refused| refused.status == http::StatusCode::GONE)
}

/// Whether a server's state will not change by itself soon.
fn is_settled(server: &Server) -> bool {
    match server.state.as_str() {
        "preparing" | "starting" | "handshaking" | "stopping" => false,
        "waiting" => server.health.level != mcpproxy_api_types::HealthLevel::Healthy,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_slashes_stay_one_part_of_a_path() {
        assert_eq!(escaped("org/server"), "org%2Fserver");
        assert_eq!(escaped("a b:c"), "a%20b%3Ac");
        assert_eq!(escaped("plain-1.2_x"), "plain-1.2_x");
    }

    #[test]
    fn an_object_begins_with_its_schema() {
        let text = with_schema("servers", json!({"servers": []})).to_string();
        assert_eq!(text, r#"{"schema":"mcpproxy/servers/1","servers":[]}"#);
    }
}
