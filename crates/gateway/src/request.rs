//! One request of a client: answered here, or passed on to the server that it concerns.

mod completion;
mod failure;
mod lists;
mod logging;
mod resources;
mod single;
mod tools;

use std::{pin::pin, sync::Arc};

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope, Id, rpc};
use mcpproxy_upstream::{Call, CallError, Origin};
use tokio::sync::mpsc;

pub(crate) use failure::{Failure, not_connected};
pub(crate) use lists::decide;

use crate::{
    attachment::Attached,
    catalog::ListKind,
    inner::Inner,
    pause::Pause,
    session::{Flight, Session},
};

/// Progress notifications of one call that may wait to be put on its stream.
const PROGRESS_QUEUE: usize = 256;

/// A request with all that is needed to answer it.
pub(crate) struct Request {
    pub(crate) inner: Arc<Inner>,
    pub(crate) session: Arc<Session>,
    pub(crate) flight: Arc<Flight>,
    pub(crate) message: Bytes,
    pub(crate) envelope: Envelope,
}

impl Request {
    /// Answers the request; `None` where it was cancelled and no answer is wanted.
    pub(crate) async fn answer(&self) -> Option<Bytes> {
        let method = self.envelope.method(&self.message).unwrap_or_default();
        if method == "ping" {
            return Some(self.result(b"{}"));
        }
        if self.session.server().is_some() {
            return self.answer_as_server(&method).await;
        }
        match method.as_ref() {
            "tools/call" => self.call_tool().await,
            "tools/list" => Some(self.list_tools().await),
            "prompts/get" => self.get_prompt().await,
            "resources/read" => self.read_resource().await,
            "resources/subscribe" => self.subscribe().await,
            "resources/unsubscribe" => self.unsubscribe().await,
            "completion/complete" => self.complete().await,
            "logging/setLevel" => Some(self.set_level().await),
            _ => Some(match ListKind::from_method(&method) {
                Some(kind) => self.list(kind),
                None => self.error(rpc::METHOD_NOT_FOUND, &format!("there is no method `{method}` here")),
            }),
        }
    }

    pub(crate) fn id(&self) -> &Id {
        &self.flight.id
    }

    /// A successful answer.
    pub(crate) fn result(&self, result: &[u8]) -> Bytes {
        rpc::result(self.id(), result)
    }

    /// An error answer.
    pub(crate) fn error(&self, code: i64, message: &str) -> Bytes {
        rpc::error(Some(self.id()), code, message, None)
    }

    /// The text of a string member of `params`.
    pub(crate) fn param(&self, key: &str) -> Option<String> {
        let text = mcpproxy_protocol::raw::text_member(&self.message, self.envelope.params?, key)?;
        Some(text.into_owned())
    }

    /// Passes the request on as it came but for `edits`, and returns the server's answer as it came.
    pub(crate) async fn forward(&self, attached: &Attached, edits: Vec<Edit>) -> Result<Bytes, Failure> {
        self.send(attached, self.message.clone(), self.envelope, edits).await
    }

    /// Sends a message to a server on behalf of this request.
    pub(crate) async fn send(
        &self,
        attached: &Attached,
        message: Bytes,
        envelope: Envelope,
        edits: Vec<Edit>,
    ) -> Result<Bytes, Failure> {
        self.flight.goes_to(&attached.name);
        let mut call = Call {
            message,
            envelope,
            edits,
            origin: Origin(self.session.number),
            progress: None,
            timeout: self.inner.options.load().call_timeout,
            cancel: self.flight.cancel.clone(),
        };
        if envelope.progress_token.is_none() {
            return passed(&self.inner.pause, attached.handle.call(call)).await;
        }
        let (progress, mut reported) = mpsc::channel(PROGRESS_QUEUE);
        call.progress = Some(progress);
        let mut call = pin!(passed(&self.inner.pause, attached.handle.call(call)));
        let answer = loop {
            tokio::select! {
                biased;
                Some(message) = reported.recv() => {
                    self.flight.channel.push(message);
                }
                answer = &mut call => break answer,
            }
        };
        // What was reported before the answer goes before it.
        while let Ok(message) = reported.try_recv() {
            self.flight.channel.push(message);
        }
        answer
    }
}

/// A call's answer, unless all is paused: then it does not begin, or is no longer waited for.
pub(crate) async fn passed(
    pause: &Pause,
    call: impl Future<Output = Result<Bytes, CallError>>,
) -> Result<Bytes, Failure> {
    let mut pass = pause.enter()?;
    tokio::select! {
        biased;
        answer = call => Ok(answer?),
        () = pass.revoked() => Err(Failure::Paused),
    }
}
