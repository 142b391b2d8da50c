//! A conversation with a server by lines, nothing in between: what the proxy is measured against.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

/// The two ends of a server.
pub(super) struct Line<R, W> {
    reader: BufReader<R>,
    writer: W,
    answer: Vec<u8>,
}

impl<R: Read, W: Write> Line<R, W> {
    /// Starts the conversation.
    pub(super) fn open(reader: R, writer: W) -> Result<Self> {
        let mut line =
            Self { reader: BufReader::with_capacity(64 * 1024, reader), writer, answer: Vec::new() };
        line.ask(r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#)?;
        line.tell("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")?;
        Ok(line)
    }

    pub(super) fn tell(&mut self, message: &str) -> Result<()> {
        self.writer.write_all(format!("{message}\n").as_bytes())?;
        Ok(self.writer.flush()?)
    }

    pub(super) fn hear(&mut self) -> Result<&[u8]> {
        self.answer.clear();
        if self.reader.read_until(b'\n', &mut self.answer)? == 0 {
            bail!("the server ended");
        }
        Ok(&self.answer)
    }

    pub(super) fn ask(&mut self, message: &str) -> Result<&[u8]> {
        self.tell(message)?;
        self.hear()
    }

    /// Calls the tool for an answer of this size.
    pub(super) fn call(&mut self, size: usize) -> Result<()> {
        let heard = self.ask(&call(1, "echo", size))?.len();
        if heard < size / 16 * 16 { bail!("the answer is too short") } else { Ok(()) }
    }

    /// Keeps this many calls under way until so many were answered.
    pub(super) fn stream(&mut self, under_way: usize, calls: usize, size: usize) -> Result<()> {
        let message = call(1, "echo", size);
        for _ in 0..under_way.min(calls) {
            self.tell(&message)?;
        }
        for answered in 1..=calls {
            self.hear()?;
            if answered + under_way <= calls {
                self.tell(&message)?;
            }
        }
        Ok(())
    }
}

/// A call of the tool.
pub(super) fn call(id: u64, tool: &str, size: usize) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{tool}","arguments":{{"size":{size}}}}}}}"#
    )
}

/// The server as a child of ours.
pub(super) struct Direct {
    child: Child,
    pub(super) line: Option<Line<ChildStdout, ChildStdin>>,
}

impl Direct {
    pub(super) fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        let (reader, writer) = (child.stdout.take(), child.stdin.take());
        let mut direct = Self { child, line: None };
        if let (Some(reader), Some(writer)) = (reader, writer) {
            direct.line = Some(Line::open(reader, writer)?);
        }
        Ok(direct)
    }

    pub(super) fn line(&mut self) -> Result<&mut Line<ChildStdout, ChildStdin>> {
        self.line.as_mut().context("the server has no pipes")
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        // Its input ends first, and with that the server.
        self.line = None;
        let _ = self.child.wait();
    }
}
