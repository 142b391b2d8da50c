//! Logs: one file for all, one for each server, and what reads them back.
//!
//! A record crosses a bounded channel to one writer thread; where the channel is full it is counted and dropped,
//! so that no call ever waits for a disk.
mod console;
mod files;
mod layer;
mod line;
mod page;
mod tail;
mod writer;

pub(crate) use writer::Writer;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use mcpproxy_secrets::Redactor;
use tokio::{
    sync::broadcast,
    time::{Instant, sleep_until, timeout_at},
};
use tracing_subscriber::{Layer, filter::LevelFilter, layer::SubscriberExt, registry::LookupSpan};

pub use line::{Level, LogLine, printable};
pub use page::{LogPage, LogPosition};
pub use tail::Follow;

/// Lines that a slow reader of a followed log may lag behind before it loses some.
const FOLLOW_BUFFER: usize = 1024;

/// Lines are gathered for this long, so that a burst becomes one page.
const GATHER: Duration = Duration::from_millis(50);

/// Whose log is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LogSource {
    /// `main.log`.
    Main,
    /// `server-NAME.log`.
    Server(String),
}

impl LogSource {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        match self {
            Self::Main => "main.log".to_owned(),
            Self::Server(name) => format!("server-{}.log", files::safe_name(name)),
        }
    }
}

/// A folder of logs, readable whether or not anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFolder(PathBuf);

impl LogFolder {
    /// The folder at `path`.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The last `lines` lines of a log, the oldest first; an absent file has none.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn tail(&self, source: &LogSource, lines: usize) -> io::Result<Vec<LogLine>> {
        tail::last_lines(&self.0.join(source.file_name()), lines)
    }

    /// One page of a log, of `limit` bytes or less; an absent file is an empty one.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn page(&self, source: &LogSource, position: &LogPosition, limit: u64) -> io::Result<LogPage> {
        page::read(&self.0.join(source.file_name()), position, limit)
    }
}

/// How logs are written.
#[derive(Debug, Clone)]
pub(crate) struct LogOptions {
    pub folder: PathBuf,
    pub level: Level,
    pub console: bool,
    pub files: bool,
    pub json: bool,
    pub max_size: u64,
    pub max_backups: usize,
}

/// The logs of a running core.
#[derive(Debug, Clone)]
pub struct Logs {
    folder: LogFolder,
    level: Level,
    outlet: writer::Outlet,
    lines: broadcast::Sender<Arc<LogLine>>,
    redactors: Redactors,
}

/// What must not be written, by server; the writer thread reads it with each record.
pub(crate) type Redactors = Arc<ArcSwap<HashMap<String, Arc<Redactor>>>>;

impl Logs {
    /// Opens the files and starts the writer thread; the second value ends it.
    pub(crate) fn open(options: LogOptions) -> (Self, writer::Writer) {
        let (lines, _) = broadcast::channel(FOLLOW_BUFFER);
        let redactors = Redactors::default();
        let folder = LogFolder::new(options.folder.clone());
        let level = options.level;
        let (outlet, writer) = writer::start(options, lines.clone(), Arc::clone(&redactors));
        (Self { folder, level, outlet, lines, redactors }, writer)
    }

    /// The folder the files lie in.
    pub const fn folder(&self) -> &LogFolder {
        &self.folder
    }

    /// A subscriber that writes here; the program that hosts the core installs it.
    pub fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        tracing_subscriber::registry().with(self.layer())
    }

    fn layer<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        layer::RecordLayer::new(self.outlet.clone()).with_filter(layer::filter(self.level))
    }

    /// The last `lines` lines of a log, the oldest first.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub async fn tail(&self, source: LogSource, lines: usize) -> io::Result<Vec<LogLine>> {
        self.outlet.flush().await;
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || folder.tail(&source, lines)).await.map_err(io::Error::other)?
    }

    /// One page of a log, of `limit` bytes or less. Where it would be empty, the next lines are awaited for `wait`.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    ///
    /// # Cancel safety
    /// Nothing is taken from anybody.
    pub async fn page(
        &self,
        source: LogSource,
        position: LogPosition,
        limit: u64,
        wait: Duration,
    ) -> io::Result<LogPage> {
        let deadline = Instant::now() + wait;
        // Listening begins before reading, so that no line falls between the two.
        let mut news = self.follow(source.clone());
        loop {
            self.outlet.flush().await;
            let (folder, source, position) = (self.folder.clone(), source.clone(), position.clone());
            let page = tokio::task::spawn_blocking(move || folder.page(&source, &position, limit));
            let page = page.await.map_err(io::Error::other)??;
            if page.is_news() || Instant::now() >= deadline {
                return Ok(page);
            }
            match timeout_at(deadline, news.next()).await {
                Ok(Some(_)) => sleep_until((Instant::now() + GATHER).min(deadline)).await,
                Ok(None) | Err(_) => return Ok(page),
            }
        }
    }

    /// New lines of a log as they are written.
    pub fn follow(&self, source: LogSource) -> Follow {
        Follow::new(self.lines.subscribe(), source)
    }

    /// Records that were dropped because the disk was slower than the log.
    pub fn dropped(&self) -> u64 {
        self.outlet.dropped()
    }

    /// From now on nothing of `redactor` appears in a line that belongs to `server`.
    pub(crate) fn hide(&self, server: &str, redactor: Arc<Redactor>) {
        self.redactors.rcu(|known| {
            let mut next = HashMap::clone(known);
            next.insert(server.to_owned(), Arc::clone(&redactor));
            next
        });
    }

    /// What must not be written anywhere, by server.
    pub(crate) fn redactors(&self) -> Redactors {
        Arc::clone(&self.redactors)
    }

    /// The level that is written.
    pub const fn level(&self) -> LevelFilter {
        self.level.filter()
    }
}
