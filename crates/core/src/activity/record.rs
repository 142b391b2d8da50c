//! One record: what is written, and what is read back.
use jiff::Timestamp;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A server's tool was called.
    #[default]
    ToolCall,
    /// One of our own tools was called.
    OwnTool,
    /// A prompt was fetched.
    Prompt,
    /// A resource was read.
    Resource,
    /// A server came, went, started, stopped or failed.
    Server,
    /// A server was held or released.
    Quarantine,
    /// A server's isolation changed.
    Isolation,
    /// The configuration was changed.
    Config,
    /// A client came or went.
    Client,
    /// The engine came or went.
    Engine,
    /// All servers were paused or resumed.
    Pause,
    /// The program started.
    Start,
    /// The program stopped.
    Stop,
    /// Calls were not recorded.
    Missed,
}

/// Kinds that are calls of clients, as a list in SQL.
pub(super) const CALLS: &str = "('tool_call','internal_tool_call','prompt_get','resource_read')";

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::ToolCall,
        Self::OwnTool,
        Self::Prompt,
        Self::Resource,
        Self::Server,
        Self::Quarantine,
        Self::Isolation,
        Self::Config,
        Self::Client,
        Self::Engine,
        Self::Pause,
        Self::Start,
        Self::Stop,
        Self::Missed,
    ];

    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ToolCall => "tool_call",
            Self::OwnTool => "internal_tool_call",
            Self::Prompt => "prompt_get",
            Self::Resource => "resource_read",
            Self::Server => "server_change",
            Self::Quarantine => "quarantine_change",
            Self::Isolation => "isolation_change",
            Self::Config => "config_change",
            Self::Client => "client_change",
            Self::Engine => "engine_change",
            Self::Pause => "pause_change",
            Self::Start => "system_start",
            Self::Stop => "system_stop",
            Self::Missed => "not_recorded",
        }
    }

    /// Whether it is a call of a client.
    pub const fn is_call(self) -> bool {
        matches!(self, Self::ToolCall | Self::OwnTool | Self::Prompt | Self::Resource)
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// Well.
    #[default]
    Success,
    /// With an error.
    Error,
    /// Our rules did not let it through.
    Blocked,
    /// It was not allowed in this form.
    Rejected,
    /// The client wanted no answer any more.
    Cancelled,
}

impl Status {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Blocked => "blocked",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Who made it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// A client, over MCP.
    Mcp,
    /// A person, through window, terminal or a script.
    Person,
    /// The configuration file was edited.
    File,
    /// The program itself.
    #[default]
    Internal,
}

impl Origin {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Person => "api",
            Self::File => "file",
            Self::Internal => "internal",
        }
    }
}

/// One thing to be written; nothing secret is left in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    pub at: Timestamp,
    pub kind: Kind,
    pub origin: Origin,
    pub status: Status,
    pub server: Option<String>,
    pub tool: Option<String>,
    pub client: Option<String>,
    pub session: Option<u64>,
    pub duration_us: Option<u64>,
    pub request_bytes: Option<u64>,
    pub response_bytes: Option<u64>,
    pub request_id: Option<String>,
    pub error: Option<String>,
    /// The code of its sentence, and the words for it, as a JSON object.
    pub code: Option<&'static str>,
    pub fields: Option<String>,
    /// How many it stands for.
    pub count: u64,
    pub hidden: u32,
    pub arguments: Option<String>,
    pub response: Option<String>,
    pub truncated: bool,
}

/// One record as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the order of writing; grows, and is never used twice.
    pub seq: u64,
    /// When it began.
    pub at: Timestamp,
    /// The id of its kind.
    pub kind: String,
    /// The id of who made it happen.
    pub origin: String,
    /// The id of how it ended.
    pub status: String,
    /// The server.
    pub server: Option<String>,
    /// The tool, prompt or address.
    pub tool: Option<String>,
    /// The client's name.
    pub client: Option<String>,
    /// The session's number in that run of the program.
    pub session: Option<u64>,
    /// Microseconds.
    pub duration_us: Option<u64>,
    /// Bytes of the request.
    pub request_bytes: Option<u64>,
    /// Bytes of the answer.
    pub response_bytes: Option<u64>,
    /// The JSON-RPC id.
    pub request_id: Option<String>,
    /// The words of the error.
    pub error: Option<String>,
    /// The sentence of an event.
    pub summary: Option<String>,
    /// How many it stands for: one, but for calls that were not recorded.
    pub count: u64,
    /// Values that are not shown.
    pub hidden: u32,
    /// What went in, as JSON, redacted; only where a single record was asked for.
    pub arguments: Option<String>,
    /// What came out, as JSON, redacted; as above.
    pub response: Option<String>,
    /// Arguments or response were longer.
    pub truncated: bool,
}

/// Letters and digits of ids, in their order.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of an id.
const ID_LENGTH: usize = 26;

impl Record {
    /// Its public id: a ULID made of time and place, so that ids sort as records do and need no index.
    pub fn id(&self) -> String {
        Self::id_of(self.seq, self.at)
    }

    /// The public id of the record at this place that began at this time.
    pub fn id_of(seq: u64, at: Timestamp) -> String {
        let millis = u128::try_from(at.as_millisecond()).unwrap_or(0) & ((1 << 48) - 1);
        let mut bits = (millis << 80) | u128::from(seq);
        let mut text = [b'0'; ID_LENGTH];
        for place in text.iter_mut().rev() {
            *place = ALPHABET[usize::try_from(bits & 31).unwrap_or(0)];
            bits >>= 5;
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// The place and the millisecond that a public id names.
pub(super) fn parse_id(id: &str) -> Option<(u64, i64)> {
    let mut bits: u128 = 0;
    let id = id.trim();
    if id.len() != ID_LENGTH {
        return None;
    }
    for byte in id.bytes() {
        let digit = ALPHABET.iter().position(|known| *known == byte.to_ascii_uppercase())?;
        bits = bits.checked_mul(32)? | u128::try_from(digit).ok()?;
    }
    let seq = u64::try_from(bits & ((1 << 80) - 1)).ok()?;
    Some((seq, i64::try_from(bits >> 80).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(at: i64, seq: u64) -> Record {
        Record {
            seq,
            at: Timestamp::from_millisecond(at).unwrap(),
            kind: String::new(),
            origin: String::new(),
            status: String::new(),
            server: None,
            tool: None,
            client: None,
            session: None,
            duration_us: None,
            request_bytes: None,
            response_bytes: None,
            request_id: None,
            error: None,
            summary: None,
            count: 1,
            hidden: 0,
            arguments: None,
            response: None,
            truncated: false,
        }
    }

    #[test]
    fn ids_of_kinds_are_all_different() {
        let mut ids: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(CALLS.contains(&format!("'{}'", kind.id())), kind.is_call());
        }
    }

    proptest! {
        #[test]
        fn an_id_names_its_record_and_sorts_by_time(
            at in 0..4_000_000_000_000_i64, seq in any::<u64>(), later in 1..1_000_000_i64,
        ) {
            let id = record(at, seq).id();
            prop_assert_eq!(parse_id(&id), Some((seq, at)));
            prop_assert!(record(at + later, 0).id() > id);
        }

        #[test]
        fn no_text_panics_as_an_id(text in "\\PC{0,40}") {
            let _ = parse_id(&text);
        }
    }
}
