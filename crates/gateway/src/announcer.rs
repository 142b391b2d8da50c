//! Collects changes of lists, so that clients hear of many changes once.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};

use crate::catalog::ListKind;

/// How long further changes are waited for.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Changes of lists that clients have not heard of.
#[derive(Default)]
pub(crate) struct Announcer {
    changed: AtomicU8,
    wake: Notify,
}

impl Announcer {
    /// Notes that a list has changed.
    pub(crate) fn changed(&self, kind: ListKind) {
        // Clients know one notice for resources and templates.
        let kind = if kind == ListKind::Templates { ListKind::Resources } else { kind };
        self.changed.fetch_or(1 << kind.place(), Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// The kinds that have changed, once a change was followed by the time of a debounce.
    pub(crate) async fn next(&self) -> Vec<ListKind> {
        loop {
            self.wake.notified().await;
            sleep(DEBOUNCE).await;
            let bits = self.changed.swap(0, Ordering::AcqRel);
            if bits != 0 {
                return ListKind::ALL.into_iter().filter(|kind| bits & (1 << kind.place()) != 0).collect();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_changes_are_announced_once_per_kind() {
        let announcer = Announcer::default();
        for _ in 0..5 {
            announcer.changed(ListKind::Tools);
            announcer.changed(ListKind::Templates);
            announcer.changed(ListKind::Resources);
        }
        let start = Instant::now();
        assert_eq!(announcer.next().await, [ListKind::Tools, ListKind::Resources]);
        assert_eq!(start.elapsed(), DEBOUNCE);
        let again = tokio::time::timeout(DEBOUNCE * 10, announcer.next()).await;
        assert!(again.is_err(), "nothing has changed since");
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_during_the_wait_joins_the_same_announcement() {
        let announcer = std::sync::Arc::new(Announcer::default());
        announcer.changed(ListKind::Tools);
        let waiting = tokio::spawn({
            let announcer = std::sync::Arc::clone(&announcer);
            async move { announcer.next().await }
        });
        sleep(DEBOUNCE / 2).await;
        announcer.changed(ListKind::Prompts);
        assert_eq!(waiting.await.expect("no panic"), [ListKind::Tools, ListKind::Prompts]);
    }
}
