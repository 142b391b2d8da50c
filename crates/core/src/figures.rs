//! Processor and memory of servers, measured while somebody looks and not a moment longer.
//!
//! Who asks is handed the next sample. The task that measures sleeps until somebody asks, and again when nobody has
//! asked for a while.
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use mcpproxy_isolation::{
    engine::Engine,
    usage::{self, Usage},
};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::{ServerView, Snapshot};

/// The time between two samples.
const EVERY: Duration = Duration::from_secs(2);
/// The time between the first two, so that the first share of the processor is there soon.
const FIRST: Duration = Duration::from_millis(500);
/// For so long somebody who asked is taken to look.
const LOOKING: Duration = Duration::from_secs(15);
/// How long one measurement may take; an engine that is busy is asked again with the next sample.
const PATIENCE: Duration = Duration::from_secs(5);

/// What one server takes.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerFigures {
    /// The server.
    pub name: String,
    /// Of one processor; none until there are two samples of this process.
    pub cpu_percent: Option<f64>,
    /// Bytes, without the cache that can be dropped.
    pub memory: Option<u64>,
    /// The most that it may take.
    pub memory_limit: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// One sample of all servers.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// Grows with each sample.
    pub revision: u64,
    /// When it was taken.
    pub at: Timestamp,
    /// Servers that have a process here, in the order of the file.
    pub servers: Vec<ServerFigures>,
}

/// Where figures are asked for. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Gauge(Arc<Inside>);

struct Inside {
    asked: Mutex<Option<Instant>>,
    wake: Notify,
    /// The newest sample, and when it was taken on the clock that never jumps.
    newest: watch::Sender<Option<(Instant, Arc<Figures>)>>,
    /// Processes of servers that run on this computer.
    processes: Mutex<HashMap<String, u32>>,
}

/// Keeps a process measured for as long as it is held.
pub(crate) struct Measured {
    gauge: Gauge,
    server: String,
    process: u32,
}

impl Drop for Measured {
    fn drop(&mut self) {
        let mut processes = self.gauge.processes();
        // The next process of this server may be there already.
        if processes.get(&self.server) == Some(&self.process) {
            processes.remove(&self.server);
        }
    }
}

impl Gauge {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Inside {
            asked: Mutex::new(None),
            wake: Notify::new(),
            newest: watch::Sender::new(None),
            processes: Mutex::default(),
        }))
    }

    /// Notes the process of a server that runs on this computer.
    pub(crate) fn process(&self, server: &str, process: Option<u32>) -> Option<Measured> {
        let process = process?;
        self.processes().insert(server.to_owned(), process);
        Some(Measured { gauge: self.clone(), server: server.to_owned(), process })
    }

    /// The first sample after `since`, within `wait`; `None` when none comes.
    pub(crate) async fn after(&self, since: u64, wait: Duration) -> Option<Arc<Figures>> {
        let deadline = Instant::now() + wait;
        let mut newest = self.0.newest.subscribe();
        self.ask();
        let found = newest.wait_for(|sample| {
            // What was measured for somebody long ago is of no use to who looks now.
            sample.as_ref().is_some_and(|(at, sample)| sample.revision > since && at.elapsed() < EVERY * 2)
        });
        let found = timeout_at(deadline, found).await.ok()?.ok()?.clone();
        found.map(|(_, sample)| sample)
    }

    fn ask(&self) {
        *self.0.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.0.wake.notify_one();
    }

    fn is_watched(&self) -> bool {
        let asked = *self.0.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_some_and(|asked| asked.elapsed() < LOOKING)
    }

    fn processes(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Measures while somebody looks, until it is dropped.
    pub(crate) async fn run(
        self,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        engine: watch::Receiver<Option<Engine>>,
    ) {
        let mut before: HashMap<String, Moment> = HashMap::new();
        // Numbers of an earlier run are below those of this one.
        let mut revision = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
        loop {
            self.0.wake.notified().await;
            before.clear();
            let mut pause = FIRST;
            while self.is_watched() {
                let snapshot = Arc::clone(&snapshots.borrow());
                let current = engine.borrow().clone();
                let now = self.measure(&snapshot, current).await;
                let order = snapshot.servers.keys();
                let servers = order.filter_map(|name| Some(figures(name, now.get(name)?, before.get(name))));
                revision += 1;
                let sample = Figures { revision, at: Timestamp::now(), servers: servers.collect() };
                self.0.newest.send_replace(Some((Instant::now(), Arc::new(sample))));
                before = now;
                sleep(std::mem::replace(&mut pause, EVERY)).await;
            }
        }
    }

    /// All servers side by side.
    async fn measure(&self, snapshot: &Snapshot, engine: Option<Engine>) -> HashMap<String, Moment> {
        let processes = self.processes().clone();
        let mut work = JoinSet::new();
        for (name, view) in snapshot.servers.iter() {
            let Some(subject) = Subject::of(view, processes.get(name).copied()) else { continue };
            let (name, engine) = (name.clone(), engine.clone());
            work.spawn(async move {
                let usage = timeout(PATIENCE, subject.usage(engine)).await.ok().flatten()?;
                Some((name, Moment { subject, usage, at: Instant::now() }))
            });
        }
        work.join_all().await.into_iter().flatten().collect()
    }
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Container(String),
    Process(u32),
}

impl Subject {
    fn of(view: &ServerView, process: Option<u32>) -> Option<Self> {
        let container = view.container_id.clone().map(Self::Container);
        container.or_else(|| process.map(Self::Process))
    }

    async fn usage(&self, engine: Option<Engine>) -> Option<Usage> {
        match self {
            Self::Container(id) => {
                let usage = engine?.usage(id).await;
                usage.inspect_err(|error| tracing::debug!(%error, "a container is not measured")).ok()?
            }
            Self::Process(process) => {
                let process = *process;
                tokio::task::spawn_blocking(move || usage::of_process(process)).await.ok()?
            }
        }
    }
}

/// What something had used at one moment.
#[derive(Debug, Clone)]
struct Moment {
    subject: Subject,
    usage: Usage,
    at: Instant,
}

fn figures(name: &str, now: &Moment, before: Option<&Moment>) -> ServerFigures {
    // Another process in the place of the one before begins anew.
    let before = before.filter(|before| before.subject == now.subject && before.at < now.at);
    let share = before.map(|before| {
        let used = now.usage.cpu.saturating_sub(before.usage.cpu);
        used.as_secs_f64() / (now.at - before.at).as_secs_f64() * 100.0
    });
    ServerFigures {
        name: name.to_owned(),
        cpu_percent: share.map(|share| (share * 10.0).round() / 10.0),
        memory: now.usage.memory,
        memory_limit: now.usage.memory_limit,
        pids: now.usage.pids,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(process: u32, cpu_ms: u64, at: Instant) -> Moment {
        let usage = Usage { cpu: Duration::from_millis(cpu_ms), memory: Some(7), ..Usage::default() };
        Moment { subject: Subject::Process(process), usage, at }
    }

    #[test]
    fn a_share_needs_two_moments_of_the_same_process() {
        let start = Instant::now();
        let (first, later) = (moment(1, 100, start), moment(1, 1600, start + Duration::from_secs(2)));
        assert_eq!(figures("a", &first, None).cpu_percent, None);
        assert_eq!(figures("a", &later, Some(&first)).cpu_percent, Some(75.0));
        let another = moment(2, 100, start + Duration::from_secs(2));
        assert_eq!(figures("a", &another, Some(&first)).cpu_percent, None);
        assert_eq!(figures("a", &another, Some(&first)).memory, Some(7));
    }

    #[test]
    fn a_process_is_measured_for_as_long_as_it_is_held() {
        let gauge = Gauge::new();
        assert!(gauge.process("a", None).is_none());
        let first = gauge.process("a", Some(1));
        let second = gauge.process("a", Some(2));
        drop(first);
        assert_eq!(gauge.processes().get("a"), Some(&2));
        drop(second);
        assert!(gauge.processes().is_empty());
    }

    /// A gauge with its task, over no servers.
    fn running() -> (Gauge, JoinSet<()>) {
        let board = crate::board::empty_for_tests();
        let gauge = Gauge::new();
        let mut tasks = JoinSet::new();
        let (engine, engines) = watch::channel(None);
        let (snapshots, task) = (board.watch(), gauge.clone());
        tasks.spawn(async move {
            let _held = (board, engine);
            task.run(snapshots, engines).await;
        });
        (gauge, tasks)
    }

    #[tokio::test(start_paused = true)]
    async fn samples_are_taken_while_somebody_asks_and_stop_afterwards() {
        let (gauge, _tasks) = running();
        let mut newest = gauge.0.newest.subscribe();
        assert!(timeout(Duration::from_secs(3600), newest.changed()).await.is_err(), "nobody asked");
        let first = gauge.after(0, Duration::from_secs(10)).await.unwrap();
        let second = gauge.after(first.revision, Duration::from_secs(10)).await.unwrap();
        assert_eq!(second.revision, first.revision + 1);
        newest.mark_unchanged();
        let mut taken = 0;
        while timeout(Duration::from_secs(3600), newest.changed()).await.is_ok() {
            taken += 1;
        }
        assert!((5..=9).contains(&taken), "{taken}");
        let begun_again = gauge.after(0, Duration::from_secs(10)).await.unwrap();
        assert!(begun_again.revision > second.revision + taken);
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_short_gets_nothing() {
        let gauge = Gauge::new();
        assert_eq!(gauge.after(0, Duration::from_secs(1)).await, None);
    }
}
