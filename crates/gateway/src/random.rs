//! Names that nobody can guess: session ids and keys of kept results.

use std::fmt::Write as _;

/// 128 random bits as 32 visible ASCII characters.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // The system has no randomness to give; the hasher's seed of this process is the next best.
        use std::hash::{BuildHasher as _, RandomState};
        for (place, half) in bytes.chunks_exact_mut(8).enumerate() {
            half.copy_from_slice(&RandomState::new().hash_one(place).to_ne_bytes());
        }
    }
    let mut text = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_are_visible_ascii_and_differ() {
        let (a, b) = (super::token(), super::token());
        assert_ne!(a, b);
        assert!(a.len() == 32 && a.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}
