//! A request's id: kept as its raw bytes, compared by its JSON value.
//!
//! `1`, `1.0` and `1e0` are one id and `"1"` is another; `0` is an id like any other. Echoing always uses the bytes
//! that came.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytes::Bytes;

use crate::text;

/// Whole numbers with more zeros than this are compared in scientific form instead of being written out.
const WRITTEN_OUT: i64 = 40;

/// A JSON string or whole number, as its token.
#[derive(Clone)]
pub struct Id(Bytes);

impl Id {
    /// Reads a token; `None` unless it is a string or a whole number.
    pub fn parse(token: &[u8]) -> Option<Self> {
        Self::is_valid(token).then(|| Self(Bytes::copy_from_slice(token)))
    }

    /// Like [`Id::parse`], sharing the token's memory.
    pub fn from_token(token: Bytes) -> Option<Self> {
        Self::is_valid(&token).then_some(Self(token))
    }

    /// An id of our own.
    pub fn number(value: u64) -> Self {
        Self(Bytes::from(value.to_string()))
    }

    /// Whether a (valid JSON) token can be an id.
    pub fn is_valid(token: &[u8]) -> bool {
        match token.first() {
            Some(b'"') => text::unescape(token).is_some(),
            Some(b'-' | b'0'..=b'9') => is_plain(token) || whole(token).is_some(),
            _ => false,
        }
    }

    /// The token as it came.
    pub fn token(&self) -> &Bytes {
        &self.0
    }

    /// Its value, if it is a whole number that fits.
    pub fn as_u64(&self) -> Option<u64> {
        std::str::from_utf8(&self.canonical()).ok()?.parse().ok()
    }

    /// One spelling for each value.
    fn canonical(&self) -> Cow<'_, [u8]> {
        if self.0.first() == Some(&b'"') {
            return match text::unescape(&self.0) {
                Some(Cow::Owned(decoded)) => Cow::Owned(format!("\"{decoded}\"").into_bytes()),
                _ => Cow::Borrowed(&self.0),
            };
        }
        if is_plain(&self.0) {
            return Cow::Borrowed(&self.0);
        }
        Cow::Owned(whole(&self.0).unwrap_or_default().into_bytes())
    }
}

/// Plain digits short enough to be compared as they stand.
fn is_plain(token: &[u8]) -> bool {
    token.len() <= 19 && token.iter().all(u8::is_ascii_digit)
}

/// The canonical spelling of a number that has no fraction; `None` for others.
fn whole(token: &[u8]) -> Option<String> {
    let token = std::str::from_utf8(token).ok()?;
    let (negative, rest) = token.strip_prefix('-').map_or((false, token), |rest| (true, rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{integer}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let shift = i64::try_from(fraction.len()).ok()?;
    // An exponent beyond i64 is no id that anybody sends.
    let exponent = exponent.parse::<i64>().ok()?.checked_sub(shift)?.checked_add(zeros)?;
    let sign = if negative { "-" } else { "" };
    match exponent {
        ..0 => None,
        0..=WRITTEN_OUT => {
            Some(format!("{sign}{significant}{}", "0".repeat(usize::try_from(exponent).ok()?)))
        }
        _ => Some(format!("{sign}{significant}e{exponent}")),
    }
}

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.canonical() == other.canonical()
    }
}

impl Eq for Id {}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn id(token: &str) -> Id {
        Id::parse(token.as_bytes()).unwrap()
    }

    #[test]
    fn zero_and_negative_numbers_are_ids() {
        assert_eq!(id("0").as_u64(), Some(0));
        assert_eq!(id("-0"), id("0"));
        assert_ne!(id("-7"), id("7"));
    }

    #[test]
    fn a_number_and_a_string_differ() {
        assert_ne!(id("1"), id("\"1\""));
    }

    #[test]
    fn spellings_of_one_value_are_one_id_and_keep_their_bytes() {
        assert_eq!(id("1.0"), id("1"));
        assert_eq!(id("100e-2"), id("1"));
        assert_eq!(id("1E2"), id("100"));
        assert_eq!(id("\"\\u0061\""), id("\"a\""));
        assert_eq!(id("1.0").token().as_ref(), b"1.0");
        let set: HashSet<Id> = [id("1.0"), id("1"), id("1e0")].into();
        assert_eq!(set.len(), 1);
    }

    #[test]
    fn fractions_and_other_types_are_no_ids() {
        for token in ["1.5", "1e-1", "null", "true", "{}", "[]", "\"\\ud800\""] {
            assert!(Id::parse(token.as_bytes()).is_none(), "{token}");
        }
    }

    #[test]
    fn numbers_beyond_64_bits_are_told_apart() {
        assert_ne!(id("9223372036854775808"), id("9223372036854775809"));
        assert_ne!(id("18446744073709551617"), id("18446744073709551616"));
        assert_eq!(id("18446744073709551616.0"), id("18446744073709551616"));
    }

    #[test]
    fn an_enormous_exponent_costs_nothing() {
        assert_eq!(id("1e999999999"), id("10e999999998"));
        assert!(Id::parse(b"1e99999999999999999999").is_none());
    }

    proptest! {
        #[test]
        fn whole_numbers_compare_like_integers(a in any::<i64>(), b in any::<i64>(), zeros in 0_usize..4) {
            let spelled = format!("{a}.{}", "0".repeat(zeros + 1));
            prop_assert_eq!(id(&spelled), id(&a.to_string()));
            prop_assert_eq!(id(&a.to_string()) == id(&b.to_string()), a == b);
        }
    }
}
