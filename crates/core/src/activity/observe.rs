//! From snapshots to records: what a server, the engine or the program did between two of them.
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::{Duration, Instant, sleep_until};

use super::{Activity, Entry, Kind, Origin, Status};
use crate::{
    ChangeKind, Command, Edit, EngineView, Outcome, Phase, Placement, ServerState, ServerView, Snapshot,
    board::Board,
};

/// How often whoever shows records is told that there are new ones, at most.
const TELL: Duration = Duration::from_millis(250);

/// Records what snapshots show, and tells the change log of new records, until the core ends.
pub(crate) async fn observe(activity: Activity, board: Arc<Board>) {
    let (mut snapshots, mut pulse) = (board.watch(), activity.watch());
    let mut seen = Arc::clone(&snapshots.borrow_and_update());
    let (mut due, mut untold) = (Instant::now(), false);
    loop {
        tokio::select! {
            Ok(()) = snapshots.changed() => {
                let now = Arc::clone(&snapshots.borrow_and_update());
                differences(&seen, &now).into_iter().for_each(|entry| activity.put(entry));
                seen = now;
            }
            Ok(()) = pulse.changed() => {
                pulse.mark_unchanged();
                untold = true;
            }
            () = sleep_until(due), if untold => {
                board.note(ChangeKind::Activity, Vec::new());
                (due, untold) = (Instant::now() + TELL, false);
            }
            else => return,
        }
    }
}

/// The record of a program that starts.
pub(crate) fn started(version: &str) -> Entry {
    event(Kind::Start, None, "activity_started", &[("version", version)])
}

/// The record of a program that ends.
pub(crate) fn ended() -> Entry {
    event(Kind::Stop, None, "activity_ended", &[])
}

/// The record of a file that was edited by hand.
pub(crate) fn file_edited(affected: &[String]) -> Entry {
    let servers = affected.join(", ");
    let fields = [("servers", servers.as_str())];
    let fields = if affected.is_empty() { &[][..] } else { &fields };
    Entry { origin: Origin::File, ..event(Kind::Config, None, "activity_file_edited", fields) }
}

/// The record of a command that was carried out; looks and reads are none.
pub(crate) fn commanded(command: &Command, outcome: &Outcome, origin: Origin) -> Option<Entry> {
    let (kind, server) = match command {
        Command::Isolate { name, .. } => (Kind::Isolation, Some(name)),
        Command::IsolateAll { .. } => (Kind::Isolation, None),
        Command::Restart { name } => {
            let entry = event(Kind::Server, Some(name), "activity_server_restarted", &[("server", name)]);
            return Some(Entry { origin, ..entry });
        }
        _ => (Kind::Config, outcome.edits.first().and_then(|edit| edit.server.as_ref())),
    };
    if outcome.edits.is_empty() {
        return None;
    }
    let keys: Vec<String> = outcome.edits.iter().map(key).collect();
    let entry =
        event(kind, server.map(String::as_str), "activity_config_changed", &[("keys", &keys.join(", "))]);
    let values: Map<String, Value> =
        outcome.edits.iter().map(|edit| (key(edit), edit.value.clone().unwrap_or_default())).collect();
    // Redacted by the thread that writes, as everything.
    Some(Entry { origin, arguments: Some(Value::from(values).to_string()), ..entry })
}

/// The place of an edit as people write it.
fn key(edit: &Edit) -> String {
    let parts = edit.server.iter().chain(&edit.path);
    parts.map(String::as_str).collect::<Vec<_>>().join(".")
}

/// What happened between two snapshots.
fn differences(old: &Snapshot, new: &Snapshot) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (name, view) in new.servers.iter() {
        match old.servers.get(name) {
            Some(before) if Arc::ptr_eq(before, view) => {}
            Some(before) => entries.extend(of_server(before, view)),
            // What the file has at the start was not added now.
            None if old.phase == Phase::Starting => {}
            None => {
                entries.push(event(Kind::Server, Some(name), "activity_server_added", &[("server", name)]))
            }
        }
    }
    for name in old.servers.keys().filter(|name| !new.servers.contains_key(*name)) {
        entries.push(event(Kind::Server, Some(name), "activity_server_removed", &[("server", name)]));
    }
    if old.paused.is_some() != new.paused.is_some() {
        let code = if new.paused.is_some() { "activity_paused" } else { "activity_resumed" };
        entries.push(Entry { origin: Origin::Person, ..event(Kind::Pause, None, code, &[]) });
    }
    entries.extend(of_engine(&old.engine, &new.engine));
    entries
}

fn of_server(old: &ServerView, new: &ServerView) -> Vec<Entry> {
    let name = new.name.as_str();
    let of = |kind, code| event(kind, Some(name), code, &[("server", name)]);
    let mut entries = Vec::new();
    if old.placement != new.placement {
        entries.push(of(
            Kind::Isolation,
            match new.placement {
                Placement::Container => "activity_server_isolated",
                Placement::Host => "activity_server_unprotected",
                Placement::OwnContainer | Placement::Remote => "activity_server_elsewhere",
            },
        ));
    }
    let same = old.state.id() == new.state.id();
    // A process that ended and another that is there already are seen in one step when they are quick.
    if same && new.state == ServerState::Ready && old.starts != new.starts {
        entries.push(of(Kind::Server, "activity_server_stopped"));
        entries.push(of(Kind::Server, "activity_server_ready"));
    }
    if same {
        return entries;
    }
    let was_ready = old.state == ServerState::Ready;
    match &new.state {
        ServerState::Ready => entries.push(of(Kind::Server, "activity_server_ready")),
        ServerState::Backoff { .. } | ServerState::Failed => {
            let reason = new.failure.as_ref().map(|failure| failure.sentence()).unwrap_or_default();
            let fields = [("server", name), ("reason", reason.as_str())];
            let failed = event(Kind::Server, Some(name), "activity_server_failed", &fields);
            entries.push(Entry { status: Status::Error, error: Some(reason), ..failed });
        }
        ServerState::Quarantined => entries.push(of(Kind::Quarantine, "activity_server_held")),
        ServerState::Disabled => entries.push(of(Kind::Server, "activity_server_off")),
        _ if was_ready => entries.push(of(Kind::Server, "activity_server_stopped")),
        _ => {}
    }
    if old.state == ServerState::Quarantined {
        entries.push(of(Kind::Quarantine, "activity_server_released"));
    }
    entries
}

fn of_engine(old: &EngineView, new: &EngineView) -> Option<Entry> {
    let looked = old.code != "engine_checking";
    if old.available == new.available && (looked || new.available || old.code == new.code) {
        return None;
    }
    let sentence = new.sentence();
    let status = if new.available { Status::Success } else { Status::Error };
    Some(Entry { status, ..event(Kind::Engine, None, "activity_engine", &[("sentence", &sentence)]) })
}

fn event(kind: Kind, server: Option<&str>, code: &'static str, fields: &[(&str, &str)]) -> Entry {
    let fields: Map<String, Value> =
        fields.iter().map(|(name, word)| ((*name).to_owned(), Value::from(*word))).collect();
    Entry {
        at: Timestamp::now(),
        kind,
        server: server.map(str::to_owned),
        code: Some(code),
        fields: Some(Value::from(fields).to_string()),
        count: 1,
        ..Entry::default()
    }
}

#[cfg(test)]
mod tests;
