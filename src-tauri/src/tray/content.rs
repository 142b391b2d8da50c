//! From what is true to what the menu needs to know.

use crate::{face::Face, stage::Stage};
use mcpproxy_core::{Core, EngineView, Placement, Pulse, ServerState, ServerView, Snapshot, Unprotected};
use mcpproxy_menu::{Autostart, Engine, Input, Mend, Phase, Protection, Server, Stand, Today};
use mcpproxy_messages::find;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

/// The failure that more memory mends.
const OUT_OF_MEMORY: &str = "server_out_of_memory";

/// How often is looked whether calls run, and so how long one must run to be worth a mark.
const LOOK: Duration = Duration::from_millis(400);
/// How long the mark stays, so that nobody sees it flicker.
const LEAST: Duration = Duration::from_secs(1);

/// Calls that run for a while, looked for now and then: nothing tells of their beginning and end.
#[derive(Debug, Default)]
struct Calls {
    /// How many ran at the look before.
    before: usize,
    /// How many are shown, and since when at least one is.
    shown: usize,
    since: Option<Instant>,
}

impl Calls {
    /// Takes a look; answers whether something else is to be shown.
    fn look(&mut self, now: Instant, running: usize) -> bool {
        let lasting = running.min(self.before);
        self.before = running;
        let wanted = match self.since {
            Some(since) if lasting == 0 && now.duration_since(since) < LEAST => self.shown,
            _ => lasting,
        };
        self.since = if wanted == 0 { None } else { self.since.or(Some(now)) };
        std::mem::replace(&mut self.shown, wanted) != wanted
    }
}

/// Calls that run now.
pub(crate) fn calls_running(core: &Core) -> usize {
    core.gateway().sessions().iter().map(|session| session.in_flight).sum()
}

/// Wakes when something that the tray shows may have changed.
pub(crate) struct Changes {
    stage: watch::Receiver<Stage>,
    crash: watch::Receiver<Option<crate::crash::Crash>>,
    running: Option<(watch::Receiver<Arc<Snapshot>>, watch::Receiver<Pulse>)>,
    calls: Calls,
}

impl Changes {
    pub(crate) fn new(face: &Face) -> Self {
        Self {
            stage: face.stage.clone(),
            crash: face.crash.subscribe(),
            running: None,
            calls: Calls::default(),
        }
    }

    /// Everything until now has been seen.
    pub(crate) fn seen(&mut self) {
        self.crash.mark_unchanged();
    }

    /// Waits for a change, at most so long.
    pub(crate) async fn next(&mut self, limit: Duration) {
        if self.running.is_none() {
            let core: Option<Core> = self.stage.borrow_and_update().core();
            self.running = core.map(|core| (core.watch(), core.activity().watch()));
        }
        let core = self.stage.borrow().core();
        let Self { stage, crash, running, calls } = self;
        let snapshot = async {
            let Some((snapshot, pulse)) = running else { return std::future::pending().await };
            tokio::select! {
                changed = snapshot.changed() => changed.is_ok(),
                changed = pulse.changed() => changed.is_ok(),
            }
        };
        let looks = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                let now = look.tick().await;
                if core.as_ref().is_some_and(|core| calls.look(now, calls_running(core))) {
                    return;
                }
            }
        };
        let _ = timeout(limit, async {
            tokio::select! {
                _ = stage.changed() => {}
                _ = crash.changed() => {}
                there = snapshot => if !there { std::future::pending::<()>().await },
                () = looks => {}
            }
        })
        .await;
    }

    /// Calls that are worth a mark.
    pub(crate) const fn calls(&self) -> usize {
        self.calls.shown
    }
}

/// All that menu, icon and tooltip depend on.
pub(crate) fn input(face: &Face, autostart: Autostart, calls_running: usize) -> Input {
    let stage = face.stage.borrow().clone();
    let crashed = face.crash.borrow().is_some();
    match stage {
        Stage::Running { core, .. } => {
            let today = core.activity().today();
            let today = Today { calls: today.calls, failed: today.failed, blocked: today.blocked };
            Input { today: Some(today), calls_running, ..running(&core.snapshot(), autostart, crashed) }
        }
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
        servers: snapshot.servers.values().map(|view| server(view, snapshot.paused.is_some())).collect(),
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
    // The line says "Docker" already.
    let named = view.fields.iter().find(|(name, value)| *name == "product" && value != "Docker");
    let product = named.map(|(_, value)| value.clone());
    Engine { code: view.code.to_owned(), product: product.unwrap_or_default(), available: view.available }
}

fn server(view: &ServerView, paused: bool) -> Server {
    let held = paused && view.state == ServerState::Ready;
    Server {
        name: view.name.clone(),
        code: if held { "state_paused".to_owned() } else { code(view) },
        sentence: mcpproxy_api::state_sentence(view),
        stand: if held { Stand::Asleep } else { stand(view) },
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
        Placement::Host => Protection::Unprotected { minutes_left: view.unprotected.and_then(minutes_left) },
        Placement::OwnContainer => Protection::OwnContainer,
        Placement::Remote => Protection::Elsewhere,
    }
}

/// Minutes until it is isolated again, rounded up: the last one reads 1, not 0.
fn minutes_left(unprotected: Unprotected) -> Option<u64> {
    match unprotected {
        Unprotected::Until(end) => {
            let seconds = end.duration_since(jiff::Timestamp::now()).as_secs().max(0);
            u64::try_from(seconds).ok().map(|seconds| seconds.div_ceil(60))
        }
        Unprotected::UntilQuit => None,
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
    fn a_call_is_marked_when_it_lasts_and_the_mark_does_not_flicker() {
        let mut calls = Calls::default();
        let at = |looks: u32| Instant::now() + LOOK * looks;
        assert!(!calls.look(at(0), 1), "it may be over soon");
        assert!(calls.look(at(1), 1));
        assert_eq!(calls.shown, 1);
        assert!(!calls.look(at(2), 0), "it is shown for a second");
        assert_eq!(calls.shown, 1);
        assert!(calls.look(at(5), 0));
        assert_eq!((calls.shown, calls.since), (0, None));
    }

    #[test]
    fn before_the_core_answers_the_tray_starts_and_offers_quit() {
        let input = bare(Phase::Starting, Autostart::Off, false);
        assert_eq!(mcpproxy_menu::icon(&input), mcpproxy_menu::IconState::Starting);
        assert!(mcpproxy_menu::menu(&input).outline().contains("Quit MCPProxy"));
    }
}
