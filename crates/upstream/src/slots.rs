//! Who waits for which answer.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use mcpproxy_protocol::{Envelope, splice_owned};
use tokio::sync::{mpsc, oneshot};

use crate::call::Origin;
use crate::error::CallError;

/// What a caller gets.
pub(crate) type Answer = Result<Bytes, CallError>;

/// One waiting caller.
#[derive(Debug)]
pub(crate) struct Slot {
    reply: oneshot::Sender<Answer>,
    /// The caller's own tokens; none for our own requests, whose callers want the bare result.
    theirs: Option<Theirs>,
}

#[derive(Debug)]
struct Theirs {
    id: Bytes,
    token: Option<Bytes>,
    origin: Origin,
    progress: Option<mpsc::Sender<Bytes>>,
}

impl Slot {
    pub(crate) fn for_call(
        message: &Bytes,
        envelope: &Envelope,
        origin: Origin,
        progress: Option<mpsc::Sender<Bytes>>,
        reply: oneshot::Sender<Answer>,
    ) -> Self {
        let token = envelope.progress_token.map(|span| span.slice(message));
        let id = envelope.id.map(|span| span.slice(message)).unwrap_or_default();
        Self { reply, theirs: Some(Theirs { id, token, origin, progress }) }
    }

    pub(crate) fn for_us(reply: oneshot::Sender<Answer>) -> Self {
        Self { reply, theirs: None }
    }

    /// Whether the caller has gone.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    pub(crate) fn origin(&self) -> Option<Origin> {
        self.theirs.as_ref().map(|theirs| theirs.origin)
    }

    /// Hands the server's answer over.
    pub(crate) fn answer(self, message: BytesMut, envelope: &Envelope) {
        let answer = match (&self.theirs, envelope.id) {
            (Some(theirs), Some(id)) => Ok(splice_owned(message, id, &theirs.id)),
            _ => bare_result(message.freeze(), envelope),
        };
        // A caller that has gone meanwhile needs no answer.
        let _ = self.reply.send(answer);
    }

    pub(crate) fn fail(self, error: CallError) {
        let _ = self.reply.send(Err(error));
    }

    /// Passes progress on with the caller's own token; says whether there was anybody to take it.
    pub(crate) fn progress(&self, message: BytesMut, envelope: &Envelope) -> bool {
        let Some(Theirs { token: Some(token), progress: Some(progress), .. }) = &self.theirs else {
            return false;
        };
        let Some(span) = envelope.token else { return false };
        progress.try_send(splice_owned(message, span, token)).is_ok()
    }
}

/// The result of an answer to ourselves, or its error.
fn bare_result(message: Bytes, envelope: &Envelope) -> Answer {
    if let Some(result) = envelope.result {
        return Ok(result.slice(&message));
    }
    let error: serde_json::Value =
        envelope.error.and_then(|error| serde_json::from_slice(error.of(&message)).ok()).unwrap_or_default();
    Err(CallError::Refused {
        code: error["code"].as_i64().unwrap_or_default(),
        message: error["message"].as_str().unwrap_or_default().chars().take(2000).collect(),
    })
}

/// All waiting callers of a connection, by mapped id.
#[derive(Debug, Default)]
pub(crate) struct Slots(HashMap<u64, Slot>);

impl Slots {
    pub(crate) fn put(&mut self, id: u64, slot: Slot) {
        self.0.insert(id, slot);
    }

    pub(crate) fn take(&mut self, id: u64) -> Option<Slot> {
        self.0.remove(&id)
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Slot> {
        self.0.get(&id)
    }

    /// The only client that has a call in flight, if it is one.
    pub(crate) fn only_origin(&self) -> Option<Origin> {
        let mut origins = self.0.values().filter(|slot| !slot.is_abandoned()).filter_map(Slot::origin);
        let first = origins.next()?;
        origins.all(|origin| origin == first).then_some(first)
    }

    /// Fails everyone at once.
    pub(crate) fn fail_all(&mut self, error: &CallError) {
        for (_, slot) in self.0.drain() {
            slot.fail(error.clone());
        }
    }
}
