//! What the headers of a request must say, and what they may leave out.

use axum::{
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use mcpproxy_protocol::{
    headers::{self, HeaderError},
    media, rpc,
};

/// The headers that matter to the protocol, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Incoming {
    pub(super) session: Option<String>,
    pub(super) version: Option<String>,
    pub(super) last_event_id: Option<String>,
}

/// A request whose headers cannot be worked with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeaderRefusal {
    status: StatusCode,
    message: String,
}

impl Incoming {
    /// Checks the headers of a posted message that may be `limit` bytes long.
    pub(super) fn post(headers: &HeaderMap, limit: usize) -> Result<Self, HeaderRefusal> {
        let length =
            text(headers, &header::CONTENT_LENGTH).next().and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(too_large(limit));
        }
        let is_json = text(headers, &header::CONTENT_TYPE).any(media::is_json);
        if !is_json {
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json"));
        }
        if !accepts(headers, media::JSON) || !accepts(headers, media::EVENT_STREAM) {
            let message = "Accept must list both application/json and text/event-stream";
            return Err(refuse(StatusCode::NOT_ACCEPTABLE, message));
        }
        Self::read(headers)
    }

    pub(super) fn get(headers: &HeaderMap) -> Result<Self, HeaderRefusal> {
        let incoming = Self::read(headers)?;
        if incoming.session.is_none() {
            // Some clients look here for something else; they are told at once that a stream needs a session.
            let message = "a stream belongs to a session; begin with POST and initialize";
            return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, message));
        }
        if !accepts(headers, media::EVENT_STREAM) {
            return Err(refuse(StatusCode::NOT_ACCEPTABLE, "Accept must list text/event-stream"));
        }
        Ok(incoming)
    }

    pub(super) fn delete(headers: &HeaderMap) -> Result<Self, HeaderRefusal> {
        Self::read(headers)
    }

    fn read(map: &HeaderMap) -> Result<Self, HeaderRefusal> {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        let bad = |error: HeaderError| refuse(StatusCode::BAD_REQUEST, &error.to_string());
        Ok(Self {
            session: owned(headers::session_id(bytes(map, headers::SESSION_ID)).map_err(bad)?),
            version: owned(headers::protocol_version(bytes(map, headers::PROTOCOL_VERSION)).map_err(bad)?),
            last_event_id: owned(
                headers::single(headers::LAST_EVENT_ID, bytes(map, headers::LAST_EVENT_ID)).map_err(bad)?,
            ),
        })
    }
}

/// A message is longer than what is taken.
pub(super) fn too_large(limit: usize) -> HeaderRefusal {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        &format!("the message could not be read, or is longer than {limit} bytes"),
    )
}

fn bytes<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    headers.get_all(HeaderName::from_static(name)).into_iter().map(|value| value.as_bytes())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    media::accepts(text(headers, &header::ACCEPT), media_type)
}

fn refuse(status: StatusCode, message: &str) -> HeaderRefusal {
    HeaderRefusal { status, message: message.to_owned() }
}

impl IntoResponse for HeaderRefusal {
    fn into_response(self) -> Response {
        let body = rpc::error(None, rpc::INVALID_REQUEST, &self.message, None);
        let mut response = (self.status, [(header::CONTENT_TYPE, media::JSON)], body).into_response();
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static("POST, DELETE"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&str, &str)| (name.parse().expect("a name"), value.parse().expect("a value"));
        pairs.iter().map(pair).collect::<Vec<(HeaderName, header::HeaderValue)>>().into_iter().collect()
    }

    fn status(refused: Result<Incoming, HeaderRefusal>) -> Option<u16> {
        refused.err().map(|refusal| refusal.status.as_u16())
    }

    fn posted(headers: &HeaderMap) -> Result<Incoming, HeaderRefusal> {
        Incoming::post(headers, 100)
    }

    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn media_types_are_read_as_such_and_not_compared_as_text() {
        let order = ("accept", "text/event-stream;q=0.9, application/json");
        assert_eq!(status(posted(&map(&[JSON, order]))), None);
        assert_eq!(status(posted(&map(&[JSON, ("accept", "*/*")]))), None);
        assert_eq!(status(posted(&map(&[JSON]))), None);
    }

    #[test]
    fn a_message_that_says_it_is_too_long_is_not_read() {
        assert_eq!(status(posted(&map(&[JSON, ("content-length", "101")]))), Some(413));
        assert_eq!(status(posted(&map(&[JSON, ("content-length", "100")]))), None);
    }

    #[test]
    fn a_client_that_cannot_take_a_stream_is_told() {
        assert_eq!(status(posted(&map(&[JSON, ("accept", "application/json")]))), Some(406));
        assert_eq!(status(posted(&map(&[("content-type", "text/plain")]))), Some(415));
        assert_eq!(status(posted(&map(&[]))), Some(415));
    }

    #[test]
    fn a_stream_without_a_session_is_no_method_of_this_address() {
        assert_eq!(status(Incoming::get(&map(&[("accept", "*/*")]))), Some(405));
        assert_eq!(
            status(Incoming::get(&map(&[("mcp-session-id", "a"), ("accept", "application/json")]))),
            Some(406)
        );
        assert_eq!(
            status(Incoming::get(&map(&[("mcp-session-id", "a"), ("accept", "text/event-stream")]))),
            None
        );
    }

    #[test]
    fn values_are_trimmed_and_contradictions_refused() {
        let incoming =
            Incoming::delete(&map(&[("mcp-session-id", " abc "), ("last-event-id", "3-1")])).expect("fine");
        assert_eq!(
            (incoming.session.as_deref(), incoming.last_event_id.as_deref()),
            (Some("abc"), Some("3-1"))
        );
        assert_eq!(
            status(Incoming::delete(&map(&[("mcp-session-id", "a"), ("mcp-session-id", "b")]))),
            Some(400)
        );
    }
}
