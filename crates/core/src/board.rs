//! The one place where snapshots are published. Each writer owns its part: a server's task its own view.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    Change, ChangeKind, EngineView, FileView, Phase, ServerView, Snapshot, TooOld, changes::ChangeLog,
};

/// Snapshots and the numbered log of what changed between them.
pub(crate) struct Board {
    snapshot: watch::Sender<Arc<Snapshot>>,
    log: Mutex<Log>,
}

/// What changes together with a snapshot.
struct Log {
    changes: ChangeLog,
    /// The servers that are to be seen, in the order of the file.
    order: Vec<String>,
}

impl Board {
    pub(crate) fn new(engine: EngineView, file: FileView, listen: String) -> Self {
        let changes = ChangeLog::new(first_revision());
        let snapshot = Snapshot {
            revision: changes.revision(),
            phase: Phase::Starting,
            servers: Arc::new(IndexMap::new()),
            engine: Arc::new(engine),
            file: Arc::new(file),
            listen,
            clients: Arc::default(),
            started_at: Timestamp::now(),
            paused: None,
        };
        Self {
            snapshot: watch::Sender::new(Arc::new(snapshot)),
            log: Mutex::new(Log { changes, order: Vec::new() }),
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.subscribe()
    }

    pub(crate) fn changes(&self, since: u64) -> Result<Vec<Change>, TooOld> {
        self.log().changes.since(since)
    }

    /// Shows a server's newest view; one that was removed meanwhile stays out of sight.
    pub(crate) fn put_server(&self, kind: ChangeKind, view: ServerView) {
        let name = view.name.clone();
        let mut log = self.log();
        if !log.order.contains(&name) {
            return;
        }
        let order = log.order.clone();
        self.publish(&mut log, kind, vec![name.clone()], |snapshot| {
            let servers = Arc::make_mut(&mut snapshot.servers);
            if servers.insert(name, Arc::new(view)).is_none() {
                servers.sort_by_cached_key(|name, _| order.iter().position(|known| known == name));
            }
        });
    }

    /// From now on these servers are seen, in this order.
    pub(crate) fn arrange(&self, names: Vec<String>) {
        let mut log = self.log();
        log.order.clone_from(&names);
        self.publish(&mut log, ChangeKind::Servers, Vec::new(), |snapshot| {
            let servers = Arc::make_mut(&mut snapshot.servers);
            servers.retain(|name, _| names.contains(name));
            servers.sort_by_cached_key(|name, _| names.iter().position(|known| known == name));
        });
    }

    /// Notes that the settings of these servers changed.
    pub(crate) fn note_servers(&self, affected: Vec<String>) {
        self.note(ChangeKind::Servers, affected);
    }

    pub(crate) fn set_engine(&self, edit: impl FnOnce(&mut EngineView)) {
        self.update(ChangeKind::Engine, Vec::new(), |snapshot| edit(Arc::make_mut(&mut snapshot.engine)));
    }

    pub(crate) fn set_file(&self, edit: impl FnOnce(&mut FileView)) {
        self.update(ChangeKind::Config, Vec::new(), |snapshot| edit(Arc::make_mut(&mut snapshot.file)));
    }

    pub(crate) fn set_listen(&self, listen: String) {
        self.update(ChangeKind::Core, Vec::new(), |snapshot| snapshot.listen = listen);
    }

    pub(crate) fn note_client(&self, name: &str, at: Timestamp) {
        self.update(ChangeKind::Clients, Vec::new(), |snapshot| {
            Arc::make_mut(&mut snapshot.clients).insert(name.to_owned(), at);
        });
    }

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.update(ChangeKind::Core, Vec::new(), |snapshot| snapshot.phase = phase);
    }

    /// Notes that something changed which is no part of a snapshot: whoever shows it asks again.
    pub(crate) fn note(&self, kind: ChangeKind, servers: Vec<String>) {
        self.update(kind, servers, |_| {});
    }

    pub(crate) fn set_paused(&self, paused: Option<crate::PausedView>) {
        self.update(ChangeKind::Paused, Vec::new(), |snapshot| snapshot.paused = paused);
    }

    /// The pause that was begun has come to rest.
    pub(crate) fn settle_pause(&self) {
        self.update(ChangeKind::Paused, Vec::new(), |snapshot| {
            if let Some(paused) = &mut snapshot.paused {
                paused.settled = true;
            }
        });
    }

    pub(crate) fn revision(&self) -> u64 {
        self.snapshot.borrow().revision
    }

    fn update(&self, kind: ChangeKind, servers: Vec<String>, edit: impl FnOnce(&mut Snapshot)) {
        self.publish(&mut self.log(), kind, servers, edit);
    }

    /// Number and snapshot change together: whoever sees the number sees what it stands for.
    fn publish(
        &self,
        log: &mut Log,
        kind: ChangeKind,
        servers: Vec<String>,
        edit: impl FnOnce(&mut Snapshot),
    ) {
        self.snapshot.send_modify(|current| {
            let snapshot = Arc::make_mut(current);
            edit(snapshot);
            snapshot.revision = log.changes.push(kind, servers);
        });
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The milliseconds of now: no run makes a thousand changes a second for its whole life, so the numbers of a later run
/// are always higher.
fn first_revision() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

/// A board over nothing.
#[cfg(test)]
pub(crate) fn empty_for_tests() -> Board {
    let engine = EngineView {
        code: "engine_checking",
        fields: Vec::new(),
        available: false,
        endpoint: None,
        source: None,
        version: None,
        docker_path: None,
        isolation_enabled: true,
        failures: 0,
        checked_at: None,
        answered_at: None,
    };
    let file = FileView {
        path: "x".into(),
        problem: None,
        read_at: Timestamp::now(),
        needs_restart: Vec::new(),
        notes: Vec::new(),
    };
    Board::new(engine, file, String::new())
}
