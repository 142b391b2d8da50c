//! What is done with a posted message: requests are worked on, the rest is taken note of.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Envelope, Id, Kind, ScanError, ScanErrorKind, rpc, scan, splice, version};
use tokio::time::sleep;

use super::{EventStream, Post, Refusal, Reply, ReplyKind, batch};
use crate::{
    Endpoint, era, initialize,
    inner::Inner,
    request::Request,
    session::{Flight, Missing, NotTaken, Opening, Session},
    work::Work,
};

/// How long an answer may keep a client without a byte; then its stream is opened, which keeps it alive.
const OPEN_STREAM_AFTER: Duration = Duration::from_secs(10);

pub(crate) async fn post(inner: &Arc<Inner>, post: Post) -> Result<Reply, Refusal> {
    let envelope = match scan(&post.body) {
        Ok(envelope) => envelope,
        Err(error) if error.kind == ScanErrorKind::Batch => return batch::post(inner, &post),
        Err(error) => return Err(unreadable(&post.body, &error)),
    };
    if let Some(refusal) =
        era::refuse_modern(&post.body, &envelope, post.session.is_some(), post.version.as_deref())
    {
        return Err(refusal);
    }
    let is_request = envelope.kind == Kind::Request;
    if is_request && envelope.method(&post.body).as_deref() == Some("initialize") {
        return open(inner, &post, &envelope).await;
    }
    let session = session(inner, &post, envelope.id(&post.body).filter(|_| is_request).as_ref())?;
    match envelope.kind {
        Kind::Request => request(inner, &session, post.body, envelope).await,
        Kind::Notification => {
            notification(inner, &session, post.body, &envelope);
            Ok(Reply::accepted())
        }
        Kind::Result | Kind::Error => {
            answer(&session, post.body, &envelope);
            Ok(Reply::accepted())
        }
    }
}

/// The refusal of a message that cannot be read, with its id where that was readable.
pub(super) fn unreadable(message: &[u8], error: &ScanError) -> Refusal {
    let id = error.id.filter(|_| error.is_call).and_then(|span| Id::parse(span.of(message)));
    Refusal::new(400, error.kind.code(), error.kind.rpc_code(), id.as_ref(), error.to_string())
}

/// The session that a message claims, if it may.
pub(super) fn session(inner: &Inner, post: &Post, id: Option<&Id>) -> Result<Arc<Session>, Refusal> {
    let found = inner.sessions.find(post.session.as_deref(), &post.endpoint, &post.credential);
    let session = found.map_err(|missing| no_session(missing, id))?;
    // Some clients never send the header; then the session's version counts.
    if let Some(header) = post.version.as_deref().filter(|header| !version::is_supported(header)) {
        let message =
            format!("Unsupported protocol version `{header}` (supported: {})", version::LEGACY.join(", "));
        return Err(Refusal::new(400, "protocol_version_unsupported", rpc::INVALID_REQUEST, id, message));
    }
    session.touch();
    Ok(session)
}

pub(crate) fn no_session(missing: Missing, id: Option<&Id>) -> Refusal {
    match missing {
        Missing::Unnamed => Refusal::new(
            400,
            "session_missing",
            rpc::INVALID_REQUEST,
            id,
            "the header Mcp-Session-Id is missing; begin with initialize",
        ),
        Missing::Unknown => Refusal::new(
            404,
            "session_unknown",
            rpc::INVALID_REQUEST,
            id,
            "there is no such session; begin a new one with initialize",
        ),
    }
}

/// Opens a session. A session id that came along is that of an ended one and means nothing.
async fn open(inner: &Arc<Inner>, post: &Post, envelope: &Envelope) -> Result<Reply, Refusal> {
    let Some(id) = envelope.id(&post.body) else { return Ok(Reply::accepted()) };
    let (asked, client) = initialize::client(&post.body, envelope);
    let handshake = match &post.endpoint {
        Endpoint::Server(name) => {
            if inner.control.server_state(name).is_none() && inner.store.peek().server(name).is_none() {
                let message = format!("there is no server named `{name}`");
                return Err(Refusal::new(404, "server_unknown", rpc::INVALID_REQUEST, Some(&id), message));
            }
            match initialize::as_server(inner, name, &asked).await {
                Ok(handshake) => handshake,
                Err(sentence) => {
                    return Ok(Reply::one(rpc::error(Some(&id), rpc::INTERNAL_ERROR, &sentence, None)));
                }
            }
        }
        endpoint => initialize::as_gateway(inner, endpoint, &asked),
    };
    let opening = Opening {
        endpoint: post.endpoint.clone(),
        credential: post.credential.clone(),
        version: handshake.version,
        client,
        initialize: handshake.known,
    };
    let (session, evicted) = inner.sessions.open(opening);
    if let Some(evicted) = evicted {
        inner.end_session(&evicted);
    }
    tracing::info!(
        session = session.number,
        client = session.client.name,
        version = session.version,
        "a client has connected"
    );
    inner.record_session(&session, true);
    let kind = ReplyKind::One(rpc::result(&id, &handshake.result));
    Ok(Reply { session: Some(session.id.clone()), kind })
}

/// Works on a request. A plain answer where nothing is said before it, else a stream.
async fn request(
    inner: &Arc<Inner>,
    session: &Arc<Session>,
    message: Bytes,
    envelope: Envelope,
) -> Result<Reply, Refusal> {
    let (flight, mut work) = begin(inner, session, message, envelope)?;
    let channel = &flight.channel;
    let answer = tokio::select! {
        biased;
        answer = &mut work => answer,
        () = channel.wait_for_event() => return Ok(Reply::stream(turn_into_stream(inner, session, &flight, work))),
        () = sleep(OPEN_STREAM_AFTER) => return Ok(Reply::stream(turn_into_stream(inner, session, &flight, work))),
    };
    if !channel.has_events() {
        return Ok(answer.map_or_else(|| Reply::stream(EventStream::empty()), Reply::one));
    }
    session.keep_stream(channel);
    if let Some(answer) = answer {
        channel.push(answer);
    }
    channel.end();
    Ok(Reply::stream(EventStream::new(Arc::clone(session), channel.read(), false)))
}

/// Takes a request in and begins to work on it.
pub(super) fn begin(
    inner: &Arc<Inner>,
    session: &Arc<Session>,
    message: Bytes,
    envelope: Envelope,
) -> Result<(Arc<Flight>, Work), Refusal> {
    let Some(id) = envelope.id(&message) else {
        return Err(Refusal::new(
            400,
            "message_invalid_id",
            rpc::INVALID_REQUEST,
            None,
            "the request has no usable id",
        ));
    };
    let guard = session.begin(id.clone()).map_err(|reason| not_taken(reason, &id))?;
    let flight = Arc::clone(guard.flight());
    let request = Request {
        inner: Arc::clone(inner),
        session: Arc::clone(session),
        flight: Arc::clone(&flight),
        message,
        envelope,
    };
    let began = Instant::now();
    let work = async move {
        let answer = request.answer().await;
        request.record(began, answer.as_ref());
        drop(guard);
        answer
    };
    Ok((flight, Work::new(work, &inner.tasks)))
}

fn not_taken(reason: NotTaken, id: &Id) -> Refusal {
    let (status, code, message) = match reason {
        NotTaken::DuplicateId => {
            (400, "duplicate_id", format!("a request with the id {id} is still in flight"))
        }
        NotTaken::TooMany => {
            (429, "too_many_requests", "too many requests of this session are in flight".to_owned())
        }
        NotTaken::Ended => {
            (404, "session_unknown", "the session has ended; begin a new one with initialize".to_owned())
        }
    };
    Refusal::new(status, code, rpc::INVALID_REQUEST, Some(id), message)
}

/// Lets a request be worked on by a task, whose answer ends the request's stream.
fn turn_into_stream(
    inner: &Arc<Inner>,
    session: &Arc<Session>,
    flight: &Arc<Flight>,
    work: Work,
) -> EventStream {
    let channel = Arc::clone(&flight.channel);
    session.keep_stream(&channel);
    let reader = channel.read();
    inner.tasks.spawn(async move {
        if let Some(answer) = work.await {
            channel.push(answer);
        }
        channel.end();
    });
    EventStream::new(Arc::clone(session), reader, false)
}

/// Takes note of a client's notification.
pub(super) fn notification(inner: &Arc<Inner>, session: &Arc<Session>, message: Bytes, envelope: &Envelope) {
    let method = envelope.method(&message).unwrap_or_default().into_owned();
    match method.as_str() {
        "notifications/initialized" => session.set_ready(),
        "notifications/cancelled" => {
            let id = envelope.request_id.and_then(|span| Id::parse(span.of(&message)));
            if let Some(flight) = id.and_then(|id| session.flight(&id)) {
                flight.cancel.cancel();
            }
        }
        "notifications/progress" => {
            let Some(span) = envelope.token else { return };
            let asked = Id::parse(span.of(&message)).and_then(|token| session.ask_progress(&token));
            let Some((server, token)) = asked else { return };
            let told = splice(&message, &mut [Edit::new(span, token)]);
            tell(inner, told, |name| name == server.as_ref());
        }
        "notifications/roots/list_changed" => tell(inner, message, |name| session.hears(name)),
        // A server's own client may say what we do not know.
        _ if session.server().is_some() => tell(inner, message, |name| session.hears(name)),
        _ => tracing::debug!(session = session.number, method, "a notification concerns no server"),
    }
}

fn tell(inner: &Inner, message: Bytes, concerns: impl Fn(&str) -> bool) {
    let catalog = inner.store.load();
    for slot in catalog.slots().filter(|slot| concerns(&slot.attached.name)) {
        if let Err(error) = slot.attached.handle.notify(message.clone()) {
            tracing::debug!(
                server = slot.attached.name.as_ref(),
                code = error.code(),
                "a notification was not delivered"
            );
        }
    }
}

/// Hands a client's answer to the server that asked.
pub(super) fn answer(session: &Session, message: Bytes, envelope: &Envelope) {
    let ask = envelope.id(&message).and_then(|id| session.answered(&id));
    match ask {
        Some(ask) => ask.reply.send(message),
        None => tracing::debug!(session = session.number, "an answer belongs to no open question"),
    }
}
