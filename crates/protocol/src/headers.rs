//! Rules for the protocol's own HTTP headers, on values already taken from a request.

use crate::version;

/// Carries the session; names of headers are lower-case here.
pub const SESSION_ID: &str = "mcp-session-id";
/// Carries the revision spoken.
pub const PROTOCOL_VERSION: &str = "mcp-protocol-version";
/// Carries where a broken stream was left.
pub const LAST_EVENT_ID: &str = "last-event-id";
/// Longest session or event id that is looked at.
const LONGEST: usize = 1024;

/// What is wrong with a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It stands there more than once with different values.
    #[error("the header `{0}` was sent more than once; send it once")]
    Duplicate(&'static str),
    /// Bytes that such a value cannot have.
    #[error("the header `{0}` holds characters that it must not have; send visible ASCII only")]
    Malformed(&'static str),
    /// A revision that is not spoken here.
    #[error("this server does not speak MCP {0}; it speaks 2024-10-07 to {latest}", latest = version::LATEST)]
    UnsupportedVersion(String),
}

impl HeaderError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Duplicate(_) => "header_duplicate",
            Self::Malformed(_) => "header_malformed",
            Self::UnsupportedVersion(_) => "protocol_version_unsupported",
        }
    }
}

/// The one value of a header, trimmed; nothing if it is missing or empty. Differing duplicates are refused.
pub fn single<'a>(
    name: &'static str,
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<&'a str>, HeaderError> {
    let mut found = None;
    for value in values {
        let value = value.trim_ascii();
        if value.len() > LONGEST || !value.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
            return Err(HeaderError::Malformed(name));
        }
        let value = std::str::from_utf8(value).map_err(|_| HeaderError::Malformed(name))?;
        match found {
            Some(earlier) if earlier != value => return Err(HeaderError::Duplicate(name)),
            _ => found = Some(value),
        }
    }
    Ok(found.filter(|value| !value.is_empty()))
}

/// The session a request names.
pub fn session_id<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<&'a str>, HeaderError> {
    let id = single(SESSION_ID, values)?;
    if id.is_some_and(|id| !is_session_id(id)) { Err(HeaderError::Malformed(SESSION_ID)) } else { Ok(id) }
}

/// Whether a text can be a session id: visible ASCII, not too long.
pub fn is_session_id(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, 0x21..=0x7e))
}

/// The revision a request names. A missing header is no fault: one widespread client never sends it.
pub fn protocol_version<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<&'a str>, HeaderError> {
    single(PROTOCOL_VERSION, values)
}

/// The same, refused unless it is a revision with a handshake.
pub fn legacy_version<'a>(
    values: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<&'a str>, HeaderError> {
    match protocol_version(values)? {
        Some(version) if !version::is_supported(version) => {
            Err(HeaderError::UnsupportedVersion(version.chars().take(32).collect()))
        }
        version => Ok(version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<'a>(values: &'a [&'a str]) -> impl Iterator<Item = &'a [u8]> {
        values.iter().map(|value| value.as_bytes())
    }

    #[test]
    fn values_are_trimmed_and_a_missing_one_is_no_fault() {
        assert_eq!(legacy_version(values(&[" 2025-06-18\t"])), Ok(Some("2025-06-18")));
        assert_eq!(legacy_version(values(&[])), Ok(None));
        assert_eq!(session_id(values(&["  "])), Ok(None));
    }

    #[test]
    fn differing_duplicates_are_refused() {
        assert_eq!(session_id(values(&["a", "b"])), Err(HeaderError::Duplicate(SESSION_ID)));
        assert_eq!(session_id(values(&["a", "a"])), Ok(Some("a")));
    }

    #[test]
    fn a_session_id_is_visible_ascii() {
        assert!(is_session_id("0f-~!"));
        for wrong in ["", "a b", "ü", "a\u{7f}", &"x".repeat(2000)] {
            assert!(!is_session_id(wrong));
        }
        assert_eq!(session_id(values(&["a b"])), Err(HeaderError::Malformed(SESSION_ID)));
    }

    #[test]
    fn an_unknown_revision_is_named_in_the_refusal() {
        let error = legacy_version(values(&["2026-07-28"])).unwrap_err();
        assert_eq!(error.code(), "protocol_version_unsupported");
        assert!(error.to_string().contains("2026-07-28"));
        assert_eq!(protocol_version(values(&["2026-07-28"])), Ok(Some("2026-07-28")));
    }
}
