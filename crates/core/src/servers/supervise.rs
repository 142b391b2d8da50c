//! The task that holds one server: it feeds events to its life, begins and ends incarnations, and publishes what
//! is seen of it. Nothing but this task writes the server's view.
mod view;

use std::sync::Arc;

use mcpproxy_config::ServerConfig;
use mcpproxy_isolation::engine::Engine;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    backoff::Backoff,
    blueprint::Blueprint,
    failure::Trouble,
    incarnation::{Context, Incarnation, Report},
    life::{Action, End, Event, Life, Wish},
};
use crate::{ChangeKind, Failure, ServerView};

/// Orders that may wait for one server; each is quick to take.
const ORDERS: usize = 32;
/// Reports that may wait; an incarnation waits for room.
const REPORTS: usize = 64;

/// What the steward asks of a server.
#[derive(Debug)]
pub(crate) enum Order {
    /// The configuration as it is now; `taken` is told when the server's view shows it.
    Configure { settings: Configuration, taken: oneshot::Sender<()> },
    /// A new process.
    Restart,
    /// Try again whatever waits for a change or for its next try.
    Retry,
    /// End the download or installation.
    CancelPreparation,
    /// End for good.
    Leave,
}

/// What a server is told of its configuration.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub config: Arc<ServerConfig>,
    pub blueprint: Arc<Blueprint>,
    pub isolation_ignored: bool,
    /// It runs without isolation for a while.
    pub unprotected: Option<crate::Unprotected>,
}

/// A server's task, held by the steward.
#[derive(Debug)]
pub(crate) struct Server {
    orders: mpsc::Sender<Order>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts the task; the server does nothing before its first `Configure`.
    pub(crate) fn spawn(context: Arc<Context>, settings: &Configuration) -> Self {
        let (orders, inbox) = mpsc::channel(ORDERS);
        // On at every level: it says whose log an event belongs to.
        let span = tracing::error_span!("server", server = settings.config.name);
        let supervisor = Supervisor::new(context, settings, inbox);
        Self { orders, task: tokio::spawn(supervisor.run().instrument(span)) }
    }

    /// Hands an order over; `false` when the task has ended already.
    pub(crate) async fn order(&self, order: Order) -> bool {
        self.orders.send(order).await.is_ok()
    }

    /// Hands the configuration over and waits until the server's view shows it; `false` as above.
    pub(crate) async fn configure(&self, settings: Configuration) -> bool {
        let (taken, seen) = oneshot::channel();
        self.order(Order::Configure { settings, taken }).await && seen.await.is_ok()
    }

    /// Waits until nothing of the server is left.
    pub(crate) async fn ended(&mut self) {
        let _ = (&mut self.task).await;
    }

    pub(crate) fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub(crate) fn abort(&self) {
        self.task.abort();
    }
}

struct Supervisor {
    context: Arc<Context>,
    orders: mpsc::Receiver<Order>,
    life: Life,
    blueprint: Arc<Blueprint>,
    known: bool,
    view: ServerView,
    left: bool,
    /// Nobody is left who could give an order.
    alone: bool,
    engines: watch::Receiver<Option<Engine>>,
    /// The engine that was there last.
    engine: Option<String>,
    running: Option<Running>,
    /// The incarnation's task: one at most.
    tasks: JoinSet<Trouble>,
}

/// What is held of an incarnation.
struct Running {
    cancel: CancellationToken,
    skip: CancellationToken,
    reports: mpsc::Receiver<Report>,
}

/// What wakes the task.
enum Wake {
    Order(Option<Order>),
    Engine(Option<String>),
    Report(Report),
    Ended(Trouble),
    Due,
}

impl Supervisor {
    fn new(context: Arc<Context>, settings: &Configuration, orders: mpsc::Receiver<Order>) -> Self {
        let mut engines = context.engine.clone();
        let engine = id(engines.borrow_and_update().as_ref());
        Self {
            life: Life::new(Backoff::new(crate::random::seed()), engine.is_some()),
            view: view::of(&settings.config, &settings.blueprint),
            blueprint: Arc::clone(&settings.blueprint),
            context,
            orders,
            known: false,
            left: false,
            alone: false,
            engines,
            engine,
            running: None,
            tasks: JoinSet::new(),
        }
    }

    async fn run(mut self) {
        loop {
            let wake = self.wake().await;
            self.handle(wake);
            if self.life.is_over() {
                break;
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        let due = self.life.due();
        tokio::select! {
            // Orders first: a person's wish is not kept waiting by a talkative incarnation. Reports before the end:
            // what an incarnation said before it ended belongs before its end.
            biased;
            order = self.orders.recv(), if !self.alone => Wake::Order(order),
            Some(report) = next_report(&mut self.running) => Wake::Report(report),
            Some(ended) = self.tasks.join_next() => Wake::Ended(ended.unwrap_or_else(|error| {
                Trouble::passing("internal", Vec::new(), error.to_string())
            })),
            Ok(()) = self.engines.changed() => Wake::Engine(id(self.engines.borrow_and_update().as_ref())),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => Wake::Due,
        }
    }

    fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Order(Some(order)) => self.order(order),
            Wake::Order(None) => {
                self.alone = true;
                self.event(Event::Shutdown);
            }
            Wake::Engine(engine) => self.engine(engine),
            Wake::Report(report) => self.report(report),
            Wake::Ended(trouble) => self.ended(trouble),
            Wake::Due => self.event(Event::Due),
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Configure { settings, taken } => {
                self.configure(settings);
                let _ = taken.send(());
            }
            Order::Restart => self.event(Event::Restart),
            Order::Retry => self.event(Event::Retry),
            Order::CancelPreparation => {
                if let Some(running) = &self.running {
                    running.skip.cancel();
                }
            }
            Order::Leave => {
                self.event(Event::Shutdown);
                // The name may be taken by another from now on.
                self.left = true;
            }
        }
    }

    /// Another engine in the place of the one before holds none of our containers: what runs moves over.
    fn engine(&mut self, engine: Option<String>) {
        let moved = engine.is_some() && self.engine.is_some() && engine != self.engine;
        let up = engine.is_some();
        if up {
            self.engine = engine;
        }
        self.event(Event::Engine { up });
        if moved && self.blueprint.needs_engine() {
            self.event(Event::Restart);
        }
    }

    fn configure(&mut self, settings: Configuration) {
        let Configuration { config, blueprint, isolation_ignored, unprotected } = settings;
        let changed = !self.known || *self.blueprint != *blueprint;
        self.known = true;
        let wish = match (config.enabled, config.quarantined) {
            (false, _) => Wish::Off,
            (true, Some(true)) => Wish::Held,
            (true, _) => Wish::On,
        };
        view::configure(&mut self.view, &config, &blueprint, isolation_ignored);
        self.view.unprotected = unprotected;
        let needs_engine = blueprint.needs_engine();
        self.blueprint = blueprint;
        if changed {
            self.view.failure = None;
        }
        self.event(Event::Configured { wish, changed, needs_engine });
    }

    fn event(&mut self, event: Event) {
        match self.life.on(event, Instant::now()) {
            Action::Nothing => {}
            Action::Begin => self.begin(),
            Action::Cancel => {
                if let Some(running) = &self.running {
                    running.cancel.cancel();
                }
            }
        }
        self.publish(ChangeKind::State);
    }

    fn begin(&mut self) {
        let (sender, reports) = mpsc::channel(REPORTS);
        let (cancel, skip) = (CancellationToken::new(), CancellationToken::new());
        let incarnation = Incarnation {
            context: Arc::clone(&self.context),
            blueprint: Arc::clone(&self.blueprint),
            cancel: cancel.clone(),
            skip: skip.clone(),
            reports: sender,
        };
        self.view.starts += 1;
        self.running = Some(Running { cancel, skip, reports });
        self.tasks.spawn(incarnation.run().in_current_span());
    }

    fn report(&mut self, report: Report) {
        match report {
            Report::Step(step) => self.event(Event::Reached(step)),
            Report::Ready(identity) => {
                view::ready(&mut self.view, identity);
                self.event(Event::Reached(super::life::Step::Ready));
            }
            Report::Progress(progress) => {
                if view::progress(&mut self.view, progress) {
                    self.publish(ChangeKind::Progress);
                }
            }
            Report::Planned { runtime, image, relaxed } => {
                self.view.runtime = runtime;
                self.view.image = image;
                self.view.relaxed = relaxed.into();
                self.publish(ChangeKind::State);
            }
            Report::Container { id, name } => {
                self.view.container_id = Some(id);
                self.view.container_name = name;
                self.publish(ChangeKind::State);
            }
            Report::Tools(count) => {
                self.view.tools = count;
                self.publish(ChangeKind::Tools);
            }
        }
    }

    fn ended(&mut self, trouble: Trouble) {
        self.running = None;
        self.view.container_id = None;
        self.view.container_name = None;
        self.view.identity = None;
        if let Some(exit) = trouble.exit {
            self.view.last_exit = Some(Arc::new(exit));
        }
        if let Some(failure) = trouble.failure {
            log_failure(&failure, trouble.end);
            self.view.failure = Some(Arc::from(failure));
        }
        self.event(Event::Ended(trouble.end));
    }

    fn publish(&mut self, kind: ChangeKind) {
        let before = self.view.state.id();
        view::follow(&mut self.view, &self.life);
        if kind == ChangeKind::State && before != self.view.state.id() {
            tracing::info!(state = self.view.state.id(), before, "server state");
        }
        if !self.left {
            self.context.board.put_server(kind, self.view.clone());
        }
    }
}

/// The view of a server that nothing happened to yet.
#[cfg(test)]
pub(crate) fn fresh_view(config: &Arc<ServerConfig>) -> ServerView {
    view::of(config, &Blueprint::new(&mcpproxy_config::Config::default(), config))
}

/// Which engine it is.
fn id(engine: Option<&Engine>) -> Option<String> {
    engine.map(|engine| engine.info().id.clone())
}

async fn next_report(running: &mut Option<Running>) -> Option<Report> {
    match running {
        Some(running) => running.reports.recv().await,
        None => None,
    }
}

fn log_failure(failure: &Failure, end: End) {
    let sentence = failure.sentence();
    let (code, detail) = (failure.code, failure.detail.as_str());
    match end {
        End::Lasting => tracing::error!(code, detail, "{sentence}"),
        End::Passing | End::EngineLost => tracing::warn!(code, detail, "{sentence}"),
        End::Asked => tracing::debug!(code, detail, "{sentence}"),
    }
}
