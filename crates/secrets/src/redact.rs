//! Keeping known secrets out of whatever people read: logs, events, answers, error texts.
//!
//! Besides the value itself its usual disguises are found: escaped for JSON, percent-encoded, base64 at each of
//! the three alignments, and the lines of a value with several. A stream is redacted as it flows; only bytes that
//! may still become a secret are held back.

use std::borrow::Cow;
use std::sync::Arc;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use crate::Secret;

/// Shorter values would hide ordinary words.
const SHORTEST: usize = 6;

/// Lines of a longer value are hidden one by one from this length on.
const SHORTEST_LINE: usize = 16;

struct Pattern {
    bytes: Zeroizing<Vec<u8>>,
    replacement: Arc<str>,
}

#[derive(Default)]
struct Patterns {
    /// Sorted by first byte, then longest first.
    sorted: Vec<Pattern>,
    /// For each first byte, its part of `sorted`.
    by_first: Vec<(usize, usize)>,
    longest: usize,
}

/// Replaces known secrets by `‹NAME›`. Cheap to clone.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Patterns>);

impl Redactor {
    /// A redactor for these names and values.
    pub fn new<N: AsRef<str>>(secrets: impl IntoIterator<Item = (N, Secret)>) -> Self {
        let mut sorted = Vec::new();
        for (name, secret) in secrets {
            let replacement: Arc<str> = format!("‹{}›", name.as_ref()).into();
            for bytes in disguises(secret.expose()) {
                sorted.push(Pattern { bytes, replacement: replacement.clone() });
            }
        }
        Self::of(sorted)
    }

    /// One redactor for what several hide.
    pub fn joined<'a>(redactors: impl IntoIterator<Item = &'a Redactor>) -> Self {
        let patterns = redactors.into_iter().flat_map(|redactor| &redactor.0.sorted);
        let copied = |pattern: &Pattern| Pattern {
            bytes: pattern.bytes.clone(),
            replacement: Arc::clone(&pattern.replacement),
        };
        Self::of(patterns.map(copied).collect())
    }

    fn of(mut sorted: Vec<Pattern>) -> Self {
        sorted.sort_by(|a, b| {
            let order = (a.bytes.first(), b.bytes.len(), a.bytes.as_slice());
            order.cmp(&(b.bytes.first(), a.bytes.len(), b.bytes.as_slice()))
        });
        sorted.dedup_by(|later, earlier| later.bytes == earlier.bytes);
        let mut by_first = vec![(0, 0); 256];
        for (index, pattern) in sorted.iter().enumerate() {
            let range = &mut by_first[usize::from(pattern.bytes[0])];
            *range = if range.1 == 0 { (index, index + 1) } else { (range.0, index + 1) };
        }
        let longest = sorted.iter().map(|pattern| pattern.bytes.len()).max().unwrap_or(0);
        Self(Arc::new(Patterns { sorted, by_first, longest }))
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.sorted.is_empty()
    }

    /// The text without secrets; borrowed when there were none in it.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.replace(text.as_bytes()) {
            // Patterns are whole characters, so what is left between them is, too.
            Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            None => Cow::Borrowed(text),
        }
    }

    /// Whether a known secret occurs in these bytes.
    pub fn finds(&self, bytes: &[u8]) -> bool {
        (0..bytes.len()).any(|at| self.0.at(&bytes[at..]).is_some())
    }

    /// A redactor for bytes that arrive in chunks.
    pub fn stream(&self) -> RedactStream {
        RedactStream { redactor: self.clone(), pending: Zeroizing::new(Vec::new()) }
    }

    fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut output: Option<Vec<u8>> = None;
        let (mut at, mut copied) = (0, 0);
        while at < bytes.len() {
            let Some(pattern) = self.0.at(&bytes[at..]) else {
                at += 1;
                continue;
            };
            let output = output.get_or_insert_default();
            output.extend_from_slice(&bytes[copied..at]);
            output.extend_from_slice(pattern.replacement.as_bytes());
            at += pattern.bytes.len();
            copied = at;
        }
        let mut output = output?;
        output.extend_from_slice(&bytes[copied..]);
        Some(output)
    }
}

impl Patterns {
    fn starting_with(&self, byte: u8) -> &[Pattern] {
        self.by_first
            .get(usize::from(byte))
            .and_then(|(start, end)| self.sorted.get(*start..*end))
            .unwrap_or_default()
    }

    /// The longest secret at the beginning of `bytes`.
    fn at(&self, bytes: &[u8]) -> Option<&Pattern> {
        let candidates = self.starting_with(*bytes.first()?);
        candidates.iter().find(|pattern| bytes.starts_with(&pattern.bytes))
    }

    /// Whether `bytes` is the beginning of a secret and more is needed to tell.
    fn may_begin(&self, bytes: &[u8]) -> bool {
        let Some(first) = bytes.first() else { return false };
        let longer =
            |pattern: &Pattern| pattern.bytes.len() > bytes.len() && pattern.bytes.starts_with(bytes);
        self.starting_with(*first).iter().any(longer)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("patterns", &self.0.sorted.len()).finish()
    }
}

/// Redacts bytes that arrive in chunks, wherever the chunks are cut.
pub struct RedactStream {
    redactor: Redactor,
    pending: Zeroizing<Vec<u8>>,
}

impl RedactStream {
    /// Takes a chunk and gives what can be shown so far.
    #[must_use]
    pub fn push(&mut self, chunk: &[u8]) -> Vec<u8> {
        if self.redactor.is_empty() {
            return chunk.to_vec();
        }
        self.pending.extend_from_slice(chunk);
        let keep_from = self.first_undecided();
        let (decided, end) = self.show(keep_from);
        self.pending.drain(..end);
        decided
    }

    /// Gives what was held back; the stream is over.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.redactor.replace(&self.pending).unwrap_or_else(|| self.pending.to_vec())
    }

    /// The first byte from which everything to the end may still become a secret.
    fn first_undecided(&self) -> usize {
        let length = self.pending.len();
        let window = length.saturating_sub(self.redactor.0.longest.saturating_sub(1));
        (window..length).find(|at| self.redactor.0.may_begin(&self.pending[*at..])).unwrap_or(length)
    }

    /// Shows everything that begins before `limit`; a secret found there may reach beyond it.
    fn show(&self, limit: usize) -> (Vec<u8>, usize) {
        let mut shown = Vec::with_capacity(limit);
        let mut at = 0;
        while at < limit {
            match self.redactor.0.at(&self.pending[at..]) {
                Some(pattern) => {
                    shown.extend_from_slice(pattern.replacement.as_bytes());
                    at += pattern.bytes.len();
                }
                None => {
                    shown.push(self.pending[at]);
                    at += 1;
                }
            }
        }
        (shown, at)
    }
}

impl std::fmt::Debug for RedactStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedactStream").field("held_back", &self.pending.len()).finish_non_exhaustive()
    }
}

/// Everything under which a value may appear.
fn disguises(value: &str) -> Vec<Zeroizing<Vec<u8>>> {
    let mut found: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut add = |bytes: Vec<u8>| {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() >= SHORTEST && !found.contains(&bytes) {
            found.push(bytes);
        }
    };
    let trimmed = value.trim();
    if trimmed.len() < SHORTEST {
        return found;
    }
    for text in [value, trimmed] {
        add(text.as_bytes().to_vec());
        add(json_escaped(text, false));
        add(json_escaped(text, true));
        add(percent_encoded(text, false, false));
        add(percent_encoded(text, true, false));
        add(percent_encoded(text, false, true));
        for alignment in 0..3 {
            add(base64_at(text.as_bytes(), alignment, &STANDARD_NO_PAD));
            add(base64_at(text.as_bytes(), alignment, &URL_SAFE_NO_PAD));
        }
    }
    for line in trimmed.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE) {
        add(line.as_bytes().to_vec());
    }
    found
}

/// The inside of a JSON string; some writers also escape everything beyond ASCII.
fn json_escaped(text: &str, ascii_only: bool) -> Vec<u8> {
    let quoted = serde_json::Value::from(text).to_string();
    let inside = &quoted[1..quoted.len() - 1];
    if !ascii_only {
        return inside.as_bytes().to_vec();
    }
    let mut escaped = String::new();
    for c in inside.chars() {
        match c {
            '/' => escaped.push_str("\\/"),
            c if c.is_ascii() => escaped.push(c),
            c => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units)
                    .iter()
                    .for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}")));
            }
        }
    }
    escaped.into_bytes()
}

fn percent_encoded(text: &str, lower: bool, plus: bool) -> Vec<u8> {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            b' ' if plus => encoded.push('+'),
            byte if lower => encoded.push_str(&format!("%{byte:02x}")),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded.into_bytes()
}

/// The characters that depend on the value alone when it stands `alignment` bytes into a group of three.
fn base64_at(value: &[u8], alignment: usize, engine: &impl base64::Engine) -> Vec<u8> {
    let mut padded = Zeroizing::new(vec![0; alignment]);
    padded.extend_from_slice(value);
    let encoded = Zeroizing::new(engine.encode(&*padded));
    let first = (alignment * 8).div_ceil(6);
    let whole = padded.len() * 8 / 6;
    encoded.as_bytes().get(first..whole).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests;
