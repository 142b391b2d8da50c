//! Resources and prompts of many servers: to whom an address or a name belongs, and its own form there.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::{Edit, raw, rpc, scan, splice, text};

use super::Request;
use crate::{attachment::Attached, catalog::ListKind};

impl Request {
    pub(super) async fn get_prompt(&self) -> Option<Bytes> {
        let (Some(name), Some(span)) = (self.envelope.name(&self.message), self.envelope.name) else {
            return Some(self.error(rpc::INVALID_PARAMS, "`params.name` is missing"));
        };
        let catalog = self.inner.store.load();
        let Some(entry) = catalog.published(ListKind::Prompts, &name) else {
            return Some(self.error(rpc::INVALID_PARAMS, &format!("Unknown prompt: {name}")));
        };
        let edits = vec![Edit::new(span, text::quote(&entry.id))];
        let outcome = self.forward(&entry.attached, edits).await;
        outcome.map_or_else(|error| self.failed(&entry.attached.name, &error), Some)
    }

    pub(super) async fn read_resource(&self) -> Option<Bytes> {
        let (attached, original, edits) = match self.resource() {
            Ok(found) => found,
            Err(refusal) => return Some(refusal),
        };
        let rewritten = !edits.is_empty();
        match self.forward(&attached, edits).await {
            Ok(answer) if rewritten => Some(self.name_as_asked(&answer, &attached, &original)),
            Ok(answer) => Some(answer),
            Err(error) => self.failed(&attached.name, &error),
        }
    }

    pub(super) async fn subscribe(&self) -> Option<Bytes> {
        let (attached, original, edits) = match self.resource() {
            Ok(found) => found,
            Err(refusal) => return Some(refusal),
        };
        self.subscribe_at(&attached, original, edits).await
    }

    /// Subscribes at a server; each session's wish is passed on, since servers keep a set.
    pub(super) async fn subscribe_at(
        &self,
        attached: &Attached,
        original: String,
        edits: Vec<Edit>,
    ) -> Option<Bytes> {
        let written = self.envelope.uri(&self.message).unwrap_or_default().into_owned();
        // Before the server knows, so that its first notice finds the way.
        self.session.subscribe(&attached.name, original.clone(), written);
        let outcome = self.forward(attached, edits).await;
        let accepted =
            outcome.as_ref().is_ok_and(|answer| scan(answer).is_ok_and(|answer| answer.result.is_some()));
        if !accepted {
            self.session.unsubscribe(&attached.name, &original);
        }
        outcome.map_or_else(|error| self.failed(&attached.name, &error), Some)
    }

    pub(super) async fn unsubscribe(&self) -> Option<Bytes> {
        let (attached, original, edits) = match self.resource() {
            Ok(found) => found,
            Err(refusal) => return Some(refusal),
        };
        self.unsubscribe_at(&attached, &original, edits).await
    }

    /// Unsubscribes; the server hears of it when the last session does.
    pub(super) async fn unsubscribe_at(
        &self,
        attached: &Arc<Attached>,
        original: &str,
        edits: Vec<Edit>,
    ) -> Option<Bytes> {
        self.session.unsubscribe(&attached.name, original);
        if self.inner.is_wanted(&attached.name, original) {
            return Some(self.result(b"{}"));
        }
        let outcome = self.forward(attached, edits).await;
        self.inner.renew_subscription(attached, original).await;
        outcome.map_or_else(|error| self.failed(&attached.name, &error), Some)
    }

    /// The server that the request's `params.uri` belongs to, the address there, and the edit that says so.
    fn resource(&self) -> Result<(Arc<Attached>, String, Vec<Edit>), Bytes> {
        let (Some(uri), Some(span)) = (self.envelope.uri(&self.message), self.envelope.uri) else {
            return Err(self.error(rpc::INVALID_PARAMS, "`params.uri` is missing"));
        };
        let catalog = self.inner.store.load();
        let Some((attached, original)) = catalog.owner(&uri) else {
            return Err(self.error(rpc::INVALID_PARAMS, &format!("Unknown resource: {uri}")));
        };
        let edits = if original == uri { Vec::new() } else { vec![Edit::new(span, text::quote(&original))] };
        Ok((Arc::clone(attached), original, edits))
    }

    /// Names what was read as it was asked for, and what came along with it as it is published.
    fn name_as_asked(&self, answer: &Bytes, attached: &Attached, original: &str) -> Bytes {
        let asked = self.envelope.uri(&self.message).unwrap_or_default();
        let Some(result) = scan(answer).ok().and_then(|envelope| envelope.result) else {
            return answer.clone();
        };
        let Some(contents) = raw::member(answer, result, "contents") else { return answer.clone() };
        let catalog = self.inner.store.load();
        let mut edits = Vec::new();
        for content in raw::elements(answer, contents) {
            let Some(span) = raw::member(answer, content, "uri") else { continue };
            let Some(uri) = text::unescape(span.of(answer)) else { continue };
            let shown =
                if uri == original { asked.to_string() } else { catalog.published_uri(&attached.name, &uri) };
            if shown != uri {
                edits.push(Edit::new(span, text::quote(&shown)));
            }
        }
        splice(answer, &mut edits)
    }
}
