//! What a server writes to standard error: to the log line by line, and the last lines kept for its failures.
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcpproxy_messages::phrases;
use mcpproxy_secrets::Redactor;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    time::Instant,
};

/// Lines that a failure shows.
const KEPT: usize = 20;
/// Characters of a kept line.
const KEPT_WIDTH: usize = 512;
/// Bytes of a line before it is broken.
const LONGEST: usize = 8 * 1024;
/// Lines a second that reach the log; a flood is counted instead.
const PER_SECOND: u32 = 200;

/// The last lines, redacted.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring(Arc<Mutex<VecDeque<String>>>);

impl Ring {
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn push(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line.chars().take(KEPT_WIDTH).collect());
    }
}

/// Reads until the end; always drains, since a full pipe would stop the server.
pub(super) async fn pump(
    mut reader: impl AsyncRead + Unpin,
    ring: Ring,
    redactor: Arc<Redactor>,
    server: String,
) {
    let mut pump =
        Pump { ring, redactor, server, line: Vec::new(), allowance: Allowance::new(Instant::now()) };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length) = reader.read(&mut buffer).await {
        if length == 0 {
            break;
        }
        pump.take(&buffer[..length]);
    }
    pump.flush();
}

struct Pump {
    ring: Ring,
    redactor: Arc<Redactor>,
    server: String,
    line: Vec<u8>,
    allowance: Allowance,
}

impl Pump {
    fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.line.len() >= LONGEST {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        let text = String::from_utf8_lossy(&self.line);
        let text = text.trim_end_matches(['\n', '\r']);
        if !text.is_empty() {
            let text = crate::logs::printable(text);
            let text = self.redactor.redact(&text);
            self.ring.push(&text);
            match self.allowance.take(Instant::now()) {
                Some(0) => tracing::info!(server = self.server, stderr = %text, "{}", phrases::STDERR_MAIN),
                Some(lost) => {
                    tracing::warn!(server = self.server, lost, "more stderr output than the log takes");
                    tracing::info!(server = self.server, stderr = %text, "{}", phrases::STDERR_MAIN);
                }
                None => {}
            }
        }
        self.line.clear();
    }
}

/// So many lines each second; what is beyond is counted and told with the next line that fits.
#[derive(Debug)]
struct Allowance {
    second: Instant,
    used: u32,
    lost: u64,
}

impl Allowance {
    const fn new(now: Instant) -> Self {
        Self { second: now, used: 0, lost: 0 }
    }

    /// Whether a line may pass, and how many did not since the last that did.
    fn take(&mut self, now: Instant) -> Option<u64> {
        if now.saturating_duration_since(self.second) >= Duration::from_secs(1) {
            self.second = now;
            self.used = 0;
        }
        if self.used == PER_SECOND {
            self.lost += 1;
            return None;
        }
        self.used += 1;
        Some(std::mem::take(&mut self.lost))
    }
}

#[cfg(test)]
mod tests {
    use mcpproxy_secrets::Secret;

    use super::*;

    async fn lines(bytes: &[u8]) -> Vec<String> {
        let ring = Ring::default();
        let redactor = Redactor::new([("TOKEN".to_owned(), Secret::new("abcdef-secret"))]);
        pump(bytes, ring.clone(), Arc::new(redactor), "s".into()).await;
        ring.lines()
    }

    #[tokio::test]
    async fn the_last_twenty_lines_are_kept() {
        let text: String = (0..50).map(|turn| format!("line {turn}\n")).collect();
        let lines = lines(text.as_bytes()).await;
        assert_eq!((lines.len(), lines[0].as_str(), lines[19].as_str()), (20, "line 30", "line 49"));
    }

    #[tokio::test]
    async fn secrets_and_terminal_sequences_do_not_pass() {
        let lines = lines(b"\x1b[31mtoken abcdef-secret\x1b[0m\r\n").await;
        assert!(lines[0].starts_with("token ") && !lines[0].contains("secret"), "{lines:?}");
    }

    #[tokio::test]
    async fn an_endless_line_is_broken() {
        assert!(lines(&vec![b'x'; 100_000]).await.len() > 5);
    }

    #[test]
    fn a_flood_is_counted_instead_of_logged() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        let passed = (0..1000).filter(|_| allowance.take(start).is_some()).count();
        assert_eq!(passed, 200);
        assert_eq!(allowance.take(start + Duration::from_secs(1)), Some(800));
    }
}
