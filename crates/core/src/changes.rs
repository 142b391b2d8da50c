//! The numbered log of changes: names and a number, never whole snapshots, bounded.
use std::collections::VecDeque;

/// Changes that are remembered; who asks for older ones reads a whole snapshot instead.
const KEPT: usize = 1024;

/// What changed at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision of the first snapshot that shows it.
    pub revision: u64,
    /// What kind of thing changed.
    pub kind: ChangeKind,
    /// The servers it concerns.
    pub servers: Vec<String>,
}

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A server's state.
    State,
    /// How far a download or an installation is.
    Progress,
    /// A server's tools.
    Tools,
    /// Which servers there are, or their settings.
    Servers,
    /// The engine.
    Engine,
    /// The configuration file was read, or is broken.
    Config,
    /// The core itself: its phase or address.
    Core,
    /// All servers are paused, or go on.
    Paused,
    /// Clients' files, connections or keys.
    Clients,
    /// A call or another event was recorded.
    Activity,
}

impl ChangeKind {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Progress => "progress",
            Self::Tools => "tools",
            Self::Servers => "servers",
            Self::Engine => "engine",
            Self::Config => "config",
            Self::Core => "core",
            Self::Paused => "paused",
            Self::Clients => "clients",
            Self::Activity => "activity",
        }
    }
}

/// The changes asked for are no longer remembered: read a whole snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Changes before revision {oldest} are no longer remembered. Read everything once.")]
pub struct TooOld {
    /// The oldest revision that is still remembered.
    pub oldest: u64,
}

impl TooOld {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        "changes_too_old"
    }
}

/// The log.
///
/// An entry says "look at this again", so a newer one of the same kind and servers replaces the older: nobody needs
/// both, and a busy server cannot push everybody else's changes out.
#[derive(Debug)]
pub(crate) struct ChangeLog {
    entries: VecDeque<Change>,
    revision: u64,
    /// Changes up to this revision are not all remembered.
    forgotten: u64,
}

impl ChangeLog {
    /// A log whose numbers begin after `start`. A number from an earlier run is below `start`, so that whoever comes
    /// back with one is told to read everything.
    pub(crate) const fn new(start: u64) -> Self {
        Self { entries: VecDeque::new(), revision: start, forgotten: start }
    }

    /// The newest revision.
    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Notes a change and returns its revision.
    pub(crate) fn push(&mut self, kind: ChangeKind, servers: Vec<String>) -> u64 {
        self.revision += 1;
        let same = |entry: &Change| entry.kind == kind && entry.servers == servers;
        if let Some(older) = self.entries.iter().rposition(same) {
            self.entries.remove(older);
        }
        if self.entries.len() == KEPT
            && let Some(oldest) = self.entries.pop_front()
        {
            self.forgotten = oldest.revision;
        }
        self.entries.push_back(Change { revision: self.revision, kind, servers });
        self.revision
    }

    /// All changes after revision `since`.
    pub(crate) fn since(&self, since: u64) -> Result<Vec<Change>, TooOld> {
        if since < self.forgotten || since > self.revision {
            return Err(TooOld { oldest: self.forgotten });
        }
        let first = self.entries.partition_point(|change| change.revision <= since);
        Ok(self.entries.range(first..).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(changes: &[Change]) -> Vec<&str> {
        changes.iter().flat_map(|change| change.servers.iter().map(String::as_str)).collect()
    }

    #[test]
    fn changes_after_a_revision_are_returned_in_order() {
        let mut log = ChangeLog::new(0);
        log.push(ChangeKind::Servers, vec!["a".into(), "b".into()]);
        let mark = log.push(ChangeKind::State, vec!["a".into()]);
        log.push(ChangeKind::State, vec!["b".into()]);
        let seen = log.since(mark).unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].servers, ["b"]);
        assert_eq!(log.since(mark + 1).unwrap(), []);
    }

    #[test]
    fn what_happens_over_and_over_keeps_only_its_newest_entry() {
        let mut log = ChangeLog::new(0);
        log.push(ChangeKind::Engine, Vec::new());
        for _ in 0..5000 {
            log.push(ChangeKind::Progress, vec!["a".into()]);
            log.push(ChangeKind::State, vec!["b".into()]);
        }
        assert_eq!(servers(&log.since(0).unwrap()), ["a", "b"]);
        assert_eq!(log.since(0).unwrap()[0].kind, ChangeKind::Engine);
        assert_eq!(log.since(10_000).unwrap()[0].revision, 10_001);
    }

    #[test]
    fn who_asks_for_forgotten_changes_is_told_so() {
        let mut log = ChangeLog::new(0);
        for turn in 0..=KEPT {
            log.push(ChangeKind::State, vec![turn.to_string()]);
        }
        let error = log.since(0).unwrap_err();
        assert_eq!((error.code(), error.oldest), ("changes_too_old", 1));
        assert_eq!(log.since(1).unwrap().len(), KEPT);
    }

    #[test]
    fn a_number_from_another_run_is_too_old_on_either_side() {
        let mut log = ChangeLog::new(500);
        log.push(ChangeKind::Core, Vec::new());
        for foreign in [0, 499, 502, u64::MAX] {
            assert!(log.since(foreign).is_err(), "{foreign}");
        }
        assert_eq!(log.since(500).unwrap().len(), 1);
    }
}
