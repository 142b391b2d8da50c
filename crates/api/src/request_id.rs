//! A request's id: taken over when the sender gave a sound one, made otherwise, and returned.

use crate::failure::FailureBody;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::sync::atomic::{AtomicU64, Ordering};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 256;

/// Puts a request's id into header and failure body of its answer.
pub(crate) fn put(id: String, response: &mut Response) {
    if let Some(FailureBody(mut failure)) = response.extensions_mut().remove::<FailureBody>() {
        failure.request_id.clone_from(&id);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = axum::Json(failure).into_response().into_body();
    }
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
}

fn is_sound(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Ids of this process: a random beginning and a number, so that no request waits for the system's randomness.
#[derive(Debug)]
pub(crate) struct Ids {
    start: String,
    next: AtomicU64,
}

impl Ids {
    /// Ids with a new beginning. Without a source of randomness it is empty: ids name log lines, nothing more.
    pub(crate) fn new() -> Self {
        let mut bytes = [0u8; 8];
        let start = match getrandom::fill(&mut bytes) {
            Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Err(_) => String::new(),
        };
        Self { start, next: AtomicU64::new(1) }
    }

    /// The id of a request with these headers.
    pub(crate) fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok());
        given.filter(|id| is_sound(id)).map_or_else(|| self.make(), str::to_owned)
    }

    fn make(&self) -> String {
        format!("{}-{:x}", self.start, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sound_ids_are_taken_over() {
        assert!(is_sound("abc-DEF_123"));
        for id in ["", "a b", "a\nb", "ä", &"x".repeat(257)] {
            assert!(!is_sound(id), "{id:?}");
        }
    }

    #[test]
    fn made_ids_are_sound_and_differ() {
        let (ids, others) = (Ids::new(), Ids::new());
        assert!(is_sound(&ids.make()));
        assert_ne!(ids.make(), ids.make());
        assert_ne!(ids.make(), others.make());
    }
}
