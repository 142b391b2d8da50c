//! What overtakes the queue of calls: cancellations, answers to the server's requests, the wish to close.
//!
//! Each entry stands for a call in flight or a request of the server that the router let in, and both are limited.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Something that must not wait behind a call.
#[derive(Debug)]
pub(crate) enum Urgent {
    /// Nobody waits for the answer to this mapped id any longer.
    Cancel(u64),
    /// An answer to a request of the server.
    Reply(Bytes),
    /// Close when everything has been sent.
    Close,
}

/// The entries, and the bell.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: Mutex<Vec<Urgent>>,
    bell: Notify,
}

impl Outbox {
    pub(crate) fn cancel(&self, id: u64) {
        self.put(Urgent::Cancel(id));
    }

    pub(crate) fn reply(&self, message: Bytes) {
        self.put(Urgent::Reply(message));
    }

    pub(crate) fn close(&self) {
        self.put(Urgent::Close);
    }

    fn put(&self, urgent: Urgent) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(urgent);
        self.bell.notify_one();
    }

    /// Waits for the bell; then everything that is there can be taken.
    pub(crate) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(crate) fn take(&self) -> Vec<Urgent> {
        std::mem::take(&mut *self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
