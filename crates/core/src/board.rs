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
    changes: Mutex<ChangeLog>,
}

impl Board {
    pub(crate) fn new(engine: EngineView, file: FileView, listen: String) -> Self {
        let snapshot = Snapshot {
            revision: 0,
            phase: Phase::Starting,
            servers: Arc::new(IndexMap::new()),
            engine: Arc::new(engine),
            file: Arc::new(file),
            listen,
            started_at: Timestamp::now(),
        };
        Self { snapshot: watch::Sender::new(Arc::new(snapshot)), changes: Mutex::default() }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.borrow())
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.subscribe()
    }

    pub(crate) fn changes(&self, since: u64) -> Result<Vec<Change>, TooOld> {
        self.log().since(since)
    }

    pub(crate) fn put_server(&self, kind: ChangeKind, view: ServerView) {
        let name = view.name.clone();
        self.update(kind, vec![name.clone()], |snapshot| {
            Arc::make_mut(&mut snapshot.servers).insert(name, Arc::new(view));
        });
    }

    /// Keeps these servers only, in this order; those that are not there yet come with their first view.
    pub(crate) fn arrange(&self, names: &[String], affected: Vec<String>) -> u64 {
        self.update(ChangeKind::Servers, affected, |snapshot| {
            let servers = Arc::make_mut(&mut snapshot.servers);
            servers.retain(|name, _| names.contains(name));
            servers.sort_by_cached_key(|name, _| names.iter().position(|known| known == name));
        })
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

    pub(crate) fn set_phase(&self, phase: Phase) {
        self.update(ChangeKind::Core, Vec::new(), |snapshot| snapshot.phase = phase);
    }

    pub(crate) fn revision(&self) -> u64 {
        self.snapshot.borrow().revision
    }

    /// Number and snapshot change together: whoever sees the number sees what it stands for.
    fn update(&self, kind: ChangeKind, servers: Vec<String>, edit: impl FnOnce(&mut Snapshot)) -> u64 {
        let mut log = self.log();
        let mut revision = 0;
        self.snapshot.send_modify(|current| {
            let snapshot = Arc::make_mut(current);
            edit(snapshot);
            revision = log.push(kind, servers);
            snapshot.revision = revision;
        });
        revision
    }

    fn log(&self) -> MutexGuard<'_, ChangeLog> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
