//! A request's work that outlives the connection it came on: a client that hangs up has not cancelled.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio_util::task::TaskTracker;

type Boxed = Pin<Box<dyn Future<Output = Option<Bytes>> + Send>>;

/// Work that is done by whoever polls it, and by a task of the gateway once nobody does.
pub(crate) struct Work {
    future: Option<Boxed>,
    tasks: TaskTracker,
}

impl Work {
    pub(crate) fn new(
        future: impl Future<Output = Option<Bytes>> + Send + 'static,
        tasks: &TaskTracker,
    ) -> Self {
        Self { future: Some(Box::pin(future)), tasks: tasks.clone() }
    }
}

impl Future for Work {
    type Output = Option<Bytes>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.future else { return Poll::Ready(None) };
        let outcome = future.as_mut().poll(context);
        if outcome.is_ready() {
            self.future = None;
        }
        outcome
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let Some(future) = self.future.take() else { return };
        // Outside a runtime everything is being torn down, the servers included.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.tasks.spawn_on(future, &runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let tasks = TaskTracker::new();
        let (go, gone) = oneshot::channel::<()>();
        let (done, finished) = oneshot::channel();
        let work = Work::new(
            async move {
                gone.await.ok();
                done.send("done").ok();
                None
            },
            &tasks,
        );
        drop(work);
        go.send(()).expect("the work waits");
        assert_eq!(finished.await, Ok("done"));
        tasks.close();
        tasks.wait().await;
    }

    #[tokio::test]
    async fn finished_work_leaves_nothing_behind() {
        let tasks = TaskTracker::new();
        assert_eq!(Work::new(async { Some(Bytes::new()) }, &tasks).await, Some(Bytes::new()));
        assert!(tasks.is_empty());
    }
}
