//! The log level of a session: servers get the most verbose one that any session wants.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use mcpproxy_protocol::rpc;
use tokio::time::timeout;

use super::Request;
use crate::session::Level;

/// How long the answer waits for servers to take the level; slower ones take it later.
const WAIT: Duration = Duration::from_secs(2);

impl Request {
    pub(super) async fn set_level(&self) -> Bytes {
        let Some(level) = self.param("level").as_deref().and_then(Level::parse) else {
            return self.error(rpc::INVALID_PARAMS, "`params.level` must be one of debug, info, notice, warning, error, critical, alert, emergency");
        };
        self.session.set_level(level);
        let (inner, session) = (Arc::clone(&self.inner), Arc::clone(&self.session));
        let applied = self.inner.tasks.spawn(async move { inner.apply_levels(&session).await });
        let _ = timeout(WAIT, applied).await;
        self.result(b"{}")
    }
}
