//! The one state that icon, tooltip and first line tell; the first that holds wins.

use crate::{
    input::{Input, Phase, Protection, Server, Stand},
    words::{line, say},
};
use serde::Serialize;

/// Longest tooltip in UTF-16 units: Windows has room for 127, and cuts without a mark.
const LONGEST_TOOLTIP: usize = 120;

/// What the icon shows, as a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IconState {
    /// Dotted shield.
    Starting,
    /// Shield struck through.
    EngineDown,
    /// Shield with a notch and an exclamation mark.
    NeedsYou,
    /// Shield with two bars.
    Paused,
    /// Shield open on one side.
    Unprotected,
    /// Shield with a dot.
    Busy,
    /// Closed shield.
    Healthy,
}

impl IconState {
    /// All seven.
    pub const ALL: [Self; 7] = [
        Self::Starting,
        Self::EngineDown,
        Self::NeedsYou,
        Self::Paused,
        Self::Unprotected,
        Self::Busy,
        Self::Healthy,
    ];
}

/// The icon for what is true.
pub fn icon(input: &Input) -> IconState {
    match input.phase {
        Phase::Starting | Phase::Quitting => return IconState::Starting,
        Phase::Failed { .. } => return IconState::NeedsYou,
        Phase::Running => {}
    }
    if !input.engine.available && count(input, |server| server.stand == Stand::WaitsForEngine) > 0 {
        IconState::EngineDown
    } else if count(input, |server| server.stand == Stand::NeedsYou) > 0 {
        IconState::NeedsYou
    } else if input.paused.is_some() {
        IconState::Paused
    } else if count(input, Server::is_unprotected) > 0 {
        IconState::Unprotected
    } else if input.calls_running > 0 {
        IconState::Busy
    } else {
        IconState::Healthy
    }
}

/// The menu's first line: the first part of the tooltip.
pub fn headline(input: &Input) -> String {
    let number = |wanted: fn(&Server) -> bool| count(input, wanted).to_string();
    match (&input.phase, icon(input)) {
        (Phase::Quitting, _) => say("menu_quitting", &[]),
        (Phase::Failed { .. }, _) => say("menu_failed", &[]),
        (_, IconState::Starting) => say("menu_starting", &[]),
        (_, IconState::EngineDown) => say("menu_engine_down", &[("code", &input.engine.code)]),
        (_, IconState::NeedsYou) => {
            say("menu_needs_you", &[("servers", &number(|server| server.stand == Stand::NeedsYou))])
        }
        (_, IconState::Paused) => {
            say("menu_paused", &[("time", input.paused.as_deref().unwrap_or_default())])
        }
        (_, IconState::Unprotected) => {
            say("menu_unprotected", &[("servers", &number(Server::is_unprotected))])
        }
        (_, IconState::Busy) => say("menu_busy", &[("calls", &input.calls_running.to_string())]),
        (_, IconState::Healthy) => healthy(input),
    }
}

fn healthy(input: &Input) -> String {
    let isolated = |server: &Server| server.enabled && server.protection == Protection::Isolated;
    let isolated = count(input, isolated);
    let on = count(input, |server| server.enabled);
    if input.servers.is_empty() {
        say("menu_no_servers", &[])
    } else if on == 0 {
        say("menu_all_off", &[])
    } else if isolated == 0 {
        say("menu_ready", &[("servers", &on.to_string())])
    } else {
        say("menu_healthy", &[("servers", &isolated.to_string())])
    }
}

/// Tooltip and accessible name.
pub fn tooltip(input: &Input) -> String {
    let first = headline(input);
    let text = match (&input.phase, icon(input)) {
        (Phase::Failed { reason }, _) => {
            say("menu_failed_tip", &[("line", &first), ("reason", &line(reason, 90))])
        }
        (Phase::Running, IconState::EngineDown) => {
            let waiting = count(input, |server| server.stand == Stand::WaitsForEngine).to_string();
            say("menu_engine_down_tip", &[("line", &first), ("servers", &waiting)])
        }
        (Phase::Running, IconState::Unprotected) => soonest(input).map_or(first.clone(), |left| {
            say("menu_unprotected_tip", &[("line", &first), ("minutes", &left.to_string())])
        }),
        (Phase::Running, IconState::Healthy) => input.today.map_or(first.clone(), |today| {
            let (calls, blocked) = (today.calls.to_string(), today.blocked.to_string());
            say("menu_healthy_tip", &[("line", &first), ("calls", &calls), ("blocked", &blocked)])
        }),
        _ => first,
    };
    fit(&text)
}

/// Minutes until the first unprotected server is isolated again.
fn soonest(input: &Input) -> Option<u64> {
    let left = |server: &Server| match server.protection {
        Protection::Unprotected { minutes_left } if server.enabled => minutes_left,
        _ => None,
    };
    input.servers.iter().filter_map(left).min()
}

fn fit(text: &str) -> String {
    if text.encode_utf16().count() <= LONGEST_TOOLTIP {
        return text.to_owned();
    }
    let mut units = 1;
    let kept = |letter: &char| {
        units += letter.len_utf16();
        units <= LONGEST_TOOLTIP
    };
    text.chars().take_while(kept).chain(['…']).collect()
}

pub(crate) fn count(input: &Input, wanted: impl Fn(&Server) -> bool) -> usize {
    input.servers.iter().filter(|server| wanted(server)).count()
}
