//! A request of a client that has no answer yet.

use std::sync::{Arc, OnceLock};

use mcpproxy_protocol::Id;
use tokio_util::sync::CancellationToken;

use super::{Channel, Session};
use crate::record::Verdict;

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) id: Id,
    /// Where messages that belong to the request go.
    pub(crate) channel: Arc<Channel>,
    pub(crate) cancel: CancellationToken,
    server: OnceLock<Arc<str>>,
    /// The tool's own name, where the client knows it by another.
    tool: OnceLock<Box<str>>,
    verdict: OnceLock<Verdict>,
}

impl Flight {
    pub(super) fn new(id: Id, channel: Arc<Channel>, cancel: CancellationToken) -> Self {
        Self { id, channel, cancel, server: OnceLock::new(), tool: OnceLock::new(), verdict: OnceLock::new() }
    }

    /// Notes which server works on it.
    pub(crate) fn goes_to(&self, server: &Arc<str>) {
        let _ = self.server.set(Arc::clone(server));
    }

    pub(crate) fn server(&self) -> Option<&Arc<str>> {
        self.server.get()
    }

    /// Notes which tool of that server is meant.
    pub(crate) fn calls(&self, tool: &str) {
        let _ = self.tool.set(tool.into());
    }

    pub(crate) fn tool(&self) -> Option<&str> {
        self.tool.get().map(AsRef::as_ref)
    }

    /// Notes that our own rules did not let it through.
    pub(crate) fn judge(&self, verdict: Verdict) {
        let _ = self.verdict.set(verdict);
    }

    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.verdict.get().copied()
    }

    pub(crate) fn is_at(&self, server: &str) -> bool {
        self.server.get().is_some_and(|at| at.as_ref() == server)
    }
}

/// Keeps a request listed as in flight for as long as somebody works on it.
pub(crate) struct FlightGuard {
    session: Arc<Session>,
    flight: Arc<Flight>,
}

impl FlightGuard {
    pub(super) fn new(session: Arc<Session>, flight: Arc<Flight>) -> Self {
        Self { session, flight }
    }

    pub(crate) fn flight(&self) -> &Arc<Flight> {
        &self.flight
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        self.session.finish(&self.flight.id);
    }
}
