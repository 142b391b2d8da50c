//! Where a message of the server goes: to the caller that waits for it, to the gateway, or nowhere.

use bytes::{Bytes, BytesMut};
use mcpproxy_protocol::{Envelope, Id, Kind, ScanError, ScanErrorKind, raw, rpc, scan};
use tokio::sync::mpsc;

use crate::call::Origin;
use crate::error::{CallError, CloseReason};
use crate::handle::{Outgoing, Port};
use crate::inbound::InboundQueue;
use crate::slots::Slots;

/// How much of a line that is no message is shown.
const SAMPLE: usize = 200;
/// Requests of a server that takes no answers; what it asks beyond them is not answered, since answers would pile up.
const OWED: usize = 4096;

/// The routing state of one connection, whatever carries its messages.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) port: Port,
    pub(crate) slots: Slots,
    pub(crate) inbound: InboundQueue,
    server: String,
    noise: Option<mpsc::Sender<String>>,
    noisy_lines: u64,
    /// Requests of the server since it last took everything that was sent to it.
    pub(crate) owed: usize,
}

impl Router {
    pub(crate) fn new(
        port: Port,
        inbound: InboundQueue,
        server: String,
        noise: Option<mpsc::Sender<String>>,
    ) -> Self {
        Self { port, slots: Slots::default(), inbound, server, noise, noisy_lines: 0, owed: 0 }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Takes note of who waits; says whether the message is still wanted.
    pub(crate) fn enter(&mut self, outgoing: &mut Outgoing) -> bool {
        match outgoing.slot.take() {
            Some((_, slot)) if slot.is_abandoned() => false,
            Some((id, slot)) => {
                self.slots.put(id, slot);
                true
            }
            None => true,
        }
    }

    /// Nobody waits for this id any longer; gives the notice for the server, if it had been asked at all.
    pub(crate) fn cancel(&mut self, id: u64) -> Option<Bytes> {
        self.slots.take(id)?;
        Some(rpc::cancelled(&Id::number(id), "the caller no longer waits for it"))
    }

    /// Routes what came as one line or event. `tied` is whose call it belongs to, where the transport says so.
    pub(crate) fn route(&mut self, message: BytesMut, tied: Option<Origin>) {
        match scan(&message) {
            Ok(envelope) => self.dispatch(message, envelope, tied),
            Err(ScanError { kind: ScanErrorKind::Batch, .. }) => self.batch(&message, tied),
            Err(error) => self.unusable(&message, error),
        }
    }

    fn dispatch(&mut self, message: BytesMut, envelope: Envelope, tied: Option<Origin>) {
        match envelope.kind {
            Kind::Result | Kind::Error => self.answer(message, &envelope),
            Kind::Notification => self.notification(message, envelope),
            Kind::Request => self.request(message.freeze(), envelope, tied),
        }
    }

    fn answer(&mut self, message: BytesMut, envelope: &Envelope) {
        let id = envelope.id.and_then(|span| mapped(span.of(&message)));
        match id.and_then(|id| self.slots.take(id)) {
            Some(slot) => slot.answer(message, envelope),
            // Usual after a cancellation or a timeout; otherwise a server's invention.
            None => tracing::debug!(server = self.server, "an answer that nobody waits for was dropped"),
        }
    }

    fn notification(&mut self, message: BytesMut, envelope: Envelope) {
        if envelope.token.is_some() && envelope.method(&message).as_deref() == Some("notifications/progress")
        {
            let id = envelope.token.and_then(|span| mapped(span.of(&message)));
            if !id.and_then(|id| self.slots.get(id)).is_some_and(|slot| slot.progress(message, &envelope)) {
                tracing::debug!(server = self.server, "progress that nobody takes was dropped");
            }
            return;
        }
        self.inbound.notification(message.freeze(), envelope, &self.server);
    }

    fn request(&mut self, message: Bytes, envelope: Envelope, tied: Option<Origin>) {
        let Some(id) = envelope.id.and_then(|span| Id::from_token(span.slice(&message))) else { return };
        if !self.may_ask() {
            return;
        }
        if envelope.method(&message).as_deref() == Some("ping") {
            return self.port.shared.outbox.reply(rpc::result(&id, b"{}"));
        }
        let origin = tied.or_else(|| self.slots.only_origin());
        self.inbound.request(message, envelope, id, origin, &self.port);
    }

    /// Whether one more request of the server can be answered.
    fn may_ask(&mut self) -> bool {
        self.owed += 1;
        if self.owed == OWED + 1 {
            tracing::warn!(server = self.server, "the server asks and asks and takes no answer");
        }
        self.owed <= OWED
    }

    /// One revision allows several messages at once.
    fn batch(&mut self, message: &[u8], tied: Option<Origin>) {
        let list = raw::elements(message, raw::whole(message));
        if list.is_empty() {
            return self.noise(message);
        }
        for element in list {
            let message = BytesMut::from(element.of(message));
            match scan(&message) {
                Ok(envelope) => self.dispatch(message, envelope, tied),
                Err(error) => self.unusable(&message, error),
            }
        }
    }

    /// Something that cannot be passed on. If it can be told whose answer it was, that caller hears it at once.
    fn unusable(&mut self, message: &[u8], error: ScanError) {
        if error.is_call {
            tracing::warn!(server = self.server, error = %error, "a message of the server was refused");
            let id = error.id.and_then(|span| Id::parse(span.of(message)));
            if let Some(id) = id.filter(|_| self.may_ask()) {
                let refusal = rpc::error(Some(&id), error.kind.rpc_code(), &error.kind.to_string(), None);
                self.port.shared.outbox.reply(refusal);
            }
            return;
        }
        let id = error.id.map(|span| span.of(message)).or_else(|| last_id(message));
        let is_answer = memchr::memmem::find(message, b"\"jsonrpc\"").is_some();
        match id.filter(|_| is_answer).and_then(mapped).and_then(|id| self.slots.take(id)) {
            Some(slot) => {
                tracing::warn!(server = self.server, error = %error, "an answer of the server was refused");
                slot.fail(CallError::Unusable(error.kind));
            }
            None => self.noise(message),
        }
    }

    /// Banners, notices and log lines between the messages: counted, sampled, never answered.
    fn noise(&mut self, line: &[u8]) {
        self.noisy_lines += 1;
        let sample: String = String::from_utf8_lossy(&line[..line.len().min(SAMPLE)]).into_owned();
        if self.noisy_lines.is_power_of_two() {
            tracing::warn!(
                server = self.server,
                lines = self.noisy_lines,
                sample,
                "the server printed something that is no message; it was skipped"
            );
        }
        if let Some(noise) = &self.noise {
            // Samples only: a full queue loses some.
            let _ = noise.try_send(sample);
        }
    }

    /// Everybody who waits gets the reason, and everybody who comes later too.
    pub(crate) fn close(&mut self, reason: &CloseReason) {
        self.port.shared.closed.send_if_modified(|closed| {
            let first = closed.is_none();
            if first {
                *closed = Some(reason.clone());
            }
            first
        });
        self.slots.fail_all(&CallError::Closed(reason.clone()));
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        self.close(&CloseReason::Stopped);
    }
}

/// Our own id in whatever spelling it came back: `7`, `7.0`, and `"7"` too, since all our ids are numbers.
fn mapped(token: &[u8]) -> Option<u64> {
    let digits = token.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(token);
    if digits.len() < 20 && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        return Some(digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')));
    }
    Id::parse(digits)?.as_u64()
}

/// The id at the end of a message that was given up before its end; enough to tell a caller that its answer is lost.
fn last_id(message: &[u8]) -> Option<&[u8]> {
    let tail = &message[message.len().saturating_sub(64)..];
    let behind = memchr::memmem::rfind(tail, b"\"id\":")? + 5;
    let token = tail[behind..].trim_ascii_start();
    let end = token.iter().position(|byte| !byte.is_ascii_digit())?;
    Some(&token[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_ids_are_known_in_every_spelling() {
        for token in ["7", "7.0", "70e-1", "\"7\""] {
            assert_eq!(mapped(token.as_bytes()), Some(7), "{token}");
        }
        assert_eq!(last_id(br#"{"result":[],"jsonrpc":"2.0","id":12}"#), Some(b"12".as_slice()));
        for token in ["\"a\"", "\"\"", "-7", "7.5", "99999999999999999999999"] {
            assert_eq!(mapped(token.as_bytes()), None, "{token}");
        }
    }
}
