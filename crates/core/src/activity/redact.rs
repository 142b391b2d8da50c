//! What is kept of arguments and answers, without the secrets in them.
//!
//! A body is walked as JSON, byte by byte, so that order and spelling stay as they were: values under the names of
//! credentials and values that look like credentials become their outline, also in JSON inside strings and in running
//! text. Then the known secrets of all servers are replaced. Only after both is the text cut.
mod prose;

use std::borrow::Cow;

use mcpproxy_secrets::{Redactor, mask};

/// How deep a body is followed.
const DEEPEST: usize = 64;
/// How often JSON inside a string is followed.
const NESTED: usize = 3;
/// What stands for a number that is not shown.
const HIDDEN_NUMBER: &str = "\"••••\"";

/// A body as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cleaned {
    pub text: String,
    /// It was longer.
    pub truncated: bool,
    /// Values that are not shown.
    pub hidden: u32,
}

/// A body without secrets, at most `cap` bytes long.
pub(super) fn body(bytes: &[u8], redactor: &Redactor, cap: usize) -> Cleaned {
    // What is beyond this would be cut anyway, unless masks are much shorter than what they hide.
    let end = cap.saturating_mul(2).saturating_add(1024).min(bytes.len());
    let (input, is_cut) = (&bytes[..end], end < bytes.len());
    let mut walk = Walk::new(input);
    let whole = walk.value(None, 0, NESTED).is_some() && walk.is_at_end();
    if whole || is_cut {
        // Of a text that was cut, the string that has no end is not written: it could be the first half of a secret.
        return cut(&String::from_utf8_lossy(&walk.out), walk.hidden, redactor, cap, is_cut);
    }
    let text = String::from_utf8_lossy(bytes);
    let (text, hidden) = prose::mask(&text);
    cut(&text, hidden, redactor, cap, false)
}

/// A short text, such as an error, without secrets.
pub(super) fn line(text: &str, redactor: &Redactor, cap: usize) -> String {
    let (text, hidden) = prose::mask(text);
    cut(&text, hidden, redactor, cap, false).text
}

fn cut(text: &str, hidden: u32, redactor: &Redactor, cap: usize, is_cut: bool) -> Cleaned {
    let shown = redactor.redact(text);
    let marks = |text: &str| text.matches('‹').count();
    let known = match &shown {
        Cow::Borrowed(_) => 0,
        Cow::Owned(shown) => u32::try_from(marks(shown).saturating_sub(marks(text))).unwrap_or(u32::MAX),
    };
    let mut end = cap.min(shown.len());
    while !shown.is_char_boundary(end) {
        end -= 1;
    }
    let truncated = is_cut || end < shown.len();
    Cleaned { text: shown[..end].to_owned(), truncated, hidden: hidden.saturating_add(known) }
}

/// What is shown in the place of a string, where it is not the string itself, and how many values that hides.
fn string(key: Option<&str>, text: &str, nested: usize) -> Option<(String, u32)> {
    if text.is_empty() {
        return None;
    }
    if key.is_some_and(|key| mask::looks_secret(key, "")) {
        return Some((mask::value(text), 1));
    }
    if nested > 0 && text.trim_start().starts_with(['{', '[']) {
        let mut walk = Walk::new(text.as_bytes());
        if walk.value(None, 0, nested - 1).is_some() && walk.is_at_end() {
            let shown = || String::from_utf8_lossy(&walk.out).into_owned();
            return (walk.hidden > 0).then(|| (shown(), walk.hidden));
        }
    }
    if !text.contains(char::is_whitespace) && mask::looks_secret("", text) {
        return Some((mask::value(text), 1));
    }
    let (shown, hidden) = prose::mask(text);
    (hidden > 0).then(|| (shown.into_owned(), hidden))
}

struct Walk<'a> {
    input: &'a [u8],
    at: usize,
    out: Vec<u8>,
    hidden: u32,
}

impl<'a> Walk<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, out: Vec::with_capacity(input.len()), hidden: 0 }
    }

    /// Copies one value; `None` where the input ends before it does, or is no JSON.
    fn value(&mut self, key: Option<&str>, depth: usize, nested: usize) -> Option<()> {
        self.blanks();
        match self.peek()? {
            b'{' if depth < DEEPEST => self.object(depth, nested),
            b'[' if depth < DEEPEST => self.list(key, depth, nested),
            b'"' => self.copy_string(key, nested).map(drop),
            _ => self.scalar(key),
        }
    }

    fn object(&mut self, depth: usize, nested: usize) -> Option<()> {
        self.copy(b'{')?;
        self.blanks();
        if self.peek()? == b'}' {
            return self.copy(b'}');
        }
        loop {
            self.blanks();
            let key = self.copy_string(None, 0)?;
            self.blanks();
            self.copy(b':')?;
            self.value(Some(&key), depth + 1, nested)?;
            self.blanks();
            if self.peek()? != b',' {
                return self.copy(b'}');
            }
            self.copy(b',')?;
        }
    }

    /// The members of `tokens` are tokens: a list hands its key down.
    fn list(&mut self, key: Option<&str>, depth: usize, nested: usize) -> Option<()> {
        self.copy(b'[')?;
        self.blanks();
        if self.peek()? == b']' {
            return self.copy(b']');
        }
        loop {
            self.value(key, depth + 1, nested)?;
            self.blanks();
            if self.peek()? != b',' {
                return self.copy(b']');
            }
            self.copy(b',')?;
        }
    }

    /// Copies a string, masked where it must be; returns what it says.
    fn copy_string(&mut self, key: Option<&str>, nested: usize) -> Option<String> {
        let token = self.string_token()?;
        let text: String = serde_json::from_slice(token).ok()?;
        match string(key, &text, nested) {
            Some((shown, hidden)) => {
                self.hidden = self.hidden.saturating_add(hidden);
                self.out.extend_from_slice(serde_json::Value::from(shown).to_string().as_bytes());
            }
            None => self.out.extend_from_slice(token),
        }
        Some(text)
    }

    fn scalar(&mut self, key: Option<&str>) -> Option<()> {
        let rest = &self.input[self.at..];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        let token = rest.get(..length).filter(|token| !token.is_empty())?;
        let is_word = [b"true".as_slice(), b"false", b"null"].contains(&token);
        if !is_word && key.is_some_and(|key| mask::looks_secret(key, "")) {
            self.hidden = self.hidden.saturating_add(1);
            self.out.extend_from_slice(HIDDEN_NUMBER.as_bytes());
        } else {
            self.out.extend_from_slice(token);
        }
        self.at += length;
        Some(())
    }

    fn string_token(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let rest = self.input.get(start..).filter(|rest| rest.first() == Some(&b'"'))?;
        let mut escaped = false;
        for (index, byte) in rest.iter().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    self.at = start + index + 1;
                    return rest.get(..=index);
                }
                _ => {}
            }
        }
        None
    }

    fn copy(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.out.push(byte);
        self.at += 1;
        Some(())
    }

    fn blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.out.push(byte);
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn is_at_end(&mut self) -> bool {
        self.blanks();
        self.at == self.input.len()
    }
}

#[cfg(test)]
mod tests;
