//! The first bytes on a container's stdin: what to run, with which environment and secrets.
//!
//! Nothing of it passes through the engine's API, so nothing of it can be inspected there. A header of twelve bytes
//! (`MCPS`, version, flags, two reserved bytes, length) is followed by records of tag, length and content, all numbers
//! big-endian. Reader and writer take exactly the announced number of bytes: what follows are [`crate::frame`]s.

use std::fmt;

/// The bytes every preamble starts with.
pub const MAGIC: [u8; 4] = *b"MCPS";
/// The version of the format that this library reads and writes.
pub const VERSION: u8 = 1;
/// Length of the fixed header.
pub const HEADER: usize = 12;
/// The largest body that is accepted.
pub const MAX_BODY: usize = 1024 * 1024;

const ARGUMENT: u8 = 1;
const VARIABLE: u8 = 2;
const DIRECTORY: u8 = 3;
const NONCE: u8 = 4;
const GRACE: u8 = 5;
const FILE: u8 = 6;
const UMASK: u8 = 7;
const HEARTBEAT: u8 = 9;
/// Tags from here on may be skipped by a reader that does not know them.
const OPTIONAL: u8 = 128;

/// One entry of the preamble.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// The next item of the server's argv.
    Argument(&'a [u8]),
    /// A variable of the server's environment.
    Variable {
        /// Its name, without `=`.
        name: &'a [u8],
        /// Its value.
        value: &'a [u8],
    },
    /// The directory the server starts in.
    Directory(&'a [u8]),
    /// The marks of the reports, see [`crate::report::Nonce`].
    Nonce(&'a [u8; 32]),
    /// How long the server gets to end by itself, in milliseconds.
    Grace(u32),
    /// A secret file to write before the server starts.
    File {
        /// Where.
        path: &'a [u8],
        /// Its permission bits.
        mode: u32,
        /// What is in it.
        content: &'a [u8],
    },
    /// The server's file mode creation mask.
    Umask(u32),
    /// How often the owner sends a heartbeat, in milliseconds; 0 or absent: never.
    Heartbeat(u32),
}

impl fmt::Debug for Record<'_> {
    /// Names the kind only: the contents are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Record::Argument(_) => "Argument",
            Record::Variable { .. } => "Variable",
            Record::Directory(_) => "Directory",
            Record::Nonce(_) => "Nonce",
            Record::Grace(_) => "Grace",
            Record::File { .. } => "File",
            Record::Umask(_) => "Umask",
            Record::Heartbeat(_) => "Heartbeat",
        })
    }
}

/// Why bytes are not a preamble, or values cannot become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The first bytes are not ours, or a version that is not known.
    NoMagic,
    /// The body is larger than [`MAX_BODY`].
    TooLong,
    /// The stream ended within the preamble.
    Ended,
    /// A record is cut, unknown, or holds what it must not (a NUL, a name without `=`).
    Malformed,
}

impl Error {
    /// The exit code by which the program reports this, before it has any other way to.
    pub const fn exit_code(self) -> u8 {
        match self {
            Error::NoMagic => 120,
            Error::TooLong => 121,
            Error::Ended => 122,
            Error::Malformed => 123,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::NoMagic => "the input does not start with a preamble",
            Error::TooLong => "arguments, environment and secret files exceed 1 MiB",
            Error::Ended => "the input ended within the preamble",
            Error::Malformed => "a record of the preamble is malformed",
        })
    }
}

impl std::error::Error for Error {}

impl Record<'_> {
    fn tag(&self) -> u8 {
        match self {
            Record::Argument(_) => ARGUMENT,
            Record::Variable { .. } => VARIABLE,
            Record::Directory(_) => DIRECTORY,
            Record::Nonce(_) => NONCE,
            Record::Grace(_) => GRACE,
            Record::File { .. } => FILE,
            Record::Umask(_) => UMASK,
            Record::Heartbeat(_) => HEARTBEAT,
        }
    }

    fn len(&self) -> usize {
        match self {
            Record::Argument(bytes) | Record::Directory(bytes) => bytes.len(),
            Record::Variable { name, value } => name.len() + 1 + value.len(),
            Record::Nonce(nonce) => nonce.len(),
            Record::Grace(_) | Record::Umask(_) | Record::Heartbeat(_) => 4,
            Record::File { path, content, .. } => path.len() + 1 + 4 + content.len(),
        }
    }

    fn is_sound(&self) -> bool {
        let text = |bytes: &[u8]| !bytes.contains(&0);
        match self {
            Record::Argument(bytes) => text(bytes),
            Record::Variable { name, value } => {
                !name.is_empty() && !name.contains(&b'=') && text(name) && text(value)
            }
            Record::Directory(path) | Record::File { path, .. } => !path.is_empty() && text(path),
            Record::Nonce(nonce) => nonce.iter().all(u8::is_ascii_hexdigit),
            Record::Grace(_) | Record::Umask(_) | Record::Heartbeat(_) => true,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Record::Argument(bytes) | Record::Directory(bytes) => out.extend_from_slice(bytes),
            Record::Variable { name, value } => {
                out.extend_from_slice(name);
                out.push(b'=');
                out.extend_from_slice(value);
            }
            Record::Nonce(nonce) => out.extend_from_slice(*nonce),
            Record::Grace(number) | Record::Umask(number) | Record::Heartbeat(number) => {
                out.extend_from_slice(&number.to_be_bytes());
            }
            Record::File { path, mode, content } => {
                out.extend_from_slice(path);
                out.push(0);
                out.extend_from_slice(&mode.to_be_bytes());
                out.extend_from_slice(content);
            }
        }
    }
}

/// Writes a whole preamble into one buffer of exactly its size, so that no second copy of a secret is left behind by
/// a growing buffer. The caller wipes it after sending.
///
/// # Errors
/// [`Error::TooLong`] and [`Error::Malformed`].
pub fn encode(records: &[Record<'_>]) -> Result<Vec<u8>, Error> {
    let body: usize = records.iter().map(|record| 5 + record.len()).sum();
    if body > MAX_BODY {
        return Err(Error::TooLong);
    }
    if !records.iter().all(Record::is_sound) {
        return Err(Error::Malformed);
    }
    let mut out = Vec::with_capacity(HEADER + body);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[VERSION, 0, 0, 0]);
    out.extend_from_slice(&length(body)?);
    for record in records {
        out.push(record.tag());
        out.extend_from_slice(&length(record.len())?);
        record.write(&mut out);
    }
    Ok(out)
}

fn length(value: usize) -> Result<[u8; 4], Error> {
    u32::try_from(value).map(u32::to_be_bytes).map_err(|_| Error::TooLong)
}

/// Reads the header and answers how many bytes of body follow.
///
/// # Errors
/// [`Error::NoMagic`] and [`Error::TooLong`].
pub fn body_length(header: &[u8; HEADER]) -> Result<usize, Error> {
    if header[..4] != MAGIC || header[4] != VERSION {
        return Err(Error::NoMagic);
    }
    let length = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    usize::try_from(length).ok().filter(|length| *length <= MAX_BODY).ok_or(Error::TooLong)
}

/// Walks over the records of a body; ends after the first error.
#[derive(Clone)]
pub struct Records<'a> {
    rest: &'a [u8],
}

/// The records of `body`.
pub fn records(body: &[u8]) -> Records<'_> {
    Records { rest: body }
}

impl<'a> Records<'a> {
    fn take(&mut self) -> Result<Option<Record<'a>>, Error> {
        let (tag, content) = match self.rest {
            [tag, a, b, c, d, rest @ ..] => {
                let length = u32::from_be_bytes([*a, *b, *c, *d]);
                let length = usize::try_from(length).map_err(|_| Error::Malformed)?;
                let (content, rest) = rest.split_at_checked(length).ok_or(Error::Malformed)?;
                self.rest = rest;
                (*tag, content)
            }
            _ => return Err(Error::Malformed),
        };
        let record = match tag {
            ARGUMENT => Record::Argument(content),
            VARIABLE => {
                let (name, value) = split_at_byte(content, b'=')?;
                Record::Variable { name, value }
            }
            DIRECTORY => Record::Directory(content),
            NONCE => Record::Nonce(content.try_into().map_err(|_| Error::Malformed)?),
            GRACE => Record::Grace(number(content)?),
            FILE => {
                let (path, rest) = split_at_byte(content, 0)?;
                let (mode, content) = rest.split_at_checked(4).ok_or(Error::Malformed)?;
                Record::File { path, mode: number(mode)?, content }
            }
            UMASK => Record::Umask(number(content)?),
            HEARTBEAT => Record::Heartbeat(number(content)?),
            OPTIONAL.. => return Ok(None),
            _ => return Err(Error::Malformed),
        };
        if record.is_sound() { Ok(Some(record)) } else { Err(Error::Malformed) }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.take() {
                Ok(Some(record)) => return Some(Ok(record)),
                Ok(None) => {}
                Err(error) => {
                    self.rest = &[];
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

fn number(bytes: &[u8]) -> Result<u32, Error> {
    bytes.try_into().map(u32::from_be_bytes).map_err(|_| Error::Malformed)
}

fn split_at_byte(bytes: &[u8], byte: u8) -> Result<(&[u8], &[u8]), Error> {
    let at = bytes.iter().position(|candidate| *candidate == byte).ok_or(Error::Malformed)?;
    Ok((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests;
