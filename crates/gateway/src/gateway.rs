//! The gateway itself: what its owner holds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use mcpproxy_protocol::{Id, raw, rpc, scan, text};
use mcpproxy_upstream::{Call, Handle, Inbound, Origin};
use serde_json::value::RawValue;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    CallRecord, Control, Credential, Endpoint, EventStream, Options, Post, Recorder, Refusal, Reply,
    attachment::{self, Attachment},
    catalog::ToolEntry,
    doors,
    inner::Inner,
    request::{not_connected, passed},
    session::channel::parse_event_id,
};

/// How long the work that is left may take when the gateway stops.
const SHUTDOWN: Duration = Duration::from_secs(2);
/// The origin of calls that the program itself makes; sessions count from one.
const OURSELVES: Origin = Origin(0);

/// Clients on one side, servers on the other. Cheap to clone; all clones are one gateway.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) inner: Arc<Inner>,
}

/// A tool found by search.
#[derive(Debug, Clone)]
pub struct ToolHit {
    /// The tool.
    pub tool: Arc<ToolEntry>,
    /// How well it fits; higher is better.
    pub score: f32,
}

/// A session as shown to people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// A number that is no secret, unlike the session's id.
    pub number: u64,
    /// Where it is connected.
    pub endpoint: Endpoint,
    /// As whom.
    pub credential: Credential,
    /// `clientInfo.name`.
    pub client_name: String,
    /// `clientInfo.version`.
    pub client_version: String,
    /// The negotiated protocol version.
    pub protocol_version: String,
    /// Requests without an answer yet.
    pub in_flight: usize,
}

/// Why a call made through [`Gateway::call_tool`] has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallFailure {
    /// Stable code.
    pub code: &'static str,
    /// What happened, to what, and what to do.
    pub message: String,
}

impl CallFailure {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }
}

impl Gateway {
    /// Creates a gateway. Must be called inside a Tokio runtime.
    #[must_use]
    pub fn new(options: Options, control: Arc<dyn Control>) -> Self {
        let inner = Inner::new(options, control);
        inner.tasks.spawn(Arc::clone(&inner).announce());
        inner.tasks.spawn(Arc::clone(&inner).sweep());
        Self { inner }
    }

    /// Tells `recorder` of every call and session from now on; the first one stays.
    pub fn record_with(&self, recorder: Arc<dyn Recorder>) {
        let _ = self.inner.recorder.set(recorder);
    }

    /// Replaces the settings; running calls keep those they began with.
    pub fn set_options(&self, options: Options) {
        self.inner.options.store(Arc::new(options));
    }

    /// Takes a connected server in, in the place of the one of this name that may be there. Its lists are
    /// fetched and kept fresh until the attachment is dropped.
    pub fn attach(&self, server: &str, handle: Handle, inbound: mpsc::Receiver<Inbound>) -> Attachment {
        let attached = self.inner.attach(server, handle);
        self.inner.tasks.spawn(attachment::run(Arc::clone(&self.inner), Arc::clone(&attached), inbound));
        Attachment::new(&self.inner, attached)
    }

    /// Takes a server out at once, whoever holds its attachment.
    pub fn detach(&self, server: &str) {
        self.inner.detach(server, None);
    }

    /// Names the servers that are expected to come, for the first decision of the automatic mode.
    pub fn set_expected(&self, names: Vec<String>) {
        self.inner.store.expect(names);
    }

    /// All tools of all attached servers, ordered by server, then as the server lists them.
    #[must_use]
    pub fn tools(&self) -> Vec<Arc<ToolEntry>> {
        self.inner.store.load().tools().to_vec()
    }

    /// The tools that fit a query, best first.
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<ToolHit> {
        let found = self.inner.store.load().search(query, limit);
        found.into_iter().map(|(tool, score)| ToolHit { tool, score }).collect()
    }

    /// Calls a tool on behalf of the program itself. Returns the raw `result` object.
    ///
    /// # Errors
    /// Where there is no such server, or it gave an error or no answer.
    pub async fn call_tool(
        &self,
        server: &str,
        tool: &str,
        arguments: Option<&RawValue>,
    ) -> Result<Bytes, CallFailure> {
        let Some(attached) = self.inner.store.load().server(server).cloned() else {
            let message = not_connected(server, self.inner.control.server_state(server).as_ref());
            return Err(CallFailure { code: "server_not_connected", message });
        };
        let name = text::quote(tool);
        let mut params = [b"{\"name\":".as_slice(), &name].concat();
        if let Some(arguments) = arguments {
            params.extend_from_slice(b",\"arguments\":");
            params.extend_from_slice(arguments.get().as_bytes());
        }
        params.push(b'}');
        let message = rpc::request(&Id::number(1), "tools/call", Some(&params));
        let envelope = scan(&message)
            .map_err(|error| CallFailure { code: error.kind.code(), message: error.to_string() })?;
        let mut call = Call::new(message.clone(), envelope, OURSELVES);
        call.timeout = self.inner.options.load().call_timeout;
        let began = Instant::now();
        let answer = passed(&self.inner.pause, attached.handle.call(call)).await;
        if let Some(recorder) = self.inner.recorder.get().filter(|recorder| recorder.has_room()) {
            let answer = answer.as_ref().ok();
            recorder.call(CallRecord::of_ourselves(&attached.name, tool, &message, began, answer));
        }
        let answer =
            answer.map_err(|error| CallFailure { code: error.code(), message: error.sentence(server) })?;
        let whole = raw::whole(&answer);
        if let Some(result) = raw::member(&answer, whole, "result") {
            return Ok(result.slice(&answer));
        }
        let error = raw::member(&answer, whole, "error");
        let words = error.and_then(|error| raw::text_member(&answer, error, "message")).unwrap_or_default();
        Err(CallFailure {
            code: "call_refused",
            message: format!("Server '{server}' refused the call: {words}"),
        })
    }

    /// The open sessions.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionView> {
        let sessions = self.inner.sessions.all();
        let view = sessions.iter().map(|session| SessionView {
            number: session.number,
            endpoint: session.endpoint.clone(),
            credential: session.credential.clone(),
            client_name: session.client.name.clone(),
            client_version: session.client.version.clone(),
            protocol_version: session.version.to_owned(),
            in_flight: session.in_flight(),
        });
        view.collect()
    }

    /// Ends all sessions and tasks, and waits for them, though not for ever.
    pub async fn shutdown(&self) {
        for session in self.inner.sessions.close() {
            session.end();
        }
        for slot in self.inner.store.load().slots() {
            slot.attached.leave();
        }
        self.inner.stop.cancel();
        self.inner.tasks.close();
        if timeout(SHUTDOWN, self.inner.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.inner.tasks.len(), "the gateway stops with work left");
        }
    }

    /// Takes one posted message.
    ///
    /// # Errors
    /// A refusal carries the status and the JSON-RPC error to send.
    ///
    /// # Cancel safety
    /// A request goes on when the future is dropped: a client that hangs up has not cancelled.
    pub async fn post(&self, post: Post) -> Result<Reply, Refusal> {
        doors::post(&self.inner, post).await
    }

    /// Opens a session's stream for messages that belong to no request, or takes up a broken one.
    ///
    /// # Errors
    /// Where the session is unknown, or the event names no stream of it.
    pub fn listen(
        &self,
        endpoint: &Endpoint,
        credential: &Credential,
        session: Option<&str>,
        last_event_id: Option<&str>,
    ) -> Result<EventStream, Refusal> {
        let found = self.inner.sessions.find(session, endpoint, credential);
        let session = found.map_err(|missing| doors::no_session(missing, None))?;
        session.touch();
        let Some(id) = last_event_id else {
            let reader = session.general().read();
            return Ok(EventStream::new(session, reader, false));
        };
        let place = parse_event_id(id).and_then(|(stream, place)| Some((session.stream(stream)?, place)));
        let Some((channel, place)) = place else {
            let message = "Last-Event-ID names no stream that can still be resumed";
            return Err(Refusal::new(400, "event_unknown", rpc::INVALID_REQUEST, None, message));
        };
        let reader = channel.resume(place);
        Ok(EventStream::new(session, reader, true))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Where there is no such session for this credential.
    pub fn close(
        &self,
        endpoint: &Endpoint,
        credential: &Credential,
        session: Option<&str>,
    ) -> Result<(), Refusal> {
        let found = self.inner.sessions.find(session, endpoint, credential);
        let session = found.map_err(|missing| doors::no_session(missing, None))?;
        tracing::info!(session = session.number, client = session.client.name, "a client has disconnected");
        self.inner.end_session(&session);
        Ok(())
    }
}
