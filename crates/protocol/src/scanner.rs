//! A strict JSON reader that only moves: it validates and skips, and hands out spans instead of values.

use memchr::memchr2;

use crate::scan::{MAX_DEPTH, ScanErrorKind};
use crate::span::Span;
use crate::text;

/// A position in a message that is known to be UTF-8.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether the message holds any control character at all; if not, strings need no second look.
    controls: bool,
}

/// Bytes of a string looked at one by one before the vector search is worth its call.
const SHORT: usize = 16;

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        // A fold without an early exit is what the compiler turns into vector code.
        let controls = bytes.iter().fold(false, |found, byte| found | (*byte < 0x20));
        Self { bytes, at: 0, controls }
    }

    /// For looking into what has been scanned already.
    pub(crate) fn of_scanned(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, controls: false }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn has_controls(&self) -> bool {
        self.controls
    }

    pub(crate) fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn expect(&mut self, wanted: u8) -> Result<(), ScanErrorKind> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(ScanErrorKind::Syntax)
    }

    /// Skips one value, `depth` containers deep, and says where it stood.
    pub(crate) fn value(&mut self, depth: usize) -> Result<Span, ScanErrorKind> {
        let first = self.peek().ok_or(ScanErrorKind::Syntax)?;
        let start = self.at;
        match first {
            b'"' => return self.string(),
            b'{' => self.members(depth, |scanner, _| scanner.value(depth + 1).map(|_| ()))?,
            b'[' => self.elements(depth, |scanner| scanner.value(depth + 1).map(|_| ()))?,
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => self.number()?,
        }
        Ok(Span::new(start, self.at))
    }

    /// Reads an object; `visit` is called on each key's token and must read the value.
    pub(crate) fn members(
        &mut self,
        depth: usize,
        mut visit: impl FnMut(&mut Self, Key<'a>) -> Result<(), ScanErrorKind>,
    ) -> Result<(), ScanErrorKind> {
        if depth >= MAX_DEPTH {
            return Err(ScanErrorKind::Depth);
        }
        self.expect(b'{')?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(ScanErrorKind::Syntax);
            }
            let token = self.string()?;
            self.expect(b':')?;
            visit(self, Key { token: token.of(self.bytes) })?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(ScanErrorKind::Syntax),
            }
        }
    }

    /// Reads an array; `visit` must read each element.
    pub(crate) fn elements(
        &mut self,
        depth: usize,
        mut visit: impl FnMut(&mut Self) -> Result<(), ScanErrorKind>,
    ) -> Result<(), ScanErrorKind> {
        if depth >= MAX_DEPTH {
            return Err(ScanErrorKind::Depth);
        }
        self.expect(b'[')?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        loop {
            visit(self)?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(ScanErrorKind::Syntax),
            }
        }
    }

    fn string(&mut self) -> Result<Span, ScanErrorKind> {
        let (bytes, start) = (self.bytes, self.at);
        let mut at = start + 1;
        loop {
            let near = bytes.len().min(at + SHORT);
            while at < near && !matches!(bytes[at], b'"' | b'\\') {
                at += 1;
            }
            if at == near {
                at += memchr2(b'"', b'\\', &bytes[at..]).ok_or(ScanErrorKind::Syntax)?;
            }
            if bytes[at] == b'"' {
                break;
            }
            at += match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                Some(b'u') => {
                    let digits = bytes.get(at + 2..at + 6).ok_or(ScanErrorKind::Syntax)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return Err(ScanErrorKind::Syntax);
                    }
                    6
                }
                _ => return Err(ScanErrorKind::Syntax),
            };
        }
        self.at = at + 1;
        let span = Span::new(start, self.at);
        if self.controls && span.of(bytes).iter().any(|byte| *byte < 0x20) {
            return Err(ScanErrorKind::ControlCharacter);
        }
        Ok(span)
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), ScanErrorKind> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err(ScanErrorKind::Syntax)
    }

    fn digits(&mut self) -> Result<(), ScanErrorKind> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(ScanErrorKind::Syntax) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<(), ScanErrorKind> {
        if self.bytes.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        if self.bytes.get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

/// A member's key as it stands in the message.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// With its quotes.
    pub(crate) token: &'a [u8],
}

impl Key<'_> {
    /// The key's bytes; one that hides behind escapes is decoded, so that it cannot slip past us and not past others.
    pub(crate) fn with<T>(self, look: impl FnOnce(&[u8]) -> T) -> T {
        let inner = self.token.get(1..self.token.len().saturating_sub(1)).unwrap_or_default();
        if memchr::memchr(b'\\', inner).is_none() {
            return look(inner);
        }
        match text::unescape(self.token) {
            Some(decoded) => look(decoded.as_bytes()),
            None => look(inner),
        }
    }
}
