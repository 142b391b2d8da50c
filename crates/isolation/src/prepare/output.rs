//! What a preparing container says: each line to the sink, the last ones kept for the error.
use std::collections::VecDeque;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::images::ProgressSink;

/// Lines that are kept for an error's text.
const TAIL: usize = 60;
/// The longest line; what is beyond is cut.
const LINE: usize = 2000;

/// The output of one run.
pub(super) struct Output {
    sink: ProgressSink,
    server: String,
    tail: VecDeque<String>,
}

impl Output {
    pub(super) fn new(sink: ProgressSink, server: String) -> Self {
        Self { sink, server, tail: VecDeque::new() }
    }

    /// Reads both streams until they end.
    pub(super) async fn drain<A, B>(&mut self, stdout: &mut A, stderr: &mut B)
    where
        A: AsyncRead + Unpin,
        B: AsyncRead + Unpin,
    {
        let (mut first, mut second) = (Lines::default(), Lines::default());
        let (mut open, mut open_too) = (true, true);
        while open || open_too {
            tokio::select! {
                more = first.fill(stdout), if open => { open = more; first.take(|line| self.line(line)); }
                more = second.fill(stderr), if open_too => { open_too = more; second.take(|line| self.line(line)); }
            }
        }
        first.rest(|line| self.line(line));
        second.rest(|line| self.line(line));
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        tracing::debug!(server = self.server, line, "prepare");
        self.sink.line(line);
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
    }

    /// The last lines.
    pub(super) fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }
}

/// Cuts a stream into lines of bounded length.
#[derive(Default)]
struct Lines {
    buffer: BytesMut,
}

impl Lines {
    /// Reads once; false at the end. Cancel safe.
    async fn fill(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> bool {
        !matches!(stream.read_buf(&mut self.buffer).await, Ok(0) | Err(_))
    }

    fn take(&mut self, mut each: impl FnMut(&str)) {
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            let line = self.buffer.split_to(end + 1);
            each(&clean(&line));
        }
        if self.buffer.len() > LINE {
            let line = self.buffer.split();
            each(&clean(&line));
        }
    }

    fn rest(self, mut each: impl FnMut(&str)) {
        each(&clean(&self.buffer));
    }
}

/// A line as people may read it: no control sequences, no carriage returns, bounded. Of a line that was written over
/// itself, the last version counts.
fn clean(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(&line[..line.len().min(LINE)]);
    let text = text.trim_end_matches(['\r', '\n']);
    let text = text.rsplit('\r').next().unwrap_or(text);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(letter) = chars.next() {
        if letter == '\u{1b}' {
            // A sequence ends with its first letter; one that opens with a bracket has digits before.
            if chars.next_if_eq(&'[').is_some() {
                while chars.next().is_some_and(|part| !part.is_ascii_alphabetic()) {}
            }
        } else if !letter.is_control() || letter == '\t' {
            out.push(letter);
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[tokio::test]
    async fn both_streams_reach_the_sink_line_by_line() {
        let (sink, _steps, mut lines) = ProgressSink::channel();
        let mut output = Output::new(sink, "x".to_owned());
        output.drain(&mut &b"one\ntwo"[..], &mut &b"three\r\n\n"[..]).await;
        let mut seen = Vec::new();
        while let Ok(line) = lines.try_recv() {
            seen.push(line);
        }
        seen.sort();
        assert_eq!(seen, ["one", "three", "two"]);
        assert_eq!(output.tail().len(), 3);
    }

    #[tokio::test]
    async fn only_the_last_lines_are_kept() {
        let text: String = (0..500).map(|number| format!("{number}\n")).collect();
        let mut output = Output::new(ProgressSink::ignore(), "x".to_owned());
        output.drain(&mut text.as_bytes(), &mut &b""[..]).await;
        assert_eq!((output.tail().len(), output.tail().last().map(String::as_str)), (TAIL, Some("499")));
    }

    #[test]
    fn colours_and_overwritten_lines_are_cleaned() {
        assert_eq!(clean(b"\x1b[31mred\x1b[0m \x1b]0;t\x07x\n"), "red ]0;tx");
        assert_eq!(clean(b"10%\r50%\r100%\r\n"), "100%");
    }

    proptest! {
        #[test]
        fn no_bytes_leave_a_control_character(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(!clean(&bytes).chars().any(|letter| letter.is_control() && letter != '\t'));
        }
    }
}
