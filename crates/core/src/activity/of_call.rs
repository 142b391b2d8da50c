//! From what the gateway tells of a call to what is kept of it.
use jiff::Timestamp;
use mcpproxy_gateway::{Asked, CallOutcome, CallRecord, Credential};
use mcpproxy_secrets::Redactor;

use super::{
    record::{Entry, Kind, Origin, Status},
    redact,
};

/// Longest name that is kept.
const NAME: usize = 256;
/// Longest error that is kept beside the response.
const ERROR: usize = 1024;

pub(super) fn entry_of_call(record: &CallRecord, redactor: &Redactor, cap: usize) -> Entry {
    let name = |text: &str| redact::line(text, redactor, NAME);
    let status = match record.outcome() {
        CallOutcome::Success => Status::Success,
        CallOutcome::Error => Status::Error,
        CallOutcome::Blocked => Status::Blocked,
        CallOutcome::Rejected => Status::Rejected,
        CallOutcome::Cancelled => Status::Cancelled,
    };
    let arguments = record.arguments().map(|arguments| redact::body(&arguments, redactor, cap));
    let response = record.response().map(|response| redact::body(response, redactor, cap));
    let error = (status != Status::Success).then(|| record.error()).flatten();
    let hidden = |body: &Option<redact::Cleaned>| body.as_ref().map_or(0, |body| body.hidden);
    let cut = |body: &Option<redact::Cleaned>| body.as_ref().is_some_and(|body| body.truncated);
    Entry {
        at: Timestamp::try_from(record.started).unwrap_or_default(),
        kind: match record.asked {
            Asked::Tool => Kind::ToolCall,
            Asked::OwnTool => Kind::OwnTool,
            Asked::Prompt => Kind::Prompt,
            Asked::Resource => Kind::Resource,
        },
        origin: if record.session.is_some() { Origin::Mcp } else { Origin::Person },
        status,
        server: record.server.as_deref().map(str::to_owned),
        tool: Some(name(&record.tool)),
        client: client(&record.client, record.credential.as_ref()).map(|client| name(&client)),
        session: record.session,
        duration_us: u64::try_from(record.duration.as_micros()).ok(),
        request_bytes: u64::try_from(record.request_bytes).ok(),
        response_bytes: u64::try_from(record.response_bytes).ok(),
        request_id: Some(name(&record.id)).filter(|id| !id.is_empty()),
        error: error.map(|error| redact::line(&error, redactor, ERROR)),
        code: None,
        fields: None,
        count: 1,
        hidden: hidden(&arguments).saturating_add(hidden(&response)),
        truncated: cut(&arguments) || cut(&response),
        arguments: arguments.map(|body| body.text),
        response: response.map(|body| body.text),
    }
}

/// The client's name: that of its key, which the person gave, before the one it gives itself.
pub(super) fn client(said: &str, credential: Option<&Credential>) -> Option<String> {
    match credential {
        Some(Credential::Client(key)) => Some(key.as_ref().to_owned()),
        _ => Some(said.to_owned()).filter(|said| !said.is_empty()),
    }
}
