//! Splits a stream of bytes into lines, one message each, with a limit that does not depend on how the bytes arrive.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr;

/// Default limit of one line: images and long lists run to megabytes.
pub const MAX_LINE: usize = 32 * 1024 * 1024;

/// A line longer than the limit was met; the stream cannot be followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line is longer than {limit} bytes")]
pub struct LineTooLong {
    /// The limit.
    pub limit: usize,
}

/// Collects bytes and hands out whole lines without their ends (`\n` or `\r\n`), skipping blank ones.
#[derive(Debug)]
pub struct LineBuffer {
    buffer: BytesMut,
    /// Up to here no line end was found.
    searched: usize,
    limit: usize,
    /// A line was met for which the buffer had to grow beyond what is worth keeping.
    grown: bool,
}

/// Room that is kept for the next lines; an idle stream must not hold on to that of its longest one.
const KEPT: usize = 256 * 1024;

impl LineBuffer {
    /// An empty buffer whose lines may have `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: BytesMut::new(), searched: 0, limit, grown: false }
    }

    /// Where a reader may append what it reads.
    pub fn space(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole line, held by nobody else; `None` until more bytes have come.
    pub fn next_line(&mut self) -> Result<Option<BytesMut>, LineTooLong> {
        loop {
            let Some(found) = memchr(b'\n', &self.buffer[self.searched..]) else {
                self.searched = self.buffer.len();
                if self.grown && self.buffer.is_empty() {
                    (self.buffer, self.grown) = (BytesMut::new(), false);
                }
                // Of an unfinished line the last byte may still turn out to belong to its end.
                return if self.searched > self.limit + 1 { Err(self.too_long()) } else { Ok(None) };
            };
            let mut line = self.buffer.split_to(self.searched + found);
            self.buffer.advance(1);
            self.searched = 0;
            self.grown |= line.len() > KEPT;
            if line.last() == Some(&b'\r') {
                line.truncate(line.len() - 1);
            }
            if line.len() > self.limit {
                return Err(self.too_long());
            }
            if !is_blank(&line) {
                return Ok(Some(line));
            }
        }
    }

    /// What stands behind the last line end when the stream is over.
    pub fn finish(&mut self) -> Option<Bytes> {
        self.searched = 0;
        let mut rest = self.buffer.split();
        if rest.last() == Some(&b'\r') {
            rest.truncate(rest.len() - 1);
        }
        (!is_blank(&rest) && rest.len() <= self.limit).then(|| rest.freeze())
    }

    fn too_long(&self) -> LineTooLong {
        LineTooLong { limit: self.limit }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(chunks: &[&[u8]], limit: usize) -> (Vec<Vec<u8>>, bool) {
        let (mut buffer, mut lines) = (LineBuffer::new(limit), Vec::new());
        for chunk in chunks {
            buffer.push(chunk);
            loop {
                match buffer.next_line() {
                    Ok(Some(line)) => lines.push(line.to_vec()),
                    Ok(None) => break,
                    Err(_) => return (lines, true),
                }
            }
        }
        lines.extend(buffer.finish().map(|line| line.to_vec()));
        (lines, false)
    }

    #[test]
    fn both_line_ends_are_taken_and_blank_lines_skipped() {
        let (lines, _) = read(&[b"{}\r\n\n \t\r\n[1]\nrest\r"], 100);
        assert_eq!(lines, [b"{}".as_slice(), b"[1]", b"rest"]);
    }

    #[test]
    fn a_line_of_just_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(read(&[b"abcd\r\n"], 4), (vec![b"abcd".to_vec()], false));
        assert_eq!(read(&[b"abcde\n"], 4), (vec![], true));
    }

    #[test]
    fn an_endless_line_is_given_up_before_it_fills_the_memory() {
        let mut buffer = LineBuffer::new(1000);
        let mut pushed = 0;
        while buffer.next_line().is_ok() {
            buffer.push(&[b'x'; 64]);
            pushed += 64;
        }
        assert!(pushed <= 1100);
    }

    #[test]
    fn the_room_of_a_long_line_is_given_back() {
        let mut buffer = LineBuffer::new(MAX_LINE);
        buffer.push(&vec![b'x'; 5_000_000]);
        assert_eq!(buffer.next_line(), Ok(None));
        buffer.push(b"\n");
        assert_eq!(buffer.next_line().unwrap().unwrap().len(), 5_000_000);
        assert_eq!(buffer.next_line(), Ok(None));
        buffer.space().reserve(100);
        assert!(buffer.space().capacity() < 100_000);
    }

    proptest! {
        #[test]
        fn the_outcome_does_not_depend_on_the_chunks(
            text in proptest::collection::vec(proptest::sample::select(b"ab\r\n {}".to_vec()), 0..200),
            sizes in proptest::collection::vec(1_usize..9, 1..60),
            limit in 1_usize..12,
        ) {
            let mut chunks = Vec::new();
            let mut rest = text.as_slice();
            for size in sizes.iter().cycle() {
                if rest.is_empty() { break; }
                let (chunk, behind) = rest.split_at((*size).min(rest.len()));
                chunks.push(chunk);
                rest = behind;
            }
            let terminated = [text.as_slice(), b"\n"].concat();
            prop_assert_eq!(read(&[&chunks[..], &[b"\n"]].concat(), limit), read(&[&terminated], limit));
        }
    }
}
