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
#[derive(Debug, Default)]
pub(crate) struct ChangeLog {
    entries: VecDeque<Change>,
    revision: u64,
}

impl ChangeLog {
    /// Notes a change and returns its revision. Progress of the same servers replaces the entry before it.
    pub(crate) fn push(&mut self, kind: ChangeKind, servers: Vec<String>) -> u64 {
        self.revision += 1;
        if kind == ChangeKind::Progress {
            let same = self.entries.back().is_some_and(|last| last.kind == kind && last.servers == servers);
            if same {
                self.entries.pop_back();
            }
        }
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Change { revision: self.revision, kind, servers });
        self.revision
    }

    /// All changes after revision `since`.
    pub(crate) fn since(&self, since: u64) -> Result<Vec<Change>, TooOld> {
        if since >= self.revision {
            return Ok(Vec::new());
        }
        match self.entries.front() {
            Some(first) if since + 1 < first.revision && self.entries.len() == KEPT => {
                Err(TooOld { oldest: first.revision })
            }
            _ => Ok(self.entries.iter().filter(|change| change.revision > since).cloned().collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_after_a_revision_are_returned_in_order() {
        let mut log = ChangeLog::default();
        log.push(ChangeKind::Servers, vec!["a".into(), "b".into()]);
        let mark = log.push(ChangeKind::State, vec!["a".into()]);
        log.push(ChangeKind::State, vec!["b".into()]);
        let seen = log.since(mark).unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].servers, ["b"]);
        assert_eq!(log.since(mark + 1).unwrap(), []);
    }

    #[test]
    fn progress_of_one_server_keeps_only_its_newest_entry() {
        let mut log = ChangeLog::default();
        for _ in 0..5000 {
            log.push(ChangeKind::Progress, vec!["a".into()]);
        }
        assert_eq!(log.since(0).unwrap().len(), 1);
        assert_eq!(log.since(4999).unwrap()[0].revision, 5000);
    }

    #[test]
    fn who_asks_for_forgotten_changes_is_told_so() {
        let mut log = ChangeLog::default();
        for turn in 0..=KEPT {
            log.push(ChangeKind::State, vec![turn.to_string()]);
        }
        let error = log.since(0).unwrap_err();
        assert_eq!((error.code(), error.oldest), ("changes_too_old", 2));
        assert_eq!(log.since(1).unwrap().len(), KEPT);
    }

    #[test]
    fn a_revision_from_the_future_has_no_changes() {
        assert_eq!(ChangeLog::default().since(7).unwrap(), []);
    }
}
