//! How far a download is: one percentage out of what an engine says about many layers.
use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The share of a layer's work that is its download; the rest is unpacking.
const DOWNLOAD_SHARE: f64 = 0.8;
/// How fast the shown rate follows the real one: the time after which an old pace counts a third.
const RATE_MEMORY: Duration = Duration::from_secs(4);
/// The shortest time between two published steps.
pub(crate) const STEP: Duration = Duration::from_millis(200);
/// Lines of output that wait for a slow reader; more are dropped, and counted.
const LINES: usize = 512;

/// What is being done before a server can start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stage {
    /// Nothing yet.
    #[default]
    Waiting,
    /// An image is being downloaded.
    Downloading,
    /// Packages are being installed.
    Installing,
    /// It is done.
    Done,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// To what: an image, a package.
    pub subject: String,
    /// Bytes that have come.
    pub done_bytes: u64,
    /// Bytes in all, once every part has told its size.
    pub total_bytes: Option<u64>,
    /// Hundredths, never falling, 100 only when all is done; none while it cannot be told.
    pub percent: Option<u8>,
    /// Bytes a second.
    pub rate: Option<u64>,
    /// The time it will still take.
    pub eta: Option<Duration>,
    /// Set while the other side does not answer and the engine tries again, with the seconds it waits.
    pub retrying: Option<u32>,
    /// The last line of output.
    pub line: Option<String>,
}

/// Where progress goes: the latest step to a watch, each line of output to a bounded queue.
#[derive(Debug, Clone)]
pub struct ProgressSink {
    steps: watch::Sender<Progress>,
    lines: Option<mpsc::Sender<String>>,
}

impl ProgressSink {
    /// A sink and the two ends where it comes out.
    pub fn channel() -> (Self, watch::Receiver<Progress>, mpsc::Receiver<String>) {
        let (steps, watched) = watch::channel(Progress::default());
        let (lines, read) = mpsc::channel(LINES);
        (Self { steps, lines: Some(lines) }, watched, read)
    }

    /// A sink that nobody reads.
    pub fn ignore() -> Self {
        Self { steps: watch::channel(Progress::default()).0, lines: None }
    }

    /// Publishes a step.
    pub(crate) fn step(&self, progress: Progress) {
        self.steps.send_replace(progress);
    }

    /// Hands on a line of output; a reader that is behind loses it rather than holding up the work.
    pub(crate) fn line(&self, line: &str) {
        if let Some(lines) = &self.lines
            && lines.try_send(line.to_owned()).is_err()
        {
            tracing::trace!("a line of output was dropped because its reader is behind");
        }
        self.steps.send_modify(|progress| progress.line = Some(line.to_owned()));
    }

    /// Says that work on a subject has begun or ended.
    pub(crate) fn stage(&self, stage: Stage, subject: &str) {
        self.steps.send_replace(Progress { stage, subject: subject.to_owned(), ..Progress::default() });
    }
}

/// Adds up what an engine says about the layers of one image.
#[derive(Debug)]
pub(crate) struct Layers {
    layers: HashMap<String, Layer>,
    percent: u8,
    pace: Pace,
    retrying: Option<u32>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Layer {
    total: Option<u64>,
    downloaded: u64,
    download_done: bool,
    extracted: f64,
    present: bool,
}

/// One message of an engine about a layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report<'a> {
    /// The layer.
    pub(crate) id: &'a str,
    /// What happens to it, in the engine's words.
    pub(crate) status: &'a str,
    /// Bytes done.
    pub(crate) current: Option<u64>,
    /// Bytes in all.
    pub(crate) total: Option<u64>,
    /// True when the numbers count seconds instead of bytes.
    pub(crate) seconds: bool,
}

impl Layers {
    /// Nothing known yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self { layers: HashMap::new(), percent: 0, pace: Pace::new(now), retrying: None }
    }

    /// Takes in one message.
    pub(crate) fn report(&mut self, report: Report<'_>, now: Instant) {
        if let Some(seconds) = retry_seconds(report.status) {
            self.retrying = Some(seconds);
            return;
        }
        let Report { id, status, current, total, seconds } = report;
        let bytes = |value: Option<u64>| if seconds { None } else { value };
        let layer = match status {
            "Already exists" => {
                self.layers.entry(id.to_owned()).or_default().present = true;
                return;
            }
            "Pulling fs layer" | "Waiting" | "Downloading" | "Verifying Checksum" | "Download complete"
            | "Extracting" | "Pull complete" => self.layers.entry(id.to_owned()).or_default(),
            _ => return,
        };
        match status {
            "Downloading" => {
                self.retrying = None;
                layer.total = bytes(total).filter(|total| *total > 0).or(layer.total);
                layer.downloaded = bytes(current).unwrap_or(0).max(layer.downloaded);
            }
            "Verifying Checksum" | "Download complete" => {
                layer.download_done = true;
                layer.downloaded = layer.total.unwrap_or(layer.downloaded);
            }
            "Extracting" => {
                layer.download_done = true;
                if let (Some(current), Some(total)) =
                    (bytes(current), bytes(total).filter(|total| *total > 0))
                {
                    layer.extracted = ratio(current, total).max(layer.extracted);
                }
            }
            "Pull complete" => {
                layer.download_done = true;
                layer.extracted = 1.0;
            }
            _ => {}
        }
        self.pace.seen(self.downloaded(), now);
    }

    /// The step as people see it; `percent` never falls and stays below 100 here.
    pub(crate) fn progress(&mut self, subject: &str) -> Progress {
        let known: Vec<u64> = self.wanted().filter_map(|layer| layer.total).collect();
        let mean =
            if known.is_empty() { 1.0 } else { as_f64(known.iter().sum()) / as_f64(known.len() as u64) };
        let (mut work, mut done) = (0.0, 0.0);
        for layer in self.wanted() {
            let size = layer.total.map_or(mean, as_f64);
            let downloaded = match layer.total {
                _ if layer.download_done => 1.0,
                Some(total) => ratio(layer.downloaded, total),
                None => 0.0,
            };
            work += size;
            done += size * (DOWNLOAD_SHARE * downloaded + (1.0 - DOWNLOAD_SHARE) * layer.extracted);
        }
        if work > 0.0 {
            self.percent = self.percent.max(hundredths(done / work).min(99));
        }
        let all_known = !known.is_empty() && known.len() == self.wanted().count();
        let total_bytes: Option<u64> = all_known.then(|| known.iter().sum());
        let done_bytes = self.downloaded();
        let rate = self.pace.rate();
        let eta = match (total_bytes, rate) {
            (Some(total), Some(rate)) if rate > 0 && total > done_bytes => {
                Some(Duration::from_secs((total - done_bytes).div_ceil(rate)))
            }
            _ => None,
        };
        Progress {
            stage: Stage::Downloading,
            subject: subject.to_owned(),
            done_bytes,
            total_bytes,
            percent: (!self.layers.is_empty()).then_some(self.percent),
            rate,
            eta,
            retrying: self.retrying,
            line: None,
        }
    }

    /// Bytes that have come, and bytes in all as far as known.
    pub(crate) fn bytes(&self) -> (u64, Option<u64>) {
        let known = self.wanted().filter_map(|layer| layer.total).reduce(|a, b| a.saturating_add(b));
        (self.downloaded(), known)
    }

    fn wanted(&self) -> impl Iterator<Item = &Layer> {
        self.layers.values().filter(|layer| !layer.present)
    }

    fn downloaded(&self) -> u64 {
        self.wanted().fold(0, |sum, layer| sum.saturating_add(layer.downloaded))
    }
}

/// `Retrying in 5 seconds`.
fn retry_seconds(status: &str) -> Option<u32> {
    status.strip_prefix("Retrying in ")?.split(' ').next()?.parse().ok()
}

fn ratio(part: u64, whole: u64) -> f64 {
    (as_f64(part) / as_f64(whole)).clamp(0.0, 1.0)
}

/// Sizes stay far below the point where a float loses bytes that a person would see.
#[expect(clippy::cast_precision_loss, reason = "a percentage needs no exact bytes")]
const fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to 0..=100"
)]
fn hundredths(share: f64) -> u8 {
    (share * 100.0).floor().clamp(0.0, 100.0) as u8
}

/// The pace of a download, smoothed so that the shown time does not jump.
#[derive(Debug)]
struct Pace {
    at: Instant,
    bytes: u64,
    rate: Option<f64>,
}

impl Pace {
    fn new(now: Instant) -> Self {
        Self { at: now, bytes: 0, rate: None }
    }

    fn seen(&mut self, bytes: u64, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        if passed < STEP || bytes < self.bytes {
            return;
        }
        let current = as_f64(bytes - self.bytes) / passed.as_secs_f64();
        let weight = 1.0 - (-passed.as_secs_f64() / RATE_MEMORY.as_secs_f64()).exp();
        self.rate = Some(self.rate.map_or(current, |old| old + weight * (current - old)));
        (self.at, self.bytes) = (now, bytes);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is positive and small"
    )]
    fn rate(&self) -> Option<u64> {
        self.rate.filter(|rate| *rate >= 1.0).map(|rate| rate as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn say(layers: &mut Layers, id: &str, status: &str, bytes: Option<(u64, u64)>, at: Instant) -> Progress {
        let report = Report {
            id,
            status,
            current: bytes.map(|bytes| bytes.0),
            total: bytes.map(|bytes| bytes.1),
            seconds: false,
        };
        layers.report(report, at);
        layers.progress("python:3.11")
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_percent_rate_and_time_add_up() {
        let begun = Instant::now();
        let mut layers = Layers::new(begun);
        say(&mut layers, "a", "Pulling fs layer", None, begun);
        say(&mut layers, "b", "Already exists", None, begun);
        let half = say(
            &mut layers,
            "a",
            "Downloading",
            Some((50_000_000, 100_000_000)),
            begun + Duration::from_secs(5),
        );
        assert_eq!(
            (half.percent, half.done_bytes, half.total_bytes),
            (Some(40), 50_000_000, Some(100_000_000))
        );
        assert_eq!((half.rate, half.eta), (Some(10_000_000), Some(Duration::from_secs(5))));
        let loaded = say(&mut layers, "a", "Download complete", None, begun + Duration::from_secs(10));
        assert_eq!((loaded.percent, loaded.done_bytes), (Some(80), 100_000_000));
        let unpacked = say(&mut layers, "a", "Extracting", Some((100, 100)), begun + Duration::from_secs(11));
        assert_eq!(unpacked.percent, Some(99), "100 is said only when the engine says so");
    }

    #[tokio::test(start_paused = true)]
    async fn a_total_that_comes_late_does_not_make_the_percentage_fall() {
        let now = Instant::now();
        let mut layers = Layers::new(now);
        for id in ["a", "b"] {
            say(&mut layers, id, "Pulling fs layer", None, now);
        }
        let before = say(&mut layers, "a", "Download complete", None, now).percent;
        let after = say(&mut layers, "b", "Downloading", Some((1, 1_000_000_000)), now).percent;
        assert!(after >= before, "{before:?} then {after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn seconds_are_not_counted_as_bytes() {
        let now = Instant::now();
        let mut layers = Layers::new(now);
        say(&mut layers, "a", "Downloading", Some((10, 10)), now);
        let report = Report { id: "a", status: "Extracting", current: Some(7), total: None, seconds: true };
        layers.report(report, now);
        assert_eq!(layers.progress("x").done_bytes, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_registry_that_does_not_answer_is_told_until_bytes_come_again() {
        let now = Instant::now();
        let mut layers = Layers::new(now);
        say(&mut layers, "a", "Downloading", Some((1, 10)), now);
        assert_eq!(say(&mut layers, "a", "Retrying in 15 seconds", None, now).retrying, Some(15));
        assert_eq!(say(&mut layers, "a", "Downloading", Some((2, 10)), now).retrying, None);
    }

    #[tokio::test]
    async fn lines_reach_the_queue_and_the_last_one_the_watch() {
        let (sink, steps, mut lines) = ProgressSink::channel();
        sink.stage(Stage::Installing, "mcp-server-time");
        sink.line("Collecting uv");
        assert_eq!(lines.recv().await.as_deref(), Some("Collecting uv"));
        assert_eq!(steps.borrow().line.as_deref(), Some("Collecting uv"));
        for _ in 0..LINES * 2 {
            sink.line("flood");
        }
        assert_eq!(steps.borrow().stage, Stage::Installing, "a slow reader holds nothing up");
    }

    proptest! {
        #[test]
        fn whatever_an_engine_says_the_percentage_never_falls_and_stays_below_100(
            reports in proptest::collection::vec((0..4_u8, 0..8_u8, proptest::option::of((0..1_000_u64, 0..1_000_u64)), any::<bool>()), 0..120)
        ) {
            const STATUS: [&str; 8] = ["Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum",
                "Download complete", "Extracting", "Pull complete", "Already exists"];
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let _entered = runtime.enter();
            let mut now = Instant::now();
            let mut layers = Layers::new(now);
            let mut last = 0;
            for (id, status, bytes, seconds) in reports {
                now += Duration::from_millis(150);
                let id = id.to_string();
                layers.report(Report { id: &id, status: STATUS[usize::from(status)],
                    current: bytes.map(|b| b.0), total: bytes.map(|b| b.1), seconds }, now);
                let percent = layers.progress("x").percent.unwrap_or(0);
                prop_assert!(percent >= last && percent < 100);
                last = percent;
            }
        }
    }
}
