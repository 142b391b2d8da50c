//! JSON string tokens: read without a copy where nothing is escaped, and written.

use std::borrow::Cow;

use bytes::Bytes;

/// The text of a string token (quotes included in `token`); `None` if it is no string or holds a lone surrogate.
pub fn unescape(token: &[u8]) -> Option<Cow<'_, str>> {
    let inner = token.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if memchr::memchr(b'\\', inner).is_none() {
        return std::str::from_utf8(inner).ok().map(Cow::Borrowed);
    }
    serde_json::from_slice::<String>(token).ok().map(Cow::Owned)
}

/// `text` as a JSON string token.
pub fn quote(text: &str) -> Bytes {
    Bytes::from(serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_without_escapes_is_borrowed() {
        assert!(matches!(unescape(b"\"tools/call\""), Some(Cow::Borrowed("tools/call"))));
    }

    #[test]
    fn escapes_are_decoded_and_lone_surrogates_refused() {
        assert_eq!(unescape(br#""tools\/\u0063all""#).as_deref(), Some("tools/call"));
        assert_eq!(unescape(br#""\ud800""#), None);
        assert_eq!(unescape(b"7"), None);
    }

    #[test]
    fn quoting_and_reading_agree() {
        let text = "a\"b\\c\n\u{1}ü";
        assert_eq!(unescape(&quote(text)).as_deref(), Some(text));
    }
}
