//! What was done, by whom, and how it went: kept in a file of the data folder, within limits, without secrets.
//!
//! The way of a call hands a record over and goes on; a thread of its own does all that takes time. What is read comes
//! over connections of its own, which never wait for the writer.
mod observe;
mod of_call;
mod query;
mod queue;
mod record;
mod redact;
mod store;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use mcpproxy_config::{ActivityConfig, Config};
use mcpproxy_gateway::{CallRecord, Recorder, SessionRecord};
use mcpproxy_secrets::{Redactor, Secret};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Duration, timeout},
};

pub(crate) use observe::{commanded, ended, file_edited, observe, started};
pub use query::{Filter, Page, Summary, Sums, Window};
pub(crate) use record::Entry;
pub use record::{Kind, Origin, Record, Status};
use writer::{Shared, Writer};

/// How long a reader waits for what was done just before to be written.
const FRESH: Duration = Duration::from_secs(2);

/// How many calls there were today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Today {
    /// Calls, those included that were not recorded.
    pub calls: u64,
    /// Calls that ended with an error.
    pub failed: u64,
    /// Calls that our rules did not let through.
    pub blocked: u64,
}

impl Today {
    fn count(&mut self, entry: &Entry) {
        if entry.kind.is_call() || entry.kind == Kind::Missed {
            self.calls += entry.count;
        }
        if entry.kind.is_call() {
            match entry.status {
                Status::Error => self.failed += 1,
                Status::Blocked | Status::Rejected => self.blocked += 1,
                Status::Success | Status::Cancelled => {}
            }
        }
    }
}

/// Why nothing is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: &'static str,
    /// The exact words of the system.
    pub detail: String,
}

impl Problem {
    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        mcpproxy_messages::render(self.code, &[("detail", &self.detail)])
    }
}

/// What changed last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pulse {
    /// Records written in this run.
    pub written: u64,
    /// Counts of that day.
    pub today: Today,
    /// The day that they are of.
    pub day: Option<jiff::civil::Date>,
    /// Why nothing is written, if so.
    pub problem: Option<Problem>,
}

/// Why records cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    /// The file cannot be read.
    #[error("The history of calls cannot be read: {0}.")]
    Unreadable(String),
    /// The file is damaged; it is being set aside.
    #[error("The history of calls is damaged ({0}). It is kept under another name, and a new one begins.")]
    Damaged(String),
}

impl ActivityError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "activity_unreadable",
            Self::Damaged(_) => "activity_damaged",
        }
    }
}

/// The records. Cheap to clone.
#[derive(Clone)]
pub struct Activity {
    shared: Arc<Shared>,
    pulse: watch::Receiver<Pulse>,
}

/// The thread that writes, to be ended by its owner.
pub(crate) struct Recording {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Activity {
    /// Starts to record into the data folder; the second value ends it. A file that cannot be used is told and
    /// refuses no start.
    pub(crate) fn start(
        data_dir: &Path,
        config: &Config,
        given: Option<Secret>,
        redactors: crate::logs::Redactors,
    ) -> (Self, Recording) {
        let (sender, pulse) = watch::channel(Pulse::default());
        let shared = Arc::new(Shared {
            path: data_dir.join(store::FILE),
            queue: queue::Queue::default(),
            config: ArcSwap::from_pointee(config.activity),
            redactors,
            keys: ArcSwap::from_pointee(keys(config, given.as_ref())),
            given,
            pulse: sender,
            damaged: false.into(),
        });
        let writer = Writer::new(Arc::clone(&shared));
        let thread = std::thread::Builder::new().name("activity".into()).spawn(move || writer.run());
        let thread = thread.inspect_err(|error| tracing::error!(%error, "calls are not recorded")).ok();
        (Self { shared: Arc::clone(&shared), pulse }, Recording { shared, thread })
    }

    /// From now on the limits and keys of this configuration hold.
    pub(crate) fn configure(&self, config: &Config) {
        let activity: ActivityConfig = config.activity;
        if **self.shared.config.load() != activity {
            self.shared.config.store(Arc::new(activity));
        }
        self.shared.keys.store(Arc::new(keys(config, self.shared.given.as_ref())));
    }

    /// Puts an event in.
    pub(crate) fn put(&self, entry: Entry) {
        self.shared.queue.put_entry(entry);
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Today's counts.
    pub fn today(&self) -> Today {
        let pulse = self.pulse.borrow();
        // The day may have ended since the last call.
        if pulse.day == Some(writer::today()) { pulse.today } else { Today::default() }
    }

    /// Why nothing is recorded, if so.
    pub fn problem(&self) -> Option<Problem> {
        self.pulse.borrow().problem.clone()
    }

    /// Wakes whenever something was written.
    pub fn watch(&self) -> watch::Receiver<Pulse> {
        self.pulse.clone()
    }

    /// A part of the records, with everything that was done before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn page(&self, filter: Filter, window: Window) -> Result<Page, ActivityError> {
        self.read(move |connection| query::page(connection, &filter, &window)).await
    }

    /// One record with what went in and out; `None` when there is none of this id, or no longer.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn record(&self, id: &str) -> Result<Option<Record>, ActivityError> {
        let Some((seq, at)) = record::parse_id(id) else { return Ok(None) };
        self.read(move |connection| query::one(connection, seq, at)).await
    }

    /// Sums over the calls since a moment; since the last midnight here when none is given.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn summary(&self, since: Option<Timestamp>) -> Result<Summary, ActivityError> {
        let since = since.unwrap_or_else(writer::start_of_today);
        self.read(move |connection| query::summary(connection, since, Timestamp::MAX)).await
    }

    /// The place of the newest record, to ask for newer ones later.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn newest(&self) -> Result<u64, ActivityError> {
        self.read(query::newest).await
    }

    async fn read<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    ) -> Result<T, ActivityError> {
        // A disk that hangs does not keep what is there from being read.
        let _ = timeout(FRESH, self.shared.queue.flush()).await;
        let path: PathBuf = self.shared.path.clone();
        let done = tokio::task::spawn_blocking(move || {
            if !path.exists() {
                return Ok(T::default());
            }
            store::open_reader(&path).and_then(|connection| work(&connection))
        });
        let outcome = done.await.map_err(|error| ActivityError::Unreadable(error.to_string()))?;
        outcome.map_err(|error| {
            if store::is_damage(&error) {
                self.shared.damaged.store(true, Ordering::Relaxed);
                drop(self.shared.queue.flush());
                return ActivityError::Damaged(error.to_string());
            }
            ActivityError::Unreadable(error.to_string())
        })
    }
}

impl Recorder for Activity {
    fn has_room(&self) -> bool {
        self.shared.queue.has_room()
    }

    fn call(&self, record: CallRecord) {
        self.shared.queue.put_call(record);
    }

    fn session(&self, record: SessionRecord) {
        let client = of_call::client(&record.client, Some(&record.credential));
        let name = client.clone().unwrap_or_else(|| "?".to_owned());
        let code = if record.began { "activity_client_came" } else { "activity_client_left" };
        self.put(Entry {
            at: Timestamp::now(),
            kind: Kind::Client,
            origin: Origin::Mcp,
            client,
            session: Some(record.number),
            code: Some(code),
            fields: Some(json!({"client": name, "version": record.version}).to_string()),
            count: 1,
            ..Entry::default()
        });
    }
}

impl Recording {
    /// Writes what waits and ends the thread.
    pub(crate) fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.queue.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.end();
    }
}

/// The keys of our own doors: a client may repeat its key anywhere.
fn keys(config: &Config, given: Option<&Secret>) -> Redactor {
    let admin = config.api_key.iter().map(|key| ("api_key", Secret::new(key)));
    let admin = admin.chain(given.map(|key| ("api_key", key.clone())));
    let clients = config.keys.iter().map(|client| (client.name.as_str(), Secret::new(&client.key)));
    Redactor::new(admin.chain(clients))
}

#[cfg(test)]
mod tests;
