//! The endpoint of one server: its own words in both directions, but for what sharing it forces upon us.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::{rpc, text};
use serde_json::{json, value::to_raw_value};

use super::Request;
use crate::{attachment::Attached, catalog::ListKind};

impl Request {
    pub(super) async fn answer_as_server(&self, method: &str) -> Option<Bytes> {
        let attached = match self.own_server() {
            Ok(attached) => attached,
            Err(refusal) => return Some(refusal),
        };
        if self.inner.pause.is_on()
            && let Some(kind) = ListKind::from_method(method)
        {
            return Some(self.result(&self.inner.store.peek().listed_by(&attached.name, kind)));
        }
        let uri = self.envelope.uri.and_then(|span| text::unescape(span.of(&self.message)));
        match (method, uri) {
            ("logging/setLevel", _) if attached.offers("logging") => Some(self.set_level().await),
            ("resources/subscribe", Some(uri)) => {
                self.subscribe_at(&attached, uri.into_owned(), Vec::new()).await
            }
            ("resources/unsubscribe", Some(uri)) => self.unsubscribe_at(&attached, &uri, Vec::new()).await,
            _ => {
                let outcome = self.forward(&attached, Vec::new()).await;
                outcome.map_or_else(|error| self.failed(&attached.name, &error), Some)
            }
        }
    }

    fn own_server(&self) -> Result<Arc<Attached>, Bytes> {
        let name = self.session.server().map(AsRef::as_ref).unwrap_or_default();
        let catalog = self.inner.store.peek();
        catalog.server(name).cloned().ok_or_else(|| {
            let data = to_raw_value(&json!({ "code": "server_not_connected", "server": name })).ok();
            rpc::error(Some(self.id()), rpc::INTERNAL_ERROR, &self.not_connected(name), data.as_deref())
        })
    }
}
