//! Sentences for states, and the command that mends a finding.

use mcpproxy_core::{ServerState, ServerView, Unprotected};
use mcpproxy_messages::render;

/// The state of a server in one sentence.
pub(crate) fn state(server: &ServerView) -> String {
    let tools = server.tools.to_string();
    match &server.state {
        ServerState::Ready => match server.unprotected {
            Some(Unprotected::Until(end)) => {
                let seconds = end.duration_since(jiff::Timestamp::now()).as_secs().max(0);
                let minutes = (seconds + 59) / 60;
                render("state_unprotected", &[("minutes", &minutes.to_string())])
            }
            Some(Unprotected::UntilQuit) => render("state_unprotected_until_quit", &[]),
            None => render("state_ready", &[("tools", &tools)]),
        },
        ServerState::Waiting(wait) => render(wait.code(), &[]),
        ServerState::Preparing(progress) => {
            let percent = progress.percent.map(|percent| percent.to_string()).unwrap_or_default();
            let left = progress.eta_seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
            let key = match (progress.stage.as_str(), progress.percent, progress.eta_seconds) {
                ("image", Some(_), Some(_)) => "state_downloading_left",
                ("image", Some(_), None) => "state_downloading_percent",
                ("image", ..) => "state_downloading",
                _ => "state_installing",
            };
            render(key, &[("subject", &progress.subject), ("percent", &percent), ("seconds", &left)])
        }
        ServerState::Backoff { until, .. } => {
            let seconds = until.duration_since(jiff::Timestamp::now()).as_secs().max(0).to_string();
            let retry = render("state_backoff", &[("seconds", &seconds)]);
            failure(server).map_or(retry.clone(), |why| format!("{} {retry}", ended(why)))
        }
        ServerState::Failed => failure(server).unwrap_or_else(|| render("state_failed", &[])),
        ServerState::Disabled => render("state_disabled", &[]),
        ServerState::Starting => render("state_starting", &[]),
        ServerState::Handshaking => render("state_handshaking", &[]),
        ServerState::Stopping => render("state_stopping", &[]),
        ServerState::Quarantined => render("state_quarantined", &[]),
    }
}

/// The state of a server that answers, while everything is paused.
pub(super) fn paused(since: jiff::Timestamp) -> String {
    let time = since.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string();
    render("state_paused", &[("time", &time)])
}

/// A sentence with its full stop: one that closes with a server's own words may have none.
fn ended(mut sentence: String) -> String {
    if !sentence.ends_with(['.', '!', '?', ':']) {
        sentence.push('.');
    }
    sentence
}

/// Why it is not ready, or why it stopped the last time.
pub(super) fn failure(server: &ServerView) -> Option<String> {
    server.failure.as_ref().map(|failure| failure.sentence())
}

/// The command in the terminal that mends what a code stands for.
pub(super) fn command(code: &str, server: Option<&str>, fields: &[(&'static str, String)]) -> Option<String> {
    let known = fields.iter().map(|(key, value)| (*key, value.as_str()));
    // The server's name last: it is ours, whatever fields a failure carries.
    let words: Vec<(&str, &str)> =
        [("secret", "NAME")].into_iter().chain(known).chain([("server", server.unwrap_or("NAME"))]).collect();
    mcpproxy_messages::hint(code, &words)
}

/// What the action is called that mends what a code stands for.
pub(super) fn action(code: &str) -> Option<String> {
    let id = mcpproxy_messages::find(code)?.action?;
    Some(mcpproxy_messages::action(id, &[]))
}
