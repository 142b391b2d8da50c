//! The thread that owns the files. It alone touches the disk; nobody waits for it.
use std::{
    collections::HashMap,
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError},
    },
    thread::JoinHandle,
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{broadcast, oneshot};

use super::{Level, LogLine, LogOptions, LogSource, Redactors, console, files::RotatingFile};

/// Records on their way to the disk; what does not fit is dropped and counted.
const QUEUE: usize = 8192;

/// How often a drop is reported at most.
const REPORT_EVERY: Duration = Duration::from_secs(10);

enum Message {
    Line(Box<LogLine>),
    Flush(oneshot::Sender<()>),
    End,
}

/// The end that everybody writes to.
#[derive(Debug, Clone)]
pub(super) struct Outlet {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Message")
    }
}

impl Outlet {
    pub(super) fn send(&self, line: LogLine) {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Line(Box::new(line))) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything sent before stands in its file. Where the queue is full, what is there must do.
    pub(super) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.try_send(Message::Flush(done)).is_ok() {
            let _ = written.await;
        }
    }
}

/// The thread, to be ended by its owner.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: SyncSender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Writes what is queued and ends the thread.
    pub(crate) fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = self.queue.send(Message::End);
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts the thread.
pub(super) fn start(
    options: LogOptions,
    lines: broadcast::Sender<Arc<LogLine>>,
    redactors: Redactors,
) -> (Outlet, Writer) {
    let (queue, messages) = mpsc::sync_channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let outlet = Outlet { queue: queue.clone(), dropped: Arc::clone(&dropped) };
    let desk =
        Desk { colour: colour(), options, lines, redactors, files: HashMap::new(), dropped, reported: 0 };
    let thread = std::thread::Builder::new().name("log".into()).spawn(move || desk.run(&messages)).ok();
    (outlet, Writer { queue, thread })
}

fn colour() -> bool {
    io::stderr().is_terminal()
}

struct Desk {
    options: LogOptions,
    lines: broadcast::Sender<Arc<LogLine>>,
    redactors: Redactors,
    files: HashMap<LogSource, Option<RotatingFile>>,
    dropped: Arc<AtomicU64>,
    reported: u64,
    colour: bool,
}

impl Desk {
    fn run(mut self, messages: &Receiver<Message>) {
        if self.options.files
            && let Err(error) = std::fs::create_dir_all(&self.options.folder)
        {
            self.complain(&format!(
                "The log folder {} cannot be made: {error}",
                self.options.folder.display()
            ));
            self.options.files = false;
        }
        loop {
            match messages.recv_timeout(REPORT_EVERY) {
                Ok(Message::Line(line)) => self.write(*line),
                Ok(Message::Flush(done)) => {
                    let _ = done.send(());
                }
                Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.report_drops();
        }
    }

    /// Says once in a while how many records were lost.
    fn report_drops(&mut self) {
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped == self.reported {
            return;
        }
        let lost = dropped - self.reported;
        self.reported = dropped;
        let mut line = LogLine::parse("Log lines were dropped because the disk was too slow");
        line.level = Level::Warn;
        line.time = Some(Timestamp::now());
        line.place = "writer.rs:0".into();
        line.fields.insert("lost".into(), lost.into());
        self.write(line);
    }

    fn write(&mut self, mut line: LogLine) {
        self.redact(&mut line);
        let line = Arc::new(line);
        if self.options.console {
            self.complain(&console::render(&line, self.colour));
        }
        if self.options.files {
            let text = if self.options.json { line.json() } else { line.text() };
            let now = line.time.unwrap_or_default();
            self.append(&LogSource::Main, &text, now);
            if let Some(server) = &line.server {
                self.append(&LogSource::Server(server.clone()), &text, now);
            }
        }
        let _ = self.lines.send(line);
    }

    fn redact(&self, line: &mut LogLine) {
        let redactors = self.redactors.load();
        let Some(redactor) = line.server.as_ref().and_then(|server| redactors.get(server)) else { return };
        line.message = redactor.redact(&line.message).into_owned();
        for value in line.fields.values_mut() {
            redact_value(value, redactor);
        }
    }

    fn append(&mut self, source: &LogSource, text: &str, now: Timestamp) {
        if !self.files.contains_key(source) {
            let path = self.options.folder.join(source.file_name());
            let file = RotatingFile::open(path, self.options.max_size, self.options.max_backups);
            if let Err(error) = &file {
                self.complain(&format!("The log {} cannot be opened: {error}", source.file_name()));
            }
            self.files.insert(source.clone(), file.ok());
        }
        // A disk that is full is no reason to stop; the console still says what happens.
        if let Some(Some(file)) = self.files.get_mut(source) {
            let _ = file.write_line(text, now);
        }
    }

    fn complain(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

fn redact_value(value: &mut Value, redactor: &mcpproxy_secrets::Redactor) {
    match value {
        Value::String(text) => *text = redactor.redact(text).into_owned(),
        Value::Array(values) => values.iter_mut().for_each(|value| redact_value(value, redactor)),
        Value::Object(fields) => fields.values_mut().for_each(|value| redact_value(value, redactor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
