//! The one thread that writes: it takes what waits, takes the secrets out, writes it, and takes away what is too much.
//!
//! It works at most a tenth of the time, so that a flood of calls costs the calls nothing: what comes faster is counted
//! and told in one record.
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use mcpproxy_config::ActivityConfig;
use mcpproxy_secrets::Redactor;
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::watch;

use super::{
    Problem, Pulse, Today,
    of_call::entry_of_call,
    query,
    queue::{Event, Queue, Taken},
    record::{Entry, Kind, Status},
    redact,
    store::{self, Limits},
};

/// How many times as long as it worked the thread rests.
const REST: u32 = 9;
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// Records after which the limits are looked at without waiting for the time.
const LOOK_AFTER: u64 = 1000;
/// How often calls that were not recorded are told while they still come.
const TELL_MISSED: Duration = Duration::from_secs(10);
/// How long a file that cannot be opened is left alone.
const RETRY: Duration = Duration::from_secs(10);

/// Bytes of an event's words that are kept.
const WORDS: usize = 4096;

/// What the thread shares with the handles.
pub(super) struct Shared {
    pub path: PathBuf,
    pub queue: Queue,
    pub config: ArcSwap<ActivityConfig>,
    /// What must not be written, by server.
    pub redactors: crate::logs::Redactors,
    /// The admin key that the start was given, beside those of the configuration.
    pub given: Option<mcpproxy_secrets::Secret>,
    /// Keys of our own doors.
    pub keys: ArcSwap<Redactor>,
    pub pulse: watch::Sender<Pulse>,
    /// A reader found the file damaged.
    pub damaged: std::sync::atomic::AtomicBool,
}

/// The redactors of servers and of our own keys.
type Known = (Arc<HashMap<String, Arc<Redactor>>>, Arc<Redactor>);

pub(super) struct Writer {
    shared: Arc<Shared>,
    connection: Option<Connection>,
    tried: Option<Instant>,
    /// All redactors in one, and the set that it was made of.
    redactor: Redactor,
    known: Option<Known>,
    today: Today,
    day: Date,
    written: u64,
    looked_at: u64,
    next_look: Instant,
    told_missed: Instant,
    problem: Option<Problem>,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        Self {
            shared,
            connection: None,
            tried: None,
            redactor: Redactor::default(),
            known: None,
            today: Today::default(),
            day: today(),
            written: 0,
            looked_at: 0,
            next_look: now,
            told_missed: now,
            problem: None,
        }
    }

    pub(super) fn run(mut self) {
        self.open();
        self.read_today();
        self.publish();
        loop {
            let taken = self.shared.queue.take(self.next_look);
            let began = Instant::now();
            let end = taken.end;
            self.work(taken);
            if end {
                break;
            }
            self.shared.queue.rest((began.elapsed() * REST).min(LONGEST_REST));
        }
        if let Some(connection) = self.connection.take() {
            // What is left in the log file beside it is read at the next start.
            let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    fn work(&mut self, taken: Taken) {
        let urgent = taken.end || !taken.waiting.is_empty();
        self.learn_secrets();
        self.new_day();
        let cap = usize::try_from(self.shared.config.load().max_response_size).unwrap_or(usize::MAX);
        let to_entry = |event| match event {
            Event::Call(record) => entry_of_call(&record, &self.redactor, cap),
            Event::Entry(entry) => clean(*entry, &self.redactor, cap),
        };
        let mut entries: Vec<Entry> = taken.events.into_iter().map(to_entry).collect();
        let late = self.told_missed.elapsed() > TELL_MISSED;
        if taken.emptied || urgent || late {
            entries.extend(self.missed());
        }
        if self.shared.damaged.swap(false, std::sync::atomic::Ordering::Relaxed) && !self.is_sound() {
            entries.extend(self.set_aside());
        }
        if !entries.is_empty() {
            self.write(entries);
            self.publish();
        }
        if self.next_look <= Instant::now() || self.written - self.looked_at >= LOOK_AFTER {
            self.look_at_limits();
        }
        for waiting in taken.waiting {
            let _ = waiting.send(());
        }
    }

    fn missed(&mut self) -> Option<Entry> {
        let count = self.shared.queue.missed();
        self.told_missed = Instant::now();
        (count > 0).then(|| Entry {
            at: Timestamp::now(),
            kind: Kind::Missed,
            code: Some("activity_not_recorded"),
            fields: Some(json!({"count": count.to_string()}).to_string()),
            count,
            ..Entry::default()
        })
    }

    fn write(&mut self, mut entries: Vec<Entry>) {
        self.open();
        let Some(connection) = &mut self.connection else { return self.lose(&entries) };
        let outcome = match store::insert(connection, &entries) {
            Err(error) if store::is_damage(&error) => {
                entries.extend(self.set_aside());
                self.open();
                match &mut self.connection {
                    Some(connection) => store::insert(connection, &entries),
                    None => Err(error),
                }
            }
            outcome => outcome,
        };
        match outcome {
            Ok(()) => {
                self.problem = None;
                self.written += entries.len() as u64;
                entries.iter().for_each(|entry| self.today.count(entry));
            }
            Err(error) => {
                self.has_problem(Problem { code: "activity_unwritable", detail: error.to_string() });
                self.lose(&entries);
            }
        }
    }

    /// Nothing can be written: that is counted, and told when it can be again.
    fn lose(&mut self, entries: &[Entry]) {
        let calls = entries.iter().filter(|entry| entry.kind.is_call() || entry.kind == Kind::Missed);
        self.shared.queue.miss(calls.map(|entry| entry.count).sum());
    }

    fn open(&mut self) {
        let early = self.tried.is_some_and(|tried| tried.elapsed() < RETRY);
        if self.connection.is_some() || early {
            return;
        }
        self.tried = Some(Instant::now());
        match store::open(&self.shared.path) {
            Ok(connection) => {
                self.connection = Some(connection);
                self.tried = None;
            }
            Err(error) if error.is_damage() => {
                let told = self.set_aside();
                if let Ok(connection) = store::open(&self.shared.path) {
                    self.connection = Some(connection);
                    self.tried = None;
                    self.write(told.into_iter().collect());
                }
            }
            Err(error @ store::OpenError::Newer(_)) => {
                self.has_problem(Problem { code: "activity_newer", detail: error.to_string() })
            }
            Err(error) => {
                self.has_problem(Problem { code: "activity_unwritable", detail: error.to_string() })
            }
        }
    }

    /// A damaged file stays, under another name; the record that says so is the first of the new one.
    fn set_aside(&mut self) -> Option<Entry> {
        self.connection = None;
        self.tried = None;
        match store::set_aside(&self.shared.path) {
            Ok(target) => {
                tracing::warn!(
                    code = "activity_set_aside",
                    file = %target.display(),
                    "The history of calls was damaged and set aside; a new one begins"
                );
                Some(Entry {
                    at: Timestamp::now(),
                    kind: Kind::Start,
                    status: Status::Error,
                    code: Some("activity_set_aside"),
                    fields: Some(json!({"file": target.display().to_string()}).to_string()),
                    count: 1,
                    ..Entry::default()
                })
            }
            Err(error) => {
                self.has_problem(Problem { code: "activity_damaged", detail: error.to_string() });
                None
            }
        }
    }

    /// Looks through the whole file: the one that a reader found damaged may be set aside already.
    fn is_sound(&self) -> bool {
        let Some(connection) = &self.connection else { return false };
        connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
            .is_ok_and(|said| said == "ok")
    }

    fn has_problem(&mut self, problem: Problem) {
        if self.problem.as_ref() != Some(&problem) {
            tracing::warn!(code = problem.code, detail = problem.detail, "calls are not recorded");
        }
        self.problem = Some(problem);
        self.publish();
    }

    fn look_at_limits(&mut self) {
        let config = **self.shared.config.load();
        self.looked_at = self.written;
        self.next_look = Instant::now() + Duration::from_secs(60) * config.cleanup_interval_min;
        let Some(connection) = &mut self.connection else { return };
        let days = (i64::from(config.retention_days) * 24).hours();
        let limits = Limits {
            oldest: (config.retention_days > 0).then(|| Timestamp::now().checked_sub(days).ok()).flatten(),
            records: (config.max_records > 0).then_some(config.max_records),
            bytes: (config.max_size_mb > 0).then(|| u64::from(config.max_size_mb) << 20),
        };
        match store::prune(connection, &limits) {
            Ok(0) => {}
            Ok(gone) => tracing::debug!(gone, "old records of calls were deleted"),
            Err(error) => tracing::warn!(%error, "old records of calls cannot be deleted"),
        }
    }

    /// Takes the secrets that were learned meanwhile into account.
    fn learn_secrets(&mut self) {
        let (servers, keys) = (self.shared.redactors.load_full(), self.shared.keys.load_full());
        let same =
            |(known, keyed): &(Arc<_>, Arc<_>)| Arc::ptr_eq(known, &servers) && Arc::ptr_eq(keyed, &keys);
        if self.known.as_ref().is_some_and(same) {
            return;
        }
        self.redactor = Redactor::joined(servers.values().map(AsRef::as_ref).chain([keys.as_ref()]));
        self.known = Some((servers, keys));
    }

    fn new_day(&mut self) {
        let day = today();
        if day != self.day {
            self.day = day;
            self.today = Today::default();
        }
    }

    fn read_today(&mut self) {
        let Some(connection) = &self.connection else { return };
        match query::today(connection, start_of_today()) {
            Ok(today) => self.today = today,
            Err(error) => tracing::debug!(%error, "today's calls cannot be counted"),
        }
    }

    fn publish(&self) {
        let pulse = Pulse {
            written: self.written,
            today: self.today,
            day: Some(self.day),
            problem: self.problem.clone(),
        };
        self.shared.pulse.send_replace(pulse);
    }
}

/// An event without the secrets that its words and values may hold.
fn clean(mut entry: Entry, redactor: &Redactor, cap: usize) -> Entry {
    for words in [&mut entry.error, &mut entry.client].into_iter().flatten() {
        *words = redact::line(words, redactor, WORDS);
    }
    for (json, hidden) in [(&mut entry.fields, false), (&mut entry.arguments, true)] {
        let Some(json) = json else { continue };
        let cleaned = redact::body(json.as_bytes(), redactor, if hidden { cap } else { WORDS });
        if hidden {
            entry.hidden += cleaned.hidden;
            entry.truncated |= cleaned.truncated;
        }
        *json = cleaned.text;
    }
    entry
}

pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::system()).date()
}

/// When this day began here.
pub(super) fn start_of_today() -> Timestamp {
    let now = Timestamp::now().to_zoned(TimeZone::system());
    now.start_of_day().map_or_else(|_| now.timestamp(), |start| start.timestamp())
}
