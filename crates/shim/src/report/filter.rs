//! Takes the reports out of a container's stderr, and leaves every other byte as it was.

use super::{LONGEST, MARK, MarkKind, Nonce, Report, SEPARATOR, parse};

/// A piece of what passed the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The server's own output.
    Text(&'a [u8]),
    /// A report.
    Report(Report),
}

/// The filter for one container. Text passes at once; only what could be the start of a report is held back.
#[derive(Debug)]
pub struct Filter {
    nonce: Nonce,
    /// A report of readiness is believed once: after it the server may know its mark.
    ready_seen: bool,
    held: Vec<u8>,
}

impl Filter {
    /// A filter for the marks that were given in the preamble.
    pub fn new(nonce: Nonce) -> Filter {
        Filter { nonce, ready_seen: false, held: Vec::new() }
    }

    /// Passes `input` through, calling `sink` for each piece in order.
    pub fn feed(&mut self, mut input: &[u8], mut sink: impl FnMut(Piece<'_>)) {
        while !input.is_empty() {
            if self.held.is_empty() {
                let start = input.iter().position(|byte| *byte == SEPARATOR).unwrap_or(input.len());
                let (text, rest) = input.split_at(start);
                if !text.is_empty() {
                    sink(Piece::Text(text));
                }
                let [first, rest @ ..] = rest else { return };
                self.held.push(*first);
                input = rest;
                continue;
            }
            let [byte, rest @ ..] = input else { return };
            if !self.fits(*byte) {
                sink(Piece::Text(&self.held));
                self.held.clear();
                continue;
            }
            self.held.push(*byte);
            input = rest;
            if *byte == b'\n' {
                self.decide(&mut sink);
            }
        }
    }

    /// Gives out what is still held when the stream has ended.
    pub fn finish(&mut self, mut sink: impl FnMut(Piece<'_>)) {
        if !self.held.is_empty() {
            sink(Piece::Text(&self.held));
            self.held.clear();
        }
    }

    /// Whether the held bytes and this one can still become a report.
    fn fits(&self, byte: u8) -> bool {
        let at = self.held.len() - 1;
        if at >= MARK {
            return self.held.len() < LONGEST && byte != SEPARATOR;
        }
        let known = &self.held[1..];
        let may_be = |kind| {
            let mark = self.nonce.mark(kind);
            mark[..at] == *known && mark[at] == byte
        };
        may_be(MarkKind::Exit) || (!self.ready_seen && may_be(MarkKind::Ready))
    }

    fn decide(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
        let (mark, json) = self.held[1..self.held.len() - 1].split_at(MARK);
        let kind = if mark == self.nonce.mark(MarkKind::Exit) { MarkKind::Exit } else { MarkKind::Ready };
        match std::str::from_utf8(json).ok().and_then(|json| parse(kind, json)) {
            Some(report) => {
                self.ready_seen = true;
                sink(Piece::Report(report));
            }
            None => sink(Piece::Text(&self.held)),
        }
        self.held.clear();
    }
}
