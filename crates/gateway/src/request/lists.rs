//! Lists of the aggregated endpoints: all of a kind on one page, as the servers wrote them.

use std::time::Duration;

use bytes::Bytes;
use mcpproxy_protocol::rpc;
use tokio::time::timeout;

use super::Request;
use crate::{
    Endpoint, RoutingMode, builtin,
    catalog::{self, ListKind},
    inner::Inner,
    session::{Mode, Session},
};

/// Tools up to which the automatic mode offers them directly.
pub(crate) const DIRECT_UP_TO: usize = 40;
/// How long the first list waits for servers of which nothing is known.
const FIRST_LIST_WAIT: Duration = Duration::from_secs(2);

impl Request {
    pub(super) fn list(&self, kind: ListKind) -> Bytes {
        if let Some(refusal) = self.refuse_cursor() {
            return refusal;
        }
        self.result(&self.inner.store.peek().listed(kind))
    }

    pub(super) async fn list_tools(&self) -> Bytes {
        if let Some(refusal) = self.refuse_cursor() {
            return refusal;
        }
        let mode = decide(&self.inner, &self.session).await;
        let options = self.inner.options.load();
        let management = options.management && self.session.credential.may_manage();
        let own = builtin::listed(mode, management);
        let catalog = self.inner.store.load();
        match mode {
            Mode::Direct if own.is_empty() => self.result(&catalog.listed(ListKind::Tools)),
            Mode::Direct => {
                let all = own.iter().chain(catalog.listed_entries(ListKind::Tools));
                self.result(&catalog::render(ListKind::Tools, all))
            }
            Mode::RetrieveTools => self.result(&catalog::render(ListKind::Tools, own.iter())),
        }
    }

    /// All is on one page, so that no cursor of ours exists.
    fn refuse_cursor(&self) -> Option<Bytes> {
        self.param("cursor").map(|_| self.error(rpc::INVALID_PARAMS, "unknown cursor; begin the list anew"))
    }
}

/// What the tools of a session are: by its endpoint, else by the routing mode, else by how many there are.
pub(crate) async fn decide(inner: &Inner, session: &Session) -> Mode {
    if let Some(mode) = session.mode.get() {
        return *mode;
    }
    let routing = inner.options.load().routing_mode;
    let mode = match (&session.endpoint, routing) {
        (Endpoint::All | Endpoint::Server(_), _) | (Endpoint::Default, RoutingMode::Direct) => Mode::Direct,
        (Endpoint::Call, _) | (Endpoint::Default, RoutingMode::RetrieveTools) => Mode::RetrieveTools,
        (Endpoint::Default, RoutingMode::Auto) => {
            let known = timeout(FIRST_LIST_WAIT, inner.store.wait_until_known()).await;
            let count = known.unwrap_or_else(|_| inner.store.peek().tools().len());
            if count > DIRECT_UP_TO { Mode::RetrieveTools } else { Mode::Direct }
        }
    };
    *session.mode.get_or_init(|| mode)
}
