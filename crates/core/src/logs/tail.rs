//! Reads logs back: the last lines of a file from its end, and new lines as they come.
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::Arc,
};

use tokio::sync::broadcast::{self, error::RecvError};

use super::{LogLine, LogSource};

/// What is read at once from the end of a file.
const CHUNK: u64 = 64 * 1024;

/// The last `lines` lines of a file, read backwards so that its size does not matter.
pub(super) fn last_lines(path: &Path, lines: usize) -> io::Result<Vec<LogLine>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut start = file.metadata()?.len();
    let mut tail: Vec<u8> = Vec::new();
    while start > 0 && count_newlines(&tail) <= lines {
        let length = start.min(CHUNK);
        start -= length;
        let mut chunk = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut chunk)?;
        chunk.extend_from_slice(&tail);
        tail = chunk;
    }
    let text = String::from_utf8_lossy(&tail);
    let found: Vec<&str> = text.lines().collect();
    let skipped = found.len().saturating_sub(lines);
    Ok(found[skipped..].iter().map(|line| LogLine::parse(line)).collect())
}

fn count_newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

/// New lines of one log.
#[derive(Debug)]
pub struct Follow {
    lines: broadcast::Receiver<Arc<LogLine>>,
    source: LogSource,
}

impl Follow {
    pub(super) const fn new(lines: broadcast::Receiver<Arc<LogLine>>, source: LogSource) -> Self {
        Self { lines, source }
    }

    /// The next line; none once the core has ended. A reader that lags loses the oldest lines.
    ///
    /// # Cancel safety
    /// A line is returned or stays.
    pub async fn next(&mut self) -> Option<Arc<LogLine>> {
        loop {
            match self.lines.recv().await {
                Ok(line) if self.wants(&line) => return Some(line),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn wants(&self, line: &LogLine) -> bool {
        match &self.source {
            LogSource::Main => true,
            LogSource::Server(name) => line.server.as_ref() == Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_of_a_long_file_come_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.log");
        let text = (0..9000).fold(String::new(), |mut text, turn| {
            writeln!(text, "line number {turn}").unwrap();
            text
        });
        std::fs::write(&path, text).unwrap();
        let lines = last_lines(&path, 5000).unwrap();
        assert_eq!(lines.len(), 5000);
        assert_eq!(
            (lines[0].message.as_str(), lines[4999].message.as_str()),
            ("line number 4000", "line number 8999")
        );
    }

    #[test]
    fn an_absent_log_has_no_lines() {
        assert_eq!(last_lines(Path::new("/nonexistent/main.log"), 5).unwrap(), []);
    }
}
