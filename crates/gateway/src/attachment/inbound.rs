//! What a server sends by itself: to whom it goes, and in which words.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope, Id, raw, rpc, splice, text};
use mcpproxy_upstream::{Inbound, Origin, ReplySlot};

use super::Attached;
use crate::{
    catalog::ListKind,
    inner::Inner,
    session::{Ask, AskKind, Level, Session, Subscribed},
};

/// Routes one message. `refresh` is told which list has changed.
pub(super) fn take(
    inner: &Inner,
    attached: &Arc<Attached>,
    refresh: &mut dyn FnMut(ListKind),
    message: Inbound,
) {
    match message {
        Inbound::Notification { message, envelope } => {
            notification(inner, attached, refresh, &message, &envelope)
        }
        Inbound::Request { message, envelope, origin, reply } => {
            question(inner, attached, &message, &envelope, origin, reply);
        }
    }
}

fn notification(
    inner: &Inner,
    attached: &Arc<Attached>,
    refresh: &mut dyn FnMut(ListKind),
    message: &Bytes,
    envelope: &Envelope,
) {
    let method = envelope.method(message).unwrap_or_default();
    let changed: &[ListKind] = match method.as_ref() {
        "notifications/tools/list_changed" => &[ListKind::Tools],
        "notifications/prompts/list_changed" => &[ListKind::Prompts],
        "notifications/resources/list_changed" => &[ListKind::Resources, ListKind::Templates],
        "notifications/message" => return log(inner, attached, message, envelope),
        "notifications/resources/updated" => return updated(inner, attached, message, envelope),
        "notifications/cancelled" => return withdrawn(inner, attached, message, envelope),
        "notifications/elicitation/complete" => {
            return elicitation_complete(inner, attached, message, envelope);
        }
        _ => return unknown(inner, attached, message, &method),
    };
    for kind in changed {
        refresh(*kind);
    }
    // Clients of this one server hear its own words; the others hear ours once the list is here.
    for session in inner.sessions.all() {
        if session.server() == Some(&attached.name) {
            session.general().push(message.clone());
        }
    }
}

fn log(inner: &Inner, attached: &Attached, message: &Bytes, envelope: &Envelope) {
    let level = envelope.params.and_then(|params| raw::text_member(message, params, "level"));
    let level = level.and_then(|word| Level::parse(&word));
    for session in inner.sessions.all() {
        if session.hears(&attached.name) && session.is_ready() && wants(&session, attached, level) {
            deliver(&session, attached, message.clone());
        }
    }
}

/// Whether a session wants a message of this severity. One that never said leaves it to the server, unless
/// another session made the server talk more than it would.
fn wants(session: &Session, attached: &Attached, level: Option<Level>) -> bool {
    let Some(level) = level else { return true };
    match session.level() {
        Some(least) => level >= least,
        None => attached.level().is_none() || level >= Level::Info,
    }
}

fn deliver(session: &Session, attached: &Attached, message: Bytes) {
    // The request may have been answered in between; then its stream takes nothing any more.
    if !session.channel_for(&attached.name).push(message.clone()) {
        session.general().push(message);
    }
}

fn updated(inner: &Inner, attached: &Attached, message: &Bytes, envelope: &Envelope) {
    let (Some(uri), Some(span)) = (envelope.uri(message), envelope.uri) else { return };
    for session in inner.sessions.all().into_iter().filter(|session| session.hears(&attached.name)) {
        let address = match session.subscribed_as(&attached.name, &uri) {
            None => continue,
            Some(Subscribed::AsIs) => None,
            Some(Subscribed::Exactly(written)) => (written != uri).then_some(written),
            Some(Subscribed::Below) => Some(crate::catalog::uris::publish(&attached.name, &uri)),
        };
        let mut edits: Vec<Edit> =
            address.iter().map(|written| Edit::new(span, text::quote(written))).collect();
        session.general().push(splice(message, &mut edits));
    }
}

fn withdrawn(inner: &Inner, attached: &Attached, message: &Bytes, envelope: &Envelope) {
    let Some(span) = envelope.request_id else { return };
    let Some(original) = Id::parse(span.of(message)) else { return };
    for session in inner.sessions.all() {
        if let Some((id, ask)) = session.withdraw(&attached.name, &original) {
            let told = splice(message, &mut [Edit::new(span, id.token().clone())]);
            if !ask.channel.push(told.clone()) {
                session.general().push(told);
            }
        }
    }
}

fn elicitation_complete(inner: &Inner, attached: &Attached, message: &Bytes, envelope: &Envelope) {
    let id = envelope.params.and_then(|params| raw::text_member(message, params, "elicitationId"));
    let Some(id) = id else { return };
    for session in inner.sessions.all() {
        if session.was_sent_to(&attached.name, &id) {
            deliver(&session, attached, message.clone());
        }
    }
}

/// What we do not know goes to the one client of this server's own endpoint, if there is exactly one: with
/// several nobody can say whom it concerns, and it may name what belongs to one of them.
fn unknown(inner: &Inner, attached: &Attached, message: &Bytes, method: &str) {
    let own: Vec<_> =
        inner.sessions.all().into_iter().filter(|session| session.server() == Some(&attached.name)).collect();
    match own.as_slice() {
        [session] => deliver(session, attached, message.clone()),
        _ => tracing::debug!(server = attached.name.as_ref(), method, "a notification concerns nobody known"),
    }
}

fn question(
    inner: &Inner,
    attached: &Arc<Attached>,
    message: &Bytes,
    envelope: &Envelope,
    origin: Option<Origin>,
    reply: ReplySlot,
) {
    let method = envelope.method(message).unwrap_or_default();
    let mode = || envelope.params.and_then(|params| raw::text_member(message, params, "mode"));
    let kind = match method.as_ref() {
        "ping" => return reply.send(rpc::result(&Id::number(0), b"{}")),
        "sampling/createMessage" => AskKind::Sampling,
        "elicitation/create" if mode().as_deref() == Some("url") => AskKind::ElicitationUrl,
        "elicitation/create" => AskKind::ElicitationForm,
        "roots/list" => AskKind::Roots,
        _ => return reply.refuse(rpc::METHOD_NOT_FOUND, "clients of this proxy do not answer this method"),
    };
    let Some(session) = origin.and_then(|origin| inner.sessions.by_number(origin.0)) else {
        return reply.refuse(
            rpc::METHOD_NOT_FOUND,
            "no client's call is in flight that this request could belong to",
        );
    };
    if !kind.is_supported_by(&session.client) {
        return reply.refuse(
            rpc::METHOD_NOT_FOUND,
            "the client whose call this belongs to does not support this request",
        );
    }
    ask(attached, &session, message, envelope, reply);
}

fn ask(attached: &Arc<Attached>, session: &Session, message: &Bytes, envelope: &Envelope, reply: ReplySlot) {
    let elicitation = envelope.params.and_then(|params| raw::text_member(message, params, "elicitationId"));
    let channel = session.channel_for(&attached.name);
    let asked = Ask {
        server: Arc::clone(&attached.name),
        original: reply.id().clone(),
        progress_token: envelope.progress_token.map(|span| span.slice(message)),
        elicitation: elicitation.map(|id| id.into_owned()),
        channel: Arc::clone(&channel),
        reply,
    };
    let Some(id) = session.ask(asked) else {
        tracing::warn!(
            server = attached.name.as_ref(),
            session = session.number,
            "a client has too many open questions"
        );
        return;
    };
    // The token is the id itself: as unique, and it leads to the same question.
    let spans = [envelope.id, envelope.progress_token].into_iter().flatten();
    let mut edits: Vec<Edit> = spans.map(|span| Edit::new(span, id.token().clone())).collect();
    let asked = splice(message, &mut edits);
    if !channel.push(asked.clone()) {
        session.general().push(asked);
    }
}
