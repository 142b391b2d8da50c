//! Reads events from bytes in any portions.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use super::Event;

/// An event longer than the limit was met; the stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The limit.
    pub limit: usize,
}

/// Turns bytes into events.
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    searched: usize,
    limit: usize,
    started: bool,
    /// The last line ended with `\r`, so a `\n` in front belongs to it.
    after_return: bool,
    name: String,
    data: Option<BytesMut>,
    id: Option<String>,
    retry: Option<u64>,
    touched: bool,
}

impl Decoder {
    /// A decoder whose events may have `limit` bytes of data.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            searched: 0,
            limit,
            started: false,
            after_return: false,
            name: String::new(),
            data: None,
            id: None,
            retry: None,
            touched: false,
        }
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The id to resume behind.
    pub fn last_event_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The next event (one that carries data, an id or a delay); `None` until more bytes have come.
    pub fn next_event(&mut self) -> Result<Option<Event>, EventTooLong> {
        while let Some(line) = self.next_line()? {
            if line.is_empty() {
                if let Some(event) = self.dispatch() {
                    return Ok(Some(event));
                }
            } else {
                self.field(&line)?;
            }
        }
        Ok(None)
    }

    fn next_line(&mut self) -> Result<Option<Bytes>, EventTooLong> {
        if !self.started && self.buffer.len() >= 3 {
            self.started = true;
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.advance(3);
            }
        }
        if self.after_return && !self.buffer.is_empty() {
            self.after_return = false;
            if self.buffer[0] == b'\n' {
                self.buffer.advance(1);
            }
        }
        let Some(found) = memchr2(b'\n', b'\r', &self.buffer[self.searched..]) else {
            self.searched = self.buffer.len();
            // Some room for the field's name.
            return if self.searched > self.limit + 64 { Err(self.too_long()) } else { Ok(None) };
        };
        self.started = true;
        let line = self.buffer.split_to(self.searched + found).freeze();
        self.after_return = self.buffer[0] == b'\r';
        self.buffer.advance(1);
        self.searched = 0;
        Ok(Some(line))
    }

    fn field(&mut self, line: &[u8]) -> Result<(), EventTooLong> {
        let (name, value) = match memchr::memchr(b':', line) {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (line, [].as_slice()),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                let data = match &mut self.data {
                    Some(data) => {
                        data.extend_from_slice(b"\n");
                        data
                    }
                    None => self.data.insert(BytesMut::new()),
                };
                data.extend_from_slice(value);
                if data.len() > self.limit {
                    return Err(self.too_long());
                }
            }
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            b"id" if !value.contains(&0) => {
                self.id = Some(String::from_utf8_lossy(value).into_owned()).filter(|id| !id.is_empty());
                self.touched = true;
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                self.retry = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok());
                self.touched = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let retry = self.retry.take();
        let touched = std::mem::take(&mut self.touched);
        let data = self.data.take().unwrap_or_default().freeze();
        if data.is_empty() && !touched {
            return None;
        }
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(Event { name, data, id: self.id.clone(), retry })
    }

    fn too_long(&self) -> EventTooLong {
        EventTooLong { limit: self.limit }
    }
}

#[cfg(test)]
mod tests;
