//! How the program ended the last time: a mark that only a clean end removes, and a report that a panic leaves.

use mcpproxy_core::Paths;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    backtrace::Backtrace,
    fs, io,
    panic::PanicHookInfo,
    path::{Path, PathBuf},
};

const MARK: &str = "running.json";

/// The mark, while the program runs.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    pid: u32,
    version: String,
    started: String,
}

/// An end that was not clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Crash {
    /// When the program that ended so had started.
    pub(crate) started: String,
    /// What a panic wrote down; none after a kill or a power cut.
    pub(crate) report: Option<PathBuf>,
}

impl Crash {
    /// What the pages show.
    pub(crate) fn view(&self) -> Value {
        json!({"started": self.started, "report": self.report.as_ref().map(|path| path.display().to_string())})
    }
}

/// Sets the mark; answers what an earlier one tells. The caller holds the data folder, so an earlier one is a leftover.
pub(crate) fn begin(paths: &Paths) -> Option<Crash> {
    let file = paths.data_dir.join(MARK);
    let earlier: Option<Mark> =
        fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str(&text).ok());
    let mark = Mark {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: jiff::Timestamp::now().to_string(),
    };
    let written =
        serde_json::to_string(&mark).map_err(io::Error::other).and_then(|text| fs::write(&file, text));
    if let Err(error) = written {
        tracing::warn!(%error, "an unexpected end will not be noticed");
    }
    let crash =
        earlier.map(|mark| Crash { report: newest(&paths.log_dir, &mark.started), started: mark.started })?;
    tracing::warn!(started = crash.started, report = ?crash.report, "MCPProxy ended unexpectedly the last time");
    Some(crash)
}

/// Removes the mark: this end was clean.
pub(crate) fn end(paths: &Paths) {
    if let Err(error) = fs::remove_file(paths.data_dir.join(MARK)) {
        tracing::debug!(%error, "the mark stays");
    }
}

/// The newest report that was written since then.
fn newest(log_dir: &Path, since: &str) -> Option<PathBuf> {
    // Files carry the time of the system's last tick, which lies a little before.
    let since = since.parse::<jiff::Timestamp>().ok()? - jiff::SignedDuration::from_secs(1);
    let reports = fs::read_dir(log_dir).ok()?.flatten().map(|entry| entry.path());
    let mut reports: Vec<PathBuf> = reports
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("crash-")))
        .filter(|path| {
            let written = path.metadata().and_then(|about| about.modified()).ok();
            written.and_then(|time| jiff::Timestamp::try_from(time).ok()).is_some_and(|time| time >= since)
        })
        .collect();
    reports.sort();
    reports.pop()
}

/// Lets each panic leave a report beside the logs: what, where, the way there; no environment, no configuration.
pub(crate) fn report_panics(log_dir: PathBuf) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        let path = log_dir.join(format!("crash-{}.txt", stamp()));
        tracing::error!(report = %path.display(), "{}", told(panic));
        let _ = fs::create_dir_all(&log_dir).and_then(|()| fs::write(&path, text(panic)));
    }));
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("no message");
    panic.location().map_or_else(|| message.to_owned(), |place| format!("{message} ({place})"))
}

fn text(panic: &PanicHookInfo<'_>) -> String {
    format!(
        "MCPProxy {} on {} {}\n{}\n\n{}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        jiff::Timestamp::now(),
        told(panic),
        Backtrace::force_capture()
    )
}

/// The time as a part of a file's name on every system.
fn stamp() -> String {
    jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(folder: &Path) -> Paths {
        Paths {
            config: folder.join("c.json"),
            data_dir: folder.to_owned(),
            log_dir: folder.join("logs"),
            socket: folder.join("s"),
        }
    }

    #[test]
    fn after_a_clean_end_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        assert_eq!(begin(&paths), None);
        end(&paths);
        assert_eq!(begin(&paths), None);
    }

    #[test]
    fn after_another_end_the_report_of_that_run_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        assert_eq!(begin(&paths), None);
        fs::create_dir(&paths.log_dir).unwrap();
        fs::write(paths.log_dir.join("crash-20260101T000000Z.txt"), "why").unwrap();
        fs::write(paths.log_dir.join("main.log"), "").unwrap();
        let crash = begin(&paths).unwrap();
        assert_eq!(crash.report.unwrap().file_name().unwrap(), "crash-20260101T000000Z.txt");
    }

    #[test]
    fn a_report_of_an_earlier_run_is_not_taken_for_this_ones() {
        let folder = tempfile::tempdir().unwrap();
        let paths = paths(folder.path());
        fs::create_dir(&paths.log_dir).unwrap();
        fs::write(paths.log_dir.join("crash-20200101T000000Z.txt"), "old").unwrap();
        fs::write(folder.path().join(MARK), r#"{"pid":1,"version":"0","started":"2999-01-01T00:00:00Z"}"#)
            .unwrap();
        assert_eq!(begin(&paths).unwrap().report, None);
    }
}
