//! What was done for a client, told to the owner once the answer is known. Nothing here waits, and what has to be
//! read of a message for the record is read by whoever keeps it, later and elsewhere.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use mcpproxy_protocol::{Span, raw, text};

use crate::{Credential, Endpoint, builtin, request::Request, session::Session};

/// Longest message that is copied. A longer one is kept as it is, which holds its whole buffer for a moment.
const COPIED: usize = 16 * 1024;

/// Who keeps records of calls and sessions. Every function returns at once.
pub trait Recorder: Send + Sync + 'static {
    /// Whether one more record can be taken; asked before anything is copied. Who says no counts it.
    fn has_room(&self) -> bool;
    /// Takes the record of a call that was answered or cancelled.
    fn call(&self, record: CallRecord);
    /// Takes note of a session that began or ended.
    fn session(&self, record: SessionRecord);
}

/// What a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A server's tool.
    Tool,
    /// A tool of our own.
    OwnTool,
    /// A prompt.
    Prompt,
    /// A resource.
    Resource,
}

/// What our own rules said to a call before any server saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The server or tool is held.
    Blocked,
    /// The call came in a form that is not allowed for this tool.
    Rejected,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// With a result.
    Success,
    /// With an error, or a result that says that it is one.
    Error,
    /// Our rules did not let it through.
    Blocked,
    /// It was not allowed in this form.
    Rejected,
    /// The client wanted no answer any more.
    Cancelled,
}

/// One call.
#[derive(Debug, Clone)]
pub struct CallRecord {
    /// What was asked for.
    pub asked: Asked,
    /// When it came.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// The session's number; none for calls of the program itself.
    pub session: Option<u64>,
    /// `clientInfo.name`.
    pub client: String,
    /// As whom the client came; none for calls of the program itself.
    pub credential: Option<Credential>,
    /// The server that it went to.
    pub server: Option<Arc<str>>,
    /// The tool's own name there.
    pub tool: String,
    /// The JSON-RPC id, as it was written.
    pub id: String,
    /// Bytes of the request.
    pub request_bytes: usize,
    /// Bytes of the answer.
    pub response_bytes: usize,
    verdict: Option<Verdict>,
    /// The arguments are those of one of our tools, which carries the meant tool's inside.
    wrapped: bool,
    message: Bytes,
    params: Option<Span>,
    answer: Option<Bytes>,
}

/// A session that began or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Whether it began.
    pub began: bool,
    /// Its number.
    pub number: u64,
    /// `clientInfo.name`.
    pub client: String,
    /// `clientInfo.version`.
    pub version: String,
    /// As whom it came.
    pub credential: Credential,
    /// Where it is connected.
    pub endpoint: Endpoint,
}

impl CallRecord {
    /// Bytes that the record holds in memory.
    #[must_use]
    pub fn held(&self) -> usize {
        self.message.len() + self.answer.as_ref().map_or(0, Bytes::len)
    }

    /// What the tool was given, as JSON.
    #[must_use]
    pub fn arguments(&self) -> Option<Cow<'_, [u8]>> {
        let params = self.params?;
        if self.asked == Asked::Resource {
            return Some(params.of(&self.message).into());
        }
        let own = raw::member(&self.message, params, "arguments")?;
        if !self.wrapped {
            return Some(own.of(&self.message).into());
        }
        // `call_tool_*` carries the arguments of the tool that it stands for, as an object or as its text.
        let given = raw::text_member(&self.message, own, "args_json").filter(|text| !text.trim().is_empty());
        match given {
            Some(given) => Some(given.into_owned().into_bytes().into()),
            None => raw::member(&self.message, own, "args").map(|args| args.of(&self.message).into()),
        }
    }

    /// The result, or the error that was answered in its place.
    #[must_use]
    pub fn response(&self) -> Option<&[u8]> {
        let answer = self.answer.as_ref()?;
        let whole = raw::whole(answer);
        let found = raw::member(answer, whole, "result").or_else(|| raw::member(answer, whole, "error"));
        Some(found.unwrap_or(whole).of(answer))
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> CallOutcome {
        match (self.verdict, &self.answer) {
            (Some(Verdict::Blocked), _) => CallOutcome::Blocked,
            (Some(Verdict::Rejected), _) => CallOutcome::Rejected,
            (None, None) => CallOutcome::Cancelled,
            (None, Some(answer)) => {
                let result = raw::member(answer, raw::whole(answer), "result");
                let is_error = |result| {
                    raw::member(answer, result, "isError").is_some_and(|flag| flag.of(answer) == b"true")
                };
                match result {
                    Some(result) if !is_error(result) => CallOutcome::Success,
                    _ => CallOutcome::Error,
                }
            }
        }
    }

    /// The words of the error, where the answer has some.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        let answer = self.answer.as_ref()?;
        let whole = raw::whole(answer);
        if let Some(error) = raw::member(answer, whole, "error") {
            return raw::text_member(answer, error, "message").map(Cow::into_owned);
        }
        let content = raw::member(answer, raw::member(answer, whole, "result")?, "content")?;
        let mut parts = raw::elements(answer, content).into_iter();
        parts.find_map(|part| raw::text_member(answer, part, "text").map(Cow::into_owned))
    }

    /// The record of a call that the program itself made.
    pub(crate) fn of_ourselves(
        server: &Arc<str>,
        tool: &str,
        message: &Bytes,
        began: Instant,
        answer: Option<&Bytes>,
    ) -> Self {
        let params = raw::member(message, raw::whole(message), "params");
        let duration = began.elapsed();
        Self {
            asked: Asked::Tool,
            started: SystemTime::now().checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH),
            duration,
            session: None,
            client: String::new(),
            credential: None,
            server: Some(Arc::clone(server)),
            tool: tool.to_owned(),
            id: String::new(),
            request_bytes: message.len(),
            response_bytes: answer.map_or(0, Bytes::len),
            verdict: None,
            wrapped: false,
            message: copied(message),
            params,
            answer: answer.map(copied),
        }
    }
}

impl SessionRecord {
    pub(crate) fn of(session: &Session, began: bool) -> Self {
        Self {
            began,
            number: session.number,
            client: session.client.name.clone(),
            version: session.client.version.clone(),
            credential: session.credential.clone(),
            endpoint: session.endpoint.clone(),
        }
    }
}

impl Request {
    /// Tells the recorder of this request, where it is one that is recorded.
    pub(crate) fn record(&self, began: Instant, answer: Option<&Bytes>) {
        let Some(recorder) = self.inner.recorder.get() else { return };
        let asked = match self.envelope.method(&self.message).as_deref() {
            Some("tools/call") => Asked::Tool,
            Some("prompts/get") => Asked::Prompt,
            Some("resources/read") => Asked::Resource,
            _ => return,
        };
        if !recorder.has_room() {
            return;
        }
        let named = || match asked {
            Asked::Resource => self.envelope.uri.and_then(|uri| text::unescape(uri.of(&self.message))),
            Asked::Tool | Asked::OwnTool | Asked::Prompt => self.envelope.name(&self.message),
        };
        let called = named().unwrap_or_default();
        let meant = self.flight.tool();
        let ours = asked == Asked::Tool
            && self.session.server().is_none()
            && builtin::Tool::named(&called).is_some();
        let duration = began.elapsed();
        recorder.call(CallRecord {
            asked: if ours && meant.is_none() { Asked::OwnTool } else { asked },
            started: SystemTime::now().checked_sub(duration).unwrap_or(SystemTime::UNIX_EPOCH),
            duration,
            session: Some(self.session.number),
            client: self.session.client.name.clone(),
            credential: Some(self.session.credential.clone()),
            server: self.flight.server().cloned(),
            tool: meant.map_or_else(|| called.into_owned(), str::to_owned),
            id: self.flight.id.to_string(),
            request_bytes: self.message.len(),
            response_bytes: answer.map_or(0, Bytes::len),
            verdict: self.flight.verdict(),
            wrapped: ours && meant.is_some(),
            message: copied(&self.message),
            params: self.envelope.params,
            answer: answer.map(copied),
        });
    }
}

/// A copy that holds no larger buffer in memory, where copying is cheap.
fn copied(message: &Bytes) -> Bytes {
    if message.len() <= COPIED { Bytes::copy_from_slice(message) } else { message.clone() }
}
