//! Reads a log by byte offsets, a page at a time, and goes on where it left off when the file was put aside.
//!
//! An offset alone means nothing once `main.log` has become an older part, so each page names the file it was read
//! from by its first line; who comes back with that name first gets the rest of the older part.
use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use super::{LogLine, files, line::printable};

/// The smallest and the largest page, in bytes of the file.
const PAGE: std::ops::RangeInclusive<u64> = 4 * 1024..=256 * 1024;
/// Lines in one page at most.
const LINES: usize = 10_000;
/// Of a longer line only the beginning is shown.
const LONGEST_LINE: usize = 16 * 1024;
/// What is read of the first line to tell one file from another.
const FIRST_LINE: u64 = 256;
/// What is read at once while lines are counted from the end.
const CHUNK: u64 = 64 * 1024;

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogPosition {
    /// At the line from which on this many are left; with nothing after them.
    Tail(usize),
    /// At a byte of the file of this name, or of the newest file.
    After {
        /// The byte: `next` of the page before.
        offset: u64,
        /// `file` of the page before.
        file: Option<String>,
    },
    /// So that the page ends before this byte.
    Before {
        /// The byte: `start` of the page after.
        offset: u64,
        /// `file` of the page after.
        file: Option<String>,
    },
}

/// Some lines of a log, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogPage {
    /// The name of the file the offsets belong to.
    pub file: String,
    /// Where the page begins.
    pub start: u64,
    /// Where the next one begins.
    pub next: u64,
    /// How long the file is now.
    pub end: u64,
    /// Offsets that were known belong to an older file; these begin anew.
    pub reset: bool,
    /// The lines; nothing in them can steer a terminal.
    pub lines: Vec<LogLine>,
}

impl LogPage {
    /// Whether there is something in it that its reader does not know.
    pub const fn is_news(&self) -> bool {
        self.reset || !self.lines.is_empty()
    }
}

/// Reads one page of at most `limit` bytes; an absent file is an empty one.
pub(super) fn read(path: &Path, position: &LogPosition, limit: u64) -> io::Result<LogPage> {
    let limit = limit.clamp(*PAGE.start(), *PAGE.end());
    let Some(newest) = Part::open(path)? else {
        return Ok(LogPage { reset: position.offset() > 0, ..LogPage::default() });
    };
    match position {
        LogPosition::Tail(lines) => newest.tail(*lines, limit),
        LogPosition::After { offset, file } => match older(path, &newest, file.as_deref())? {
            Place::Newest if *offset > newest.length => newest.forward(0, limit, true),
            Place::Newest => newest.forward(*offset, limit, false),
            Place::Older(part) if *offset < part.length => part.forward(*offset, limit, false),
            Place::Older(_) | Place::Gone => newest.forward(0, limit, true),
        },
        LogPosition::Before { offset, file } => match older(path, &newest, file.as_deref())? {
            Place::Newest => newest.backward(*offset, limit),
            Place::Older(part) => part.backward(*offset, limit),
            Place::Gone => Ok(LogPage { reset: true, ..newest.empty() }),
        },
    }
}

impl LogPosition {
    const fn offset(&self) -> u64 {
        match self {
            Self::Tail(_) => 0,
            Self::After { offset, .. } | Self::Before { offset, .. } => *offset,
        }
    }
}

/// Which file a name stands for.
enum Place {
    Newest,
    Older(Part),
    Gone,
}

fn older(path: &Path, newest: &Part, file: Option<&str>) -> io::Result<Place> {
    match file {
        // The empty name is that of a file without a line.
        None | Some("") => return Ok(Place::Newest),
        Some(name) if name == newest.name => return Ok(Place::Newest),
        Some(_) => {}
    }
    let mut parts: Vec<PathBuf> = files::older_parts(path)?;
    parts.sort();
    for path in parts.iter().rev() {
        if let Some(part) = Part::open(path)?
            && Some(part.name.as_str()) == file
        {
            return Ok(Place::Older(part));
        }
    }
    Ok(Place::Gone)
}

/// One file, open.
struct Part {
    file: File,
    name: String,
    length: u64,
}

impl Part {
    fn open(path: &Path) -> io::Result<Option<Self>> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        let mut first = Vec::new();
        Read::take(&mut file, FIRST_LINE).read_to_end(&mut first)?;
        let line = first.iter().position(|byte| *byte == b'\n').map(|end| &first[..end]);
        let line = line.or_else(|| (first.len() as u64 == FIRST_LINE).then_some(&first[..]));
        let name = line.map_or_else(String::new, |line| format!("{:016x}", files::fingerprint64(line)));
        Ok(Some(Self { file, name, length }))
    }

    fn empty(&self) -> LogPage {
        LogPage { file: self.name.clone(), end: self.length, ..LogPage::default() }
    }

    /// The whole lines of the page that begins at `start`.
    fn forward(mut self, start: u64, limit: u64, reset: bool) -> io::Result<LogPage> {
        let bytes = self.bytes(start, limit)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let page = LogPage { start, next: start, reset, ..self.empty() };
        if whole == 0 && bytes.len() as u64 == limit {
            return self.long_line(&bytes, page);
        }
        Ok(fill(page, &bytes[..whole]))
    }

    /// A line that is longer than a page: its beginning, and its end as the next place.
    fn long_line(mut self, bytes: &[u8], mut page: LogPage) -> io::Result<LogPage> {
        let mut at = page.start + bytes.len() as u64;
        loop {
            let chunk = self.bytes(at, CHUNK)?;
            if let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
                page.next = at + end as u64 + 1;
                page.lines.push(parse(bytes));
                return Ok(page);
            }
            if chunk.is_empty() {
                return Ok(page);
            }
            at += chunk.len() as u64;
        }
    }

    /// The page that ends at `end`, or where its line began.
    fn backward(mut self, end: u64, limit: u64) -> io::Result<LogPage> {
        let end = end.min(self.length);
        let mut start = end.saturating_sub(limit);
        let bytes = self.bytes(start, end - start)?;
        let mut from = 0;
        if start > 0 {
            from = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1);
            // A line that fills the page stands there by its end alone.
            if from >= bytes.len() {
                from = 0;
            }
        }
        start += from as u64;
        let mut from_line = from;
        let surplus = count(&bytes[from..]).saturating_sub(LINES);
        for _ in 0..surplus {
            let length = bytes[from_line..].iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            from_line += length;
            start += length as u64;
        }
        Ok(fill(LogPage { start, next: start, ..self.empty() }, &bytes[from_line..]))
    }

    /// The page that begins where the last `lines` lines do.
    fn tail(mut self, lines: usize, limit: u64) -> io::Result<LogPage> {
        let mut start = self.length;
        let mut missing = lines.saturating_add(1);
        while start > 0 && lines > 0 {
            let from = start.saturating_sub(CHUNK);
            let chunk = self.bytes(from, start - from)?;
            let found = count(&chunk);
            if found >= missing {
                let mut ends = chunk.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
                let end = ends.nth(missing - 1).map_or(0, |(position, _)| position + 1);
                return self.forward(from + end as u64, limit, false);
            }
            missing -= found;
            start = from;
        }
        self.forward(start, limit, false)
    }

    fn bytes(&mut self, start: u64, length: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
        Read::take(&mut self.file, length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

fn fill(mut page: LogPage, bytes: &[u8]) -> LogPage {
    for line in bytes.split_inclusive(|byte| *byte == b'\n').take(LINES) {
        page.next += line.len() as u64;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        page.lines.push(parse(line.strip_suffix(b"\r").unwrap_or(line)));
    }
    page
}

fn parse(bytes: &[u8]) -> LogLine {
    let shown = &bytes[..bytes.len().min(LONGEST_LINE)];
    let text = String::from_utf8_lossy(shown);
    let mut line = LogLine::parse(&text);
    line.message = printable(&line.message).into_owned();
    if shown.len() < bytes.len() {
        line.message.push_str(" […]");
    }
    line
}

fn count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests;
