//! A place in a message. Eight bytes even as an `Option`, since an envelope carries many of them.

use std::num::NonZeroU32;
use std::ops::Range;

use bytes::Bytes;

/// A range of bytes inside one message; it means nothing without that message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    start: u32,
    end: NonZeroU32,
}

impl Span {
    /// A span from `start` to before `end`. Messages are shorter than 4 GiB (`scan` refuses others).
    pub fn new(start: usize, end: usize) -> Self {
        let end = u32::try_from(end).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        Self { start: u32::try_from(start).unwrap_or(u32::MAX).min(end.get()), end }
    }

    /// The first byte's offset.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// The offset behind the last byte.
    pub fn end(self) -> usize {
        self.end.get() as usize
    }

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        self.end() - self.start()
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// As a range for indexing.
    pub fn range(self) -> Range<usize> {
        self.start()..self.end()
    }

    /// The bytes it covers in `message`; empty if it was taken from a longer one.
    pub fn of(self, message: &[u8]) -> &[u8] {
        message.get(self.range()).unwrap_or_default()
    }

    /// The bytes it covers, sharing the message's memory.
    pub fn slice(self, message: &Bytes) -> Bytes {
        if self.end() <= message.len() { message.slice(self.range()) } else { Bytes::new() }
    }
}
