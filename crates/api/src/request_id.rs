//! A request's id: taken over when the sender gave a sound one, made otherwise, and returned.

use crate::failure::FailureBody;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, header};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 256;

/// Gives each request its id and puts it into header and failure body.
pub(crate) async fn with_request_id(request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| is_sound(id))
        .map_or_else(new_id, str::to_owned);
    let mut response = next.run(request).await;
    if let Some(FailureBody(mut failure)) = response.extensions_mut().remove::<FailureBody>() {
        failure.request_id.clone_from(&id);
        let (mut parts, _) = response.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = axum::Json(failure).into_response().into_body();
        response = Response::from_parts(parts, body);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn is_sound(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Sixteen random bytes in hex. Without a source of randomness the id is empty: it names log lines, nothing more.
fn new_id() -> String {
    let mut bytes = [0u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => String::new(),
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
        assert!(is_sound(&new_id()));
        assert_ne!(new_id(), new_id());
    }
}
