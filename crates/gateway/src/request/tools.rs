//! Tool calls at the aggregated endpoints: our own tools, or a server's under its published name.

use bytes::Bytes;
use mcpproxy_protocol::{Edit, rpc, text};

use super::Request;
use crate::{builtin, catalog::ListKind};

impl Request {
    pub(super) async fn call_tool(&self) -> Option<Bytes> {
        let (Some(name), Some(span)) = (self.envelope.name(&self.message), self.envelope.name) else {
            return Some(self.error(rpc::INVALID_PARAMS, "`params.name` is missing"));
        };
        if let Some(tool) = builtin::Tool::named(&name) {
            return builtin::call(self, tool).await;
        }
        let (attached, own) = {
            let catalog = self.inner.store.peek();
            match catalog.published(ListKind::Tools, &name) {
                Some(entry) => (entry.attached.clone(), entry.id.clone()),
                None => return Some(self.unknown_tool(&catalog, &name)),
            }
        };
        self.flight.calls(&own);
        let outcome = self.forward(&attached, vec![Edit::new(span, text::quote(&own))]).await;
        outcome.map_or_else(|error| self.tool_failed(&attached.name, &own, &error), Some)
    }

    /// A tool that was here and whose server is away is another thing than one that never was.
    fn unknown_tool(&self, catalog: &crate::catalog::Catalog, name: &str) -> Bytes {
        match catalog.departed(name) {
            Some(server) => self.tool_error(&self.not_connected(server)),
            None => self.error(rpc::INVALID_PARAMS, &format!("Unknown tool: {name}")),
        }
    }
}
