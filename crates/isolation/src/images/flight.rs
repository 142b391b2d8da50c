//! One pull for many waiters: the first one starts it, the last one that leaves ends it.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Image;
use super::error::PullError;
use super::progress::{Progress, ProgressSink, Stage};

/// What a pull came to.
type Outcome = Option<Result<Image, PullError>>;

/// The pulls of one engine that somebody waits for, by image and platform.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<String, Weak<Flight>>>);

/// One pull; its task ends with the last waiter.
#[derive(Debug)]
struct Flight {
    steps: watch::Receiver<Progress>,
    outcome: watch::Receiver<Outcome>,
    task: JoinHandle<()>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Flights {
    /// Joins the pull of that key or starts it with `work`, and waits for its end.
    pub(crate) async fn join<W, F>(
        &self,
        key: &str,
        image: &str,
        sink: &ProgressSink,
        cancel: &CancellationToken,
        work: W,
    ) -> Result<Image, PullError>
    where
        W: FnOnce(watch::Sender<Progress>) -> F,
        F: Future<Output = Result<Image, PullError>> + Send + 'static,
    {
        let flight = self.enter(key, work);
        let mut steps = flight.steps.clone();
        let mut outcome = flight.outcome.clone();
        let cancelled = || PullError::Cancelled { image: image.to_owned() };
        steps.mark_changed();
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(cancelled()),
                ended = outcome.wait_for(Option::is_some) => {
                    // The sender goes only with the task, and the task only with its last waiter.
                    let ended = ended.map_err(|_| cancelled())?.clone();
                    sink.stage(if matches!(ended, Some(Ok(_))) { Stage::Done } else { Stage::Waiting }, image);
                    return ended.unwrap_or_else(|| Err(cancelled()));
                }
                Ok(()) = steps.changed() => sink.step(steps.borrow_and_update().clone()),
            }
        }
    }

    fn enter<W, F>(&self, key: &str, work: W) -> Arc<Flight>
    where
        W: FnOnce(watch::Sender<Progress>) -> F,
        F: Future<Output = Result<Image, PullError>> + Send + 'static,
    {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key).and_then(Weak::upgrade)
            && flight.outcome.borrow().is_none()
        {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let (publish, steps) = watch::channel(Progress::default());
        let (done, outcome) = watch::channel(None);
        let work = work(publish);
        let task = tokio::spawn(async move {
            let ended = work.await;
            done.send_replace(Some(ended));
        });
        let flight = Arc::new(Flight { steps, outcome, task });
        flights.insert(key.to_owned(), Arc::downgrade(&flight));
        flight
    }
}
