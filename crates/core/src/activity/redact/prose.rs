//! Credentials in running text: after their name, after the word of their scheme, by their look, and private keys.
use std::borrow::Cow;

use mcpproxy_secrets::mask as outline;

/// Shorter words cannot be told from others by their look.
const SHORTEST: usize = 10;
/// Words after which a credential comes.
const SCHEMES: &[&str] = &["bearer", "basic"];
/// Where a private key begins and ends.
const KEY: (&str, &str) = ("-----BEGIN ", "-----END ");

/// The text without credentials, and how many there were.
pub(super) fn mask(text: &str) -> (Cow<'_, str>, u32) {
    let mut shown = String::new();
    let (mut copied, mut hidden) = (0, 0_u32);
    let mut replace = |start: usize, end: usize, copied: &mut usize| {
        shown.push_str(&text[*copied..start]);
        shown.push_str(&outline::value(&text[start..end]));
        *copied = end;
        hidden = hidden.saturating_add(1);
    };
    let mut before: Option<(usize, usize)> = None;
    for (start, end) in words(text) {
        if start < copied {
            continue;
        }
        let word = &text[start..end];
        if let Some(length) = private_key(text, start) {
            replace(start, start + length, &mut copied);
        } else if is_named(text, before, start, word) || looks_secret(word) {
            replace(start, end, &mut copied);
        }
        before = Some((start, end));
    }
    if hidden == 0 {
        return (Cow::Borrowed(text), 0);
    }
    shown.push_str(&text[copied..]);
    (Cow::Owned(shown), hidden)
}

/// Whether the word before says that this one is a credential.
fn is_named(text: &str, before: Option<(usize, usize)>, start: usize, word: &str) -> bool {
    let Some((from, to)) = before else { return false };
    let (name, between) = (&text[from..to], &text[to..start]);
    if SCHEMES.iter().any(|scheme| name.eq_ignore_ascii_case(scheme)) {
        let drawn = word.len() >= 16 || word.bytes().any(|byte| byte.is_ascii_digit());
        return drawn && word.len() >= 6 && between.trim().is_empty();
    }
    let assigned = between.contains([':', '=']) && between.chars().all(|c| " \t\"'`:=\\".contains(c));
    let last = name.rsplit('/').next().unwrap_or(name);
    let plain = ["true", "false", "null", "none"].iter().any(|plain| word.eq_ignore_ascii_case(plain));
    let scheme = SCHEMES.iter().any(|scheme| word.eq_ignore_ascii_case(scheme));
    assigned && !plain && !scheme && !last.eq_ignore_ascii_case("key") && outline::looks_secret(last, "")
}

fn looks_secret(word: &str) -> bool {
    word.len() >= SHORTEST && outline::looks_secret("", word)
}

/// The length of the private key that begins here.
fn private_key(text: &str, start: usize) -> Option<usize> {
    let rest = text[start..].strip_prefix(KEY.0)?;
    let head = rest.split("-----").next()?;
    if !head.contains("PRIVATE KEY") {
        return None;
    }
    let end = text[start..].find(KEY.1).map_or(text.len() - start, |end| {
        let tail = &text[start + end + KEY.1.len()..];
        end + KEY.1.len() + tail.find("-----").map_or(tail.len(), |close| close + 5)
    });
    Some(end)
}

/// The words of a text, by their places. An address is one word, so that who is named in it can be told.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let start = at + rest.find(|c: char| !separates(c) && c != ':')?;
        let length = text[start..].find(separates).unwrap_or(text.len() - start);
        let word = text[start..start + length].trim_end_matches(':');
        at = start + length;
        Some((start, start + word.len()))
    })
}

fn separates(c: char) -> bool {
    c.is_whitespace() || "\"'`,;(){}[]<>|=&?\\".contains(c)
}
