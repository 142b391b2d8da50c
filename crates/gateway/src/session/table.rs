//! All sessions, found by id or number.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::Instant;

use super::{Opening, Session};
use crate::{Credential, Endpoint};

/// Sessions at a time; one more ends the one that was idle longest.
const MAX_SESSIONS: usize = 1024;

/// Why no session was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The request names none.
    Unnamed,
    /// None has this id, for this credential, at this endpoint.
    Unknown,
}

/// The open sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    inner: RwLock<Inner>,
}

#[derive(Default)]
struct Inner {
    by_id: HashMap<String, Arc<Session>>,
    by_number: BTreeMap<u64, Arc<Session>>,
    next: u64,
    closed: bool,
}

impl Inner {
    fn remove(&mut self, number: u64) -> Option<Arc<Session>> {
        let session = self.by_number.remove(&number)?;
        self.by_id.remove(&session.id);
        Some(session)
    }
}

impl Sessions {
    /// Opens a session, and returns with it the one that had to make room.
    pub(crate) fn open(&self, opening: Opening) -> (Arc<Session>, Option<Arc<Session>>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let mut evicted = None;
        if inner.by_number.len() >= MAX_SESSIONS {
            let idlest = inner
                .by_number
                .values()
                .filter_map(|session| Some((session.idle_since()?, session.number)))
                .min();
            evicted = idlest.and_then(|(_, number)| inner.remove(number));
        }
        inner.next += 1;
        let session = Arc::new(Session::new(inner.next, opening));
        if inner.closed {
            session.end();
        } else {
            inner.by_id.insert(session.id.clone(), Arc::clone(&session));
            inner.by_number.insert(session.number, Arc::clone(&session));
        }
        (session, evicted)
    }

    /// The session with this id, if the same caller opened it at the same endpoint.
    pub(crate) fn find(
        &self,
        id: Option<&str>,
        endpoint: &Endpoint,
        credential: &Credential,
    ) -> Result<Arc<Session>, Missing> {
        let id = id.ok_or(Missing::Unnamed)?;
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        let session = inner.by_id.get(id).ok_or(Missing::Unknown)?;
        // A stranger learns nothing: a session of somebody else is as unknown as none.
        let same = session.endpoint == *endpoint && session.credential == *credential;
        if same { Ok(Arc::clone(session)) } else { Err(Missing::Unknown) }
    }

    pub(crate) fn by_number(&self, number: u64) -> Option<Arc<Session>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).by_number.get(&number).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).by_number.values().cloned().collect()
    }

    pub(crate) fn remove(&self, number: u64) -> Option<Arc<Session>> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).remove(number)
    }

    /// Takes out all sessions that have been idle for `life`.
    pub(crate) fn expire(&self, now: Instant, life: Duration) -> Vec<Arc<Session>> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let is_stale =
            |session: &Session| session.idle_since().is_some_and(|since| now.duration_since(since) >= life);
        let stale: Vec<u64> = inner
            .by_number
            .values()
            .filter(|session| is_stale(session))
            .map(|session| session.number)
            .collect();
        stale.into_iter().filter_map(|number| inner.remove(number)).collect()
    }

    /// Takes out all sessions and lets no new one live.
    pub(crate) fn close(&self) -> Vec<Arc<Session>> {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        inner.closed = true;
        inner.by_id.clear();
        std::mem::take(&mut inner.by_number).into_values().collect()
    }
}
