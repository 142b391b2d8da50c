//! The health object: literal words that clients of mcpproxy-go compare, first matching row wins.

use mcpproxy_api_types::{AdminState, Health, HealthAction, HealthLevel};
use mcpproxy_core::{ServerState, ServerView, Wait};

/// Longest summary that is shown whole.
const LONGEST: usize = 50;

pub(super) fn health(server: &ServerView, detail: Option<&str>) -> Health {
    use {HealthAction as Do, HealthLevel as Level};
    let (level, summary, action) = match &server.state {
        ServerState::Disabled => (Level::Healthy, "Disabled".to_owned(), Do::Enable),
        ServerState::Quarantined => (Level::Healthy, "Quarantined for review".to_owned(), Do::Approve),
        ServerState::Waiting(Wait::Engine) => {
            (Level::Unhealthy, "Docker is not available".to_owned(), Do::None)
        }
        ServerState::Preparing(progress) if progress.stage == "image" => {
            (Level::Healthy, "Downloading image".to_owned(), Do::None)
        }
        ServerState::Preparing(_) => (Level::Healthy, "Installing package".to_owned(), Do::None),
        ServerState::Waiting(Wait::Resume) => (Level::Healthy, "Paused".to_owned(), Do::None),
        ServerState::Waiting(Wait::Turn)
        | ServerState::Starting
        | ServerState::Handshaking
        | ServerState::Stopping => (Level::Healthy, "Connecting...".to_owned(), Do::None),
        ServerState::Ready => (Level::Healthy, connected(server.tools), Do::None),
        ServerState::Backoff { .. } | ServerState::Failed => failed(server, detail),
    };
    let admin_state = match &server.state {
        ServerState::Disabled => AdminState::Disabled,
        ServerState::Quarantined => AdminState::Quarantined,
        _ => AdminState::Enabled,
    };
    let detail = detail.filter(|_| level != Level::Healthy).map(str::to_owned);
    Health { level, admin_state, summary, detail, action }
}

fn connected(tools: usize) -> String {
    match tools {
        0 => "Connected".to_owned(),
        1 => "Connected (1 tool)".to_owned(),
        many => format!("Connected ({many} tools)"),
    }
}

fn failed(server: &ServerView, detail: Option<&str>) -> (HealthLevel, String, HealthAction) {
    let code = server.failure.as_ref().map_or("", |failure| failure.code);
    if code.starts_with("secret_") {
        return (HealthLevel::Unhealthy, "Missing secret".to_owned(), HealthAction::SetSecret);
    }
    let action = match &server.state {
        ServerState::Failed => HealthAction::Configure,
        _ => HealthAction::Restart,
    };
    (HealthLevel::Unhealthy, summary(detail.unwrap_or_default()), action)
}

/// A few words for a failure: the known ones by what they contain, else the beginning of its text.
fn summary(text: &str) -> String {
    const KNOWN: [(&str, &str); 11] = [
        ("no such host", "Host not found"),
        ("connection refused", "Connection refused"),
        ("connection reset", "Connection reset"),
        ("timeout", "Connection timeout"),
        ("eof", "Connection closed"),
        ("authentication failed", "Authentication failed"),
        ("unauthorized", "Unauthorized"),
        ("forbidden", "Access forbidden"),
        ("oauth", "OAuth error"),
        ("certificate", "Certificate error"),
        ("dial tcp", "Cannot connect"),
    ];
    if text.is_empty() {
        return "Connection error".to_owned();
    }
    let lower = text.to_lowercase();
    if let Some((_, words)) = KNOWN.iter().find(|(part, _)| lower.contains(part)) {
        return (*words).to_owned();
    }
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 3).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_tools_is_said_in_the_words_that_scripts_know() {
        assert_eq!(connected(0), "Connected");
        assert_eq!(connected(1), "Connected (1 tool)");
        assert_eq!(connected(26), "Connected (26 tools)");
    }

    #[test]
    fn a_failure_is_summed_up_in_at_most_fifty_characters() {
        assert_eq!(summary(""), "Connection error");
        assert_eq!(summary("dial: Connection refused by peer"), "Connection refused");
        assert_eq!(summary("It stopped."), "It stopped.");
        let long = summary(&"ä".repeat(80));
        assert_eq!(long.chars().count(), 50);
        assert!(long.ends_with("..."));
    }
}
