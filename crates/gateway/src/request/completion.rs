//! Completions: routed by the prompt or the template whose argument is completed.

use bytes::Bytes;
use mcpproxy_protocol::{Edit, rpc, text};

use super::Request;
use crate::catalog::ListKind;

impl Request {
    pub(super) async fn complete(&self) -> Option<Bytes> {
        let catalog = self.inner.store.load();
        let unescape = |span: mcpproxy_protocol::Span| text::unescape(span.of(&self.message));
        let (attached, own, span) = if let Some(span) = self.envelope.ref_name {
            let name = unescape(span).unwrap_or_default();
            let Some(entry) = catalog.published(ListKind::Prompts, &name) else {
                return Some(self.error(rpc::INVALID_PARAMS, &format!("Unknown prompt: {name}")));
            };
            (&entry.attached, entry.id.to_string(), span)
        } else if let Some(span) = self.envelope.ref_uri {
            let template = unescape(span).unwrap_or_default();
            let Some((attached, own)) = catalog.template_owner(&template) else {
                return Some(
                    self.error(rpc::INVALID_PARAMS, &format!("Unknown resource template: {template}")),
                );
            };
            (attached, own, span)
        } else {
            return Some(
                self.error(rpc::INVALID_PARAMS, "`params.ref` names neither a prompt nor a resource"),
            );
        };
        let changed = unescape(span).is_none_or(|written| written != own);
        let edits = if changed { vec![Edit::new(span, text::quote(&own))] } else { Vec::new() };
        let outcome = self.forward(attached, edits).await;
        outcome.map_or_else(|error| self.failed(&attached.name, &error), Some)
    }
}
