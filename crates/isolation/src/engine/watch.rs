//! Keeps an eye on the engine for as long as the program runs: its events tell at once when it goes, pings tell when
//! it hangs, and short looks find it again, without a limit on attempts.
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Engine;
use super::finder::{Finder, Fingerprint};
use super::state::EngineStatus;
use super::stream::Events;

/// How often an engine that is away is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(1000);
/// How often the same is done once it has been away for long.
const LOOK_LATER: Duration = Duration::from_millis(2000);
/// When an absence counts as long.
const LONG_AWAY: Duration = Duration::from_secs(120);
/// How often the files that name the engine are compared; a ready engine is asked nothing by it.
const COMPARE_EVERY: Duration = Duration::from_secs(2);
/// How many comparisons make a ping.
const PING_EVERY: u32 = 5;

/// The watch over one engine; dropping it ends the watch.
#[derive(Debug)]
pub struct EngineWatch {
    status: watch::Receiver<EngineStatus>,
    finder: watch::Sender<Finder>,
    poke: Arc<Notify>,
    task: JoinHandle<()>,
}

impl EngineWatch {
    /// Starts watching; the first status is `Checking`.
    pub fn spawn(finder: Finder) -> Self {
        let (publish, status) = watch::channel(EngineStatus::checking());
        let (finder, finders) = watch::channel(finder);
        let poke = Arc::new(Notify::new());
        let keeper = Keeper { publish, finders, poke: Arc::clone(&poke) };
        Self { status, finder, poke, task: tokio::spawn(keeper.run()) }
    }

    /// The status and its changes.
    pub fn status(&self) -> watch::Receiver<EngineStatus> {
        self.status.clone()
    }

    /// Looks again at once, as after a person's click or a wake-up.
    pub fn check_now(&self) {
        self.poke.notify_one();
    }

    /// Looks by other settings from now on.
    pub fn set_finder(&self, finder: Finder) {
        self.finder.send_replace(finder);
    }

    /// Ends the watch and waits for its end.
    pub async fn shutdown(mut self) {
        self.task.abort();
        // An aborted task ends with an error that says nothing new.
        let _ = (&mut self.task).await;
    }
}

impl Drop for EngineWatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Keeper {
    publish: watch::Sender<EngineStatus>,
    finders: watch::Receiver<Finder>,
    poke: Arc<Notify>,
}

impl Keeper {
    async fn run(mut self) {
        let mut away_since = Instant::now();
        loop {
            // Other settings may bring other credentials, which an engine's handle carries.
            let settings_changed = self.finders.has_changed().unwrap_or(false);
            let mut finder = self.finders.borrow_and_update().clone();
            if let Some(engine) = self.publish.borrow().engine() {
                finder.prefer(&engine.info().id);
            }
            let seen = finder.fingerprint();
            let found = finder.find().await;
            let ready = self.tell(found, settings_changed);
            match ready {
                Some(engine) => {
                    self.stay(&engine, &finder, seen).await;
                    away_since = Instant::now();
                }
                None => self.pause(away_since).await,
            }
        }
    }

    /// Publishes what is new; an engine that is the same keeps its handle.
    fn tell(&self, found: EngineStatus, anew: bool) -> Option<Engine> {
        let same = self.publish.borrow().says_the_same(&found);
        if anew || !same {
            tracing::info!(
                state = found.state.code(),
                endpoint = found.endpoint.as_ref().map(ToString::to_string),
                "engine state: {}",
                found.state.code()
            );
            self.publish.send_replace(found);
        }
        self.publish.borrow().engine().cloned()
    }

    async fn pause(&mut self, away_since: Instant) {
        let wait = if away_since.elapsed() < LONG_AWAY { LOOK_EVERY } else { LOOK_LATER };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.poke.notified() => {}
            Ok(()) = self.finders.changed() => {}
        }
    }

    /// Returns when the engine is gone, hangs, or may not be the right one any more.
    async fn stay(&mut self, engine: &Engine, finder: &Finder, seen: Fingerprint) {
        // The kind is one that hardly ever has news: the stream's end is the news.
        let mut events = match engine.events(&["daemon"], &[]).await {
            Ok(events) => Some(events),
            Err(error) if error.is_engine_away() => return,
            Err(error) => {
                tracing::debug!(%error, "the engine tells no events; it is pinged instead");
                None
            }
        };
        let mut ticks = interval(COMPARE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut count = 0_u32;
        loop {
            tokio::select! {
                () = gone(&mut events) => return,
                () = self.poke.notified() => return,
                Ok(()) = self.finders.changed() => return,
                _ = ticks.tick() => {
                    count = count.wrapping_add(1);
                    if finder.fingerprint() != seen {
                        return;
                    }
                    if (events.is_none() || count.is_multiple_of(PING_EVERY)) && engine.ping().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// Resolves when the stream of events has ended; never without one.
async fn gone(events: &mut Option<Events>) {
    match events {
        Some(stream) => while let Some(Ok(_)) = stream.next().await {},
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
