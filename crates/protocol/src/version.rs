//! Which revisions of the protocol are spoken, and which one a conversation settles on.
//!
//! Versions are dates, compared as text; the list is never taken as complete.

/// How conversations of a revision are opened and carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Opens with `initialize`, has sessions.
    Legacy,
    /// Every request stands for itself.
    Modern,
}

/// The revisions with a handshake, oldest first.
pub const LEGACY: &[&str] = &["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
/// The newest revision with a handshake; what we ask for and offer.
pub const LATEST: &str = "2025-11-25";
/// What a session without a version header is taken to speak.
pub const ASSUMED: &str = "2025-03-26";
/// The first revision without a handshake.
pub const FIRST_MODERN: &str = "2026-07-28";

/// Whether `version` is one of the revisions with a handshake.
pub fn is_supported(version: &str) -> bool {
    LEGACY.contains(&version)
}

/// The era a version text belongs to; `None` if it is no date.
pub fn era(version: &str) -> Option<Era> {
    let shape =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    if version.len() != 10 || !version.bytes().enumerate().all(shape) {
        return None;
    }
    Some(if version < FIRST_MODERN { Era::Legacy } else { Era::Modern })
}

/// What we answer to a client's `initialize`: the asked revision if we speak it, else our latest.
pub fn negotiate(asked: &str) -> &'static str {
    LEGACY.iter().find(|known| **known == asked).copied().unwrap_or(LATEST)
}

/// Whether a server's answer to our `initialize` can be worked with: any revision with a handshake, unknown ones
/// included, since a server may know a date between ours.
pub fn is_acceptable(answered: &str) -> bool {
    era(answered) == Some(Era::Legacy)
}

/// Whether a list of messages at once is legal in a conversation of this revision.
pub fn allows_batches(version: &str) -> bool {
    version == "2025-03-26"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_version_is_echoed_and_others_get_the_latest() {
        assert_eq!(negotiate("2024-11-05"), "2024-11-05");
        assert_eq!(negotiate("2026-07-28"), LATEST);
        assert_eq!(negotiate("nonsense"), LATEST);
    }

    #[test]
    fn eras_are_told_by_date() {
        assert_eq!(era("2025-11-25"), Some(Era::Legacy));
        assert_eq!(era("2026-07-28"), Some(Era::Modern));
        assert_eq!(era("2027-01-01"), Some(Era::Modern));
        assert_eq!(era("1.0"), None);
        assert_eq!(era("2025/11/25"), None);
    }

    #[test]
    fn a_server_may_answer_with_a_date_between_ours_but_not_with_a_modern_one() {
        assert!(is_acceptable("2025-08-01"));
        assert!(!is_acceptable("2026-07-28"));
        assert!(!is_acceptable(""));
    }

    #[test]
    fn the_table_is_sorted_and_ends_with_the_latest() {
        assert!(LEGACY.is_sorted());
        assert_eq!(LEGACY.last(), Some(&LATEST));
        assert!(allows_batches(ASSUMED) && !allows_batches(LATEST));
    }
}
