//! Servers that were removed a moment ago, so that a removal can be undone.
use std::{collections::VecDeque, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

/// How long a removal can be undone; the window offers it for ten seconds, scripts may be slower.
const KEPT: Duration = Duration::from_secs(120);
/// How many removals are remembered.
const MOST: usize = 16;

/// The removals that can still be undone.
#[derive(Debug, Default)]
pub(crate) struct Removed(VecDeque<(Instant, Value)>);

impl Removed {
    /// Remembers an entry with its name.
    pub(super) fn note(&mut self, entry: Value) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((Instant::now(), entry));
    }

    /// The entry that was removed last, or the last of this name, unless that is too long ago.
    pub(super) fn last(&mut self, name: Option<&str>) -> Option<Value> {
        self.0.retain(|(at, _)| at.elapsed() <= KEPT);
        let meant = |entry: &Value| name.is_none_or(|name| entry["name"] == name);
        self.0.iter().rev().find(|(_, entry)| meant(entry)).map(|(_, entry)| entry.clone())
    }

    /// Forgets an entry that is there again.
    pub(super) fn forget(&mut self, entry: &Value) {
        self.0.retain(|(_, known)| known != entry);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_removal_can_be_undone_for_a_while_the_last_one_first() {
        let mut removed = Removed::default();
        removed.note(json!({"name": "a"}));
        removed.note(json!({"name": "b"}));
        assert_eq!(removed.last(None), Some(json!({"name": "b"})));
        assert_eq!(removed.last(Some("a")), Some(json!({"name": "a"})));
        removed.forget(&json!({"name": "b"}));
        assert_eq!(removed.last(Some("b")), None);
        tokio::time::advance(KEPT + Duration::from_secs(1)).await;
        assert_eq!(removed.last(None), None);
    }

    #[tokio::test]
    async fn only_so_many_removals_are_remembered() {
        let mut removed = Removed::default();
        (0..50).for_each(|number| removed.note(json!({"name": number.to_string()})));
        assert_eq!(removed.last(Some("33")), None);
        assert_eq!(removed.last(Some("34")), Some(json!({"name": "34"})));
    }
}
