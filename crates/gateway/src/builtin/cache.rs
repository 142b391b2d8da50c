//! Long results kept for a while, so that a client can read on where its copy was cut.
//!
//! Bounded by age and by bytes. An entry is found only by the random key that the client was given, and
//! only under the credential that made the call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::truncate::Records;
use crate::Credential;

/// How long an entry can be read.
const LIFE: Duration = Duration::from_secs(2 * 60 * 60);
/// Bytes kept in all.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Cut results by key.
#[derive(Default)]
pub(crate) struct Cache {
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    records: Arc<Records>,
    owner: Credential,
    stored: Instant,
}

impl Cache {
    /// Keeps records and returns their key.
    pub(crate) fn put(&self, records: Records, owner: Credential, now: Instant) -> String {
        let key = crate::random::token();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| now.duration_since(entry.stored) < LIFE);
        let mut bytes: usize = entries.values().map(|entry| entry.records.size).sum::<usize>() + records.size;
        while bytes > MAX_BYTES {
            let Some(oldest) =
                entries.iter().min_by_key(|(_, entry)| entry.stored).map(|(key, _)| key.clone())
            else {
                break;
            };
            bytes -= entries.remove(&oldest).map_or(0, |entry| entry.records.size);
        }
        entries.insert(key.clone(), Entry { records: Arc::new(records), owner, stored: now });
        key
    }

    /// The records behind a key, while they live and for the caller they were made for.
    pub(crate) fn get(&self, key: &str, caller: &Credential, now: Instant) -> Option<Arc<Records>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key)?;
        let readable = entry.owner == *caller && now.duration_since(entry.stored) < LIFE;
        readable.then(|| Arc::clone(&entry.records))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(size: usize) -> Records {
        Records { path: String::new(), records: Vec::new(), size }
    }

    #[tokio::test(start_paused = true)]
    async fn an_entry_is_gone_after_two_hours() {
        let cache = Cache::default();
        let start = Instant::now();
        let key = cache.put(records(1), Credential::Local, start);
        assert!(cache.get(&key, &Credential::Local, start + LIFE - Duration::from_secs(1)).is_some());
        assert!(cache.get(&key, &Credential::Local, start + LIFE).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn another_credential_finds_nothing() {
        let cache = Cache::default();
        let key = cache.put(records(1), Credential::Client("a".into()), Instant::now());
        assert!(cache.get(&key, &Credential::Client("b".into()), Instant::now()).is_none());
        assert!(cache.get(&key, &Credential::Client("a".into()), Instant::now()).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_entries_make_room() {
        let cache = Cache::default();
        let start = Instant::now();
        let old = cache.put(records(MAX_BYTES / 2), Credential::Local, start);
        let young = cache.put(records(MAX_BYTES / 2), Credential::Local, start + Duration::from_secs(1));
        let now = start + Duration::from_secs(2);
        cache.put(records(1), Credential::Local, now);
        assert!(cache.get(&old, &Credential::Local, now).is_none());
        assert!(cache.get(&young, &Credential::Local, now).is_some());
    }
}
