//! How many containers start at the same time: an engine gets slower, not faster, with more.
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Starts at once. An engine does the work of each in about a tenth of a second, much of which is waiting.
const WIDTH: usize = 8;

/// The lane that every isolated start passes. Downloads and installations happen before it.
#[derive(Debug, Clone)]
pub(crate) struct Lane(Arc<Semaphore>);

impl Lane {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(WIDTH)))
    }

    /// A place at once, if there is one.
    pub(crate) fn try_enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// A place, in order of arrival. None is never answered, since the lane is never closed.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}
