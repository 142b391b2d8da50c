//! What the program in the container says to its owner, within the server's own stderr.
//!
//! A report is a record separator (0x1E), a mark of sixteen hexadecimal digits, a flat JSON object and a newline.
//! It is shorter than what a pipe writes in one piece, so it never mixes with the server's output. The marks come
//! from the preamble, which the server cannot read. A server could fish the first report out of its own stderr and
//! learn that mark, so there are two: one for [`Report::Ready`], which is believed once, and one for
//! [`Report::Exit`], which appears only after every process of the server is dead.

mod filter;

use std::fmt::{self, Write as _};

pub use filter::{Filter, Piece};

/// The byte a report starts with.
pub const SEPARATOR: u8 = 0x1e;
/// Digits of a mark.
pub const MARK: usize = 16;
/// The longest report, everything included; a pipe writes this much in one piece.
pub const LONGEST: usize = 2048;

/// The two marks of one start of one container.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 2 * MARK]);

impl Nonce {
    /// Writes sixteen random bytes as the digits of both marks.
    pub fn from_random(random: [u8; MARK]) -> Nonce {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 2 * MARK];
        for (index, byte) in random.into_iter().enumerate() {
            digits[2 * index] = DIGITS[usize::from(byte >> 4)];
            digits[2 * index + 1] = DIGITS[usize::from(byte & 15)];
        }
        Nonce(digits)
    }

    /// Takes the digits as they stand in a preamble.
    pub const fn from_digits(digits: [u8; 2 * MARK]) -> Nonce {
        Nonce(digits)
    }

    /// The digits as they stand in a preamble.
    pub const fn digits(&self) -> &[u8; 2 * MARK] {
        &self.0
    }

    fn mark(&self, kind: MarkKind) -> &[u8] {
        match kind {
            MarkKind::Ready => &self.0[..MARK],
            MarkKind::Exit => &self.0[MARK..],
        }
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(hidden)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MarkKind {
    Ready,
    Exit,
}

/// One report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The server's program runs.
    Ready {
        /// Its process id inside the container.
        pid: u32,
    },
    /// The server is over, and all its processes with it.
    Exit(Exit),
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// What set the end in motion.
    pub cause: Cause,
    /// The system's error number, where one tells more.
    pub errno: Option<i32>,
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Processor time of all its processes in user mode, in microseconds.
    pub user_us: u64,
    /// Processor time of all its processes in the kernel, in microseconds.
    pub system_us: u64,
    /// The largest resident size of one of its processes, in KiB.
    pub max_rss_kb: u64,
    /// The most memory the container used, in bytes, where the kernel tells.
    pub peak_memory: Option<u64>,
    /// Processes killed for want of memory, where the kernel tells.
    pub oom_kills: Option<u64>,
    /// Other processes that ended and were reaped.
    pub reaped: u64,
}

/// What set the end of a server in motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It ended by itself.
    Exit,
    /// The owner's connection ended.
    InputEnded,
    /// The owner asked for it.
    Stop,
    /// The owner was silent for too long.
    HeartbeatLost,
    /// The container got a signal that asks to end.
    Signal,
    /// The owner sent what is no frame.
    BadFrame,
    /// The program could not be executed; `errno` says why.
    Exec,
    /// The working directory could not be entered; `errno` says why.
    Directory,
    /// A secret file could not be written; `errno` says why.
    SecretFile,
}

impl Cause {
    const ALL: [(Cause, &'static str); 9] = [
        (Cause::Exit, "exit"),
        (Cause::InputEnded, "eof"),
        (Cause::Stop, "stop"),
        (Cause::HeartbeatLost, "heartbeat"),
        (Cause::Signal, "signal"),
        (Cause::BadFrame, "frame"),
        (Cause::Exec, "exec"),
        (Cause::Directory, "directory"),
        (Cause::SecretFile, "file"),
    ];

    /// The word for it in a report.
    pub fn word(self) -> &'static str {
        Cause::ALL.iter().find(|(cause, _)| *cause == self).map_or("exit", |(_, word)| word)
    }

    fn of(word: &str) -> Option<Cause> {
        Cause::ALL.iter().find(|(_, candidate)| *candidate == word).map(|(cause, _)| *cause)
    }
}

/// Writes a report with its mark.
pub fn encode(nonce: &Nonce, report: &Report) -> Vec<u8> {
    let (kind, json) = match report {
        Report::Ready { pid } => (MarkKind::Ready, format!("{{\"ready\":{{\"pid\":{pid}}}}}")),
        Report::Exit(exit) => (MarkKind::Exit, exit_json(exit)),
    };
    let mut out = Vec::with_capacity(1 + MARK + json.len() + 1);
    out.push(SEPARATOR);
    out.extend_from_slice(nonce.mark(kind));
    out.extend_from_slice(json.as_bytes());
    out.push(b'\n');
    out
}

fn exit_json(exit: &Exit) -> String {
    let mut json = String::with_capacity(300);
    json.push_str("{\"exit\":{");
    let signed =
        |value: Option<i32>| value.map(i64::from).map_or_else(|| "null".to_owned(), |v| v.to_string());
    let unsigned = |value: Option<u64>| value.map_or_else(|| "null".to_owned(), |v| v.to_string());
    let fields = [
        ("code", signed(exit.code)),
        ("sig", signed(exit.signal)),
        ("cause", format!("\"{}\"", exit.cause.word())),
        ("errno", signed(exit.errno)),
        ("wall_ms", exit.wall_ms.to_string()),
        ("user_us", exit.user_us.to_string()),
        ("sys_us", exit.system_us.to_string()),
        ("maxrss_kb", exit.max_rss_kb.to_string()),
        ("peak", unsigned(exit.peak_memory)),
        ("oom_kills", unsigned(exit.oom_kills)),
        ("reaped", exit.reaped.to_string()),
    ];
    for (index, (name, value)) in fields.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(json, "{comma}\"{name}\":{value}");
    }
    json.push_str("}}");
    json
}

/// Reads the object that follows a mark.
fn parse(kind: MarkKind, json: &str) -> Option<Report> {
    let (name, fields) = json.strip_prefix("{\"")?.strip_suffix("}}")?.split_once("\":{")?;
    let field = |wanted: &str| {
        fields.split(',').find_map(|pair| {
            let (name, value) = pair.split_once(':')?;
            (name.strip_prefix('"')?.strip_suffix('"')? == wanted).then_some(value)
        })
    };
    let optional = |wanted: &str| field(wanted).filter(|value| *value != "null");
    let number = |wanted: &str| field(wanted)?.parse::<u64>().ok();
    match (kind, name) {
        (MarkKind::Ready, "ready") => Some(Report::Ready { pid: field("pid")?.parse().ok()? }),
        (MarkKind::Exit, "exit") => Some(Report::Exit(Exit {
            code: optional("code").map(str::parse).transpose().ok()?,
            signal: optional("sig").map(str::parse).transpose().ok()?,
            cause: Cause::of(field("cause")?.trim_matches('"'))?,
            errno: optional("errno").map(str::parse).transpose().ok()?,
            wall_ms: number("wall_ms")?,
            user_us: number("user_us")?,
            system_us: number("sys_us")?,
            max_rss_kb: number("maxrss_kb")?,
            peak_memory: optional("peak").map(str::parse).transpose().ok()?,
            oom_kills: optional("oom_kills").map(str::parse).transpose().ok()?,
            reaped: number("reaped")?,
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
