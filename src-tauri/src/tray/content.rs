//! From what is true to what the menu needs to know.

use crate::{face::Face, stage::Stage};
use mcpproxy_core::{Core, EngineView, Placement, ServerState, ServerView, Snapshot};
use mcpproxy_menu::{Autostart, Engine, Input, Mend, Phase, Protection, Server, Stand};
use mcpproxy_messages::find;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Failures in a row after which a server that is tried again wants a look.
const OUT_OF_MEMORY: &str = "server_out_of_memory";

/// Wakes when something that the tray shows may have changed.
pub(crate) struct Changes {
    stage: watch::Receiver<Stage>,
    crash: watch::Receiver<Option<crate::crash::Crash>>,
    snapshot: Option<watch::Receiver<Arc<Snapshot>>>,
}

impl Changes {
    pub(crate) fn new(face: &Face) -> Self {
        Self { stage: face.stage.clone(), crash: face.crash.subscribe(), snapshot: None }
    }

    /// Everything until now has been seen.
    pub(crate) fn seen(&mut self) {
        self.crash.mark_unchanged();
    }

    /// Waits for a change, at most so long.
    pub(crate) async fn next(&mut self, limit: Duration) {
        if self.snapshot.is_none() {
            self.snapshot = self.stage.borrow_and_update().core().map(|core: Core| core.watch());
        }
        let snapshot = async {
            match &mut self.snapshot {
                Some(snapshot) => snapshot.changed().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let _ = timeout(limit, async {
            tokio::select! {
                _ = self.stage.changed() => {}
                _ = self.crash.changed() => {}
                there = snapshot => if !there { std::future::pending::<()>().await },
            }
        })
        .await;
    }
}

/// All that menu, icon and tooltip depend on.
pub(crate) fn input(face: &Face, autostart: Autostart) -> Input {
    let stage = face.stage.borrow().clone();
    let crashed = face.crash.borrow().is_some();
    match stage {
        Stage::Running { core, .. } => running(&core.snapshot(), autostart, crashed),
        Stage::Starting => bare(Phase::Starting, autostart, crashed),
        Stage::Quitting => bare(Phase::Quitting, autostart, crashed),
        Stage::Failed(problem) => bare(Phase::Failed { reason: problem.reason }, autostart, crashed),
    }
}

fn bare(phase: Phase, autostart: Autostart, crashed: bool) -> Input {
    Input {
        phase,
        engine: Engine { code: "engine_checking".to_owned(), product: String::new(), available: true },
        isolation_enabled: true,
        servers: Vec::new(),
        paused: None,
        calls_running: 0,
        today: None,
        autostart,
        crashed,
    }
}

fn running(snapshot: &Snapshot, autostart: Autostart, crashed: bool) -> Input {
    let phase = match snapshot.phase {
        mcpproxy_core::Phase::Starting => Phase::Starting,
        mcpproxy_core::Phase::Running => Phase::Running,
        mcpproxy_core::Phase::Stopping => Phase::Quitting,
    };
    Input {
        phase,
        engine: engine(&snapshot.engine),
        isolation_enabled: snapshot.engine.isolation_enabled,
        servers: snapshot.servers.values().map(|view| server(view)).collect(),
        paused: snapshot.paused.map(|paused| clock(paused.since)),
        calls_running: 0,
        today: None,
        autostart,
        crashed,
    }
}

/// The time of day as clocks of this computer show it.
fn clock(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string()
}

fn engine(view: &EngineView) -> Engine {
    let product = view.fields.iter().find(|(name, _)| *name == "product").map(|(_, value)| value.clone());
    Engine { code: view.code.to_owned(), product: product.unwrap_or_default(), available: view.available }
}

fn server(view: &ServerView) -> Server {
    Server {
        name: view.name.clone(),
        code: code(view),
        sentence: mcpproxy_api::state_sentence(view),
        stand: stand(view),
        protection: protection(view),
        enabled: view.config.enabled,
        mend: mend(view),
    }
}

/// The code whose glyph and word stand beside the name.
fn code(view: &ServerView) -> String {
    let failure = view.failure.as_ref().map(|failure| failure.code);
    let has_look = |code: &&str| find(code).is_some_and(|entry| entry.look.is_some());
    match &view.state {
        ServerState::Waiting(wait) => wait.code(),
        ServerState::Preparing(progress) if progress.stage == "image" => "state_downloading",
        ServerState::Preparing(_) => "state_installing",
        ServerState::Starting => "state_starting",
        ServerState::Handshaking => "state_handshaking",
        ServerState::Ready => "state_ready",
        ServerState::Stopping => "state_stopping",
        ServerState::Disabled => "state_disabled",
        ServerState::Quarantined => "state_quarantined",
        ServerState::Backoff { .. } => {
            failure.filter(|code| *code == OUT_OF_MEMORY).unwrap_or("state_backoff")
        }
        ServerState::Failed => failure.filter(has_look).filter(has_word).unwrap_or("state_failed"),
    }
    .to_owned()
}

fn has_word(code: &&str) -> bool {
    mcpproxy_messages::word(code) != **code
}

/// The groups of the window's list.
fn stand(view: &ServerView) -> Stand {
    match &view.state {
        ServerState::Waiting(mcpproxy_core::Wait::Engine) => Stand::WaitsForEngine,
        ServerState::Failed | ServerState::Quarantined | ServerState::Backoff { .. } => Stand::NeedsYou,
        ServerState::Disabled => Stand::Off,
        ServerState::Waiting(_)
        | ServerState::Preparing(_)
        | ServerState::Starting
        | ServerState::Handshaking
        | ServerState::Ready
        | ServerState::Stopping => Stand::Running,
    }
}

fn protection(view: &ServerView) -> Protection {
    match view.placement {
        Placement::Container => Protection::Isolated,
        Placement::Host => Protection::Unprotected { minutes_left: None },
        Placement::OwnContainer => Protection::OwnContainer,
        Placement::Remote => Protection::Elsewhere,
    }
}

fn mend(view: &ServerView) -> Option<Mend> {
    if view.state == ServerState::Quarantined {
        return Some(Mend::Review);
    }
    more_memory(view).map(|to| Mend::RaiseMemory { to })
}

/// Twice the limit that a server died of.
pub(crate) fn more_memory(view: &ServerView) -> Option<String> {
    let failure = view.failure.as_ref().filter(|failure| failure.code == OUT_OF_MEMORY)?;
    let limit = failure.fields.iter().find(|(name, _)| *name == "limit").map(|(_, value)| value.as_str())?;
    twice(limit)
}

/// `512m` becomes `1g`.
fn twice(limit: &str) -> Option<String> {
    let digits = limit.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = limit[digits.len()..].to_ascii_lowercase();
    let doubled = digits.parse::<u64>().ok()?.checked_mul(2)?;
    match unit.chars().next() {
        Some('m') if doubled % 1024 == 0 => Some(format!("{}g", doubled / 1024)),
        Some(unit @ ('k' | 'm' | 'g')) => Some(format!("{doubled}{unit}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_doubled_in_the_unit_that_reads_best() {
        assert_eq!(twice("512m").as_deref(), Some("1g"));
        assert_eq!(twice("300m").as_deref(), Some("600m"));
        assert_eq!(twice("2g").as_deref(), Some("4g"));
        assert_eq!(twice("1048576"), None);
        assert_eq!(twice("much"), None);
    }

    #[test]
    fn before_the_core_answers_the_tray_starts_and_offers_quit() {
        let input = bare(Phase::Starting, Autostart::Off, false);
        assert_eq!(mcpproxy_menu::icon(&input), mcpproxy_menu::IconState::Starting);
        assert!(mcpproxy_menu::menu(&input).outline().contains("Quit MCPProxy"));
    }
}
