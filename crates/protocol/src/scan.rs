//! Finds the envelope of a message: what kind it is, and where the fields stand that a proxy may have to exchange.

use std::borrow::Cow;

use crate::id::Id;
use crate::scanner::Scanner;
use crate::span::Span;
use crate::text;

/// How many containers may stand inside one another; deeper messages are refused, so that no stack can be spent.
pub const MAX_DEPTH: usize = 128;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Has a method and an id, and wants an answer.
    Request,
    /// Has a method and no id.
    Notification,
    /// An answer that succeeded.
    Result,
    /// An answer that failed; its id may be missing.
    Error,
}

/// Where the fields of a message stand. Spans cover whole JSON tokens, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the message is.
    pub kind: Kind,
    /// `id`; never `null`.
    pub id: Option<Span>,
    /// `method`.
    pub method: Option<Span>,
    /// `params`.
    pub params: Option<Span>,
    /// `result`.
    pub result: Option<Span>,
    /// `error`.
    pub error: Option<Span>,
    /// `params._meta`.
    pub meta: Option<Span>,
    /// `params._meta.progressToken`, given by who asks.
    pub progress_token: Option<Span>,
    /// `params._meta["io.modelcontextprotocol/protocolVersion"]`: the message belongs to the stateless era.
    pub modern_version: Option<Span>,
    /// `params.progressToken` of a progress notification.
    pub token: Option<Span>,
    /// `params.requestId` of a cancellation.
    pub request_id: Option<Span>,
    /// `params.name` of a tool or prompt.
    pub name: Option<Span>,
    /// `params.uri` of a resource.
    pub uri: Option<Span>,
    /// `params.ref.name` of a completion.
    pub ref_name: Option<Span>,
    /// `params.ref.uri` of a completion.
    pub ref_uri: Option<Span>,
    /// Whether `jsonrpc` is `"2.0"`.
    pub versioned: bool,
    /// Whether line breaks stand between tokens, which a line-framed pipe cannot carry (see `flatten`).
    pub has_breaks: bool,
}

impl Envelope {
    /// The method's name; borrowed unless it is escaped.
    pub fn method<'a>(&self, message: &'a [u8]) -> Option<Cow<'a, str>> {
        text::unescape(self.method?.of(message))
    }

    /// The id as a value that can be compared and kept.
    pub fn id(&self, message: &[u8]) -> Option<Id> {
        Id::parse(self.id?.of(message))
    }

    /// `params.name`, decoded.
    pub fn name<'a>(&self, message: &'a [u8]) -> Option<Cow<'a, str>> {
        text::unescape(self.name?.of(message))
    }

    /// `params.uri`, decoded.
    pub fn uri<'a>(&self, message: &'a [u8]) -> Option<Cow<'a, str>> {
        text::unescape(self.uri?.of(message))
    }
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanErrorKind {
    /// Not JSON.
    #[error("the message is not valid JSON")]
    Syntax,
    /// Containers deeper than [`MAX_DEPTH`].
    #[error("the message is nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// Not UTF-8.
    #[error("the message is not valid UTF-8")]
    Utf8,
    /// A raw control character, NUL and line break included, inside a string.
    #[error("a string of the message holds a raw control character")]
    ControlCharacter,
    /// Longer than a span can say.
    #[error("the message is too long")]
    TooLong,
    /// A list of messages; its elements can be read one by one with `raw::elements`.
    #[error("the message is a batch; send one message at a time")]
    Batch,
    /// JSON, but neither an object nor a list.
    #[error("the message is not a JSON object")]
    NotAnObject,
    /// An object without exactly one of `method`, `result`, `error`.
    #[error("the message is neither a request, a notification nor an answer")]
    NotAMessage,
    /// An id that is neither a string nor a whole number.
    #[error("the id must be a string or an integer")]
    InvalidId,
    /// A field that decides where a message goes stands there twice.
    #[error("the field `{0}` stands in the message twice")]
    Duplicate(&'static str),
}

impl ScanErrorKind {
    /// A stable code for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "message_syntax",
            Self::Depth => "message_too_deep",
            Self::Utf8 => "message_not_utf8",
            Self::ControlCharacter => "message_control_character",
            Self::TooLong => "message_too_long",
            Self::Batch => "message_batch",
            Self::NotAnObject | Self::NotAMessage => "message_not_rpc",
            Self::InvalidId => "message_invalid_id",
            Self::Duplicate(_) => "message_duplicate_field",
        }
    }

    /// The JSON-RPC error code that answers it.
    pub const fn rpc_code(self) -> i64 {
        match self {
            Self::Syntax | Self::Depth | Self::Utf8 | Self::ControlCharacter | Self::TooLong => -32700,
            _ => -32600,
        }
    }
}

/// Why a message was refused, and what is known of it all the same, so that its sender can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (at byte {at})")]
pub struct ScanError {
    /// What is wrong.
    pub kind: ScanErrorKind,
    /// Where reading stopped.
    pub at: usize,
    /// The id, if it was read, is valid and stands there once.
    pub id: Option<Span>,
    /// Whether a `method` was read, so that the message is no answer.
    pub is_call: bool,
}

/// Reads a message's envelope in one pass, without allocating (but for keys written with escapes).
pub fn scan(message: &[u8]) -> Result<Envelope, ScanError> {
    let fail = |kind, at| ScanError { kind, at, id: None, is_call: false };
    if message.len() >= u32::MAX as usize {
        return Err(fail(ScanErrorKind::TooLong, 0));
    }
    if let Err(error) = std::str::from_utf8(message) {
        return Err(fail(ScanErrorKind::Utf8, error.valid_up_to()));
    }
    let mut scanner = Scanner::new(message);
    match scanner.peek() {
        Some(b'{') => {}
        Some(b'[') => return Err(fail(ScanErrorKind::Batch, scanner.at())),
        _ => {
            let kind = match scanner.value(0) {
                Ok(_) if scanner.peek().is_none() => ScanErrorKind::NotAnObject,
                _ => ScanErrorKind::Syntax,
            };
            return Err(fail(kind, scanner.at()));
        }
    }
    let mut fields = Fields::default();
    let outcome = fields.read(&mut scanner, Level::Message, 0).and_then(|()| match scanner.peek() {
        None => fields.envelope(message, scanner.has_controls()),
        Some(_) => Err(ScanErrorKind::Syntax),
    });
    outcome.map_err(|kind| ScanError {
        kind,
        at: scanner.at(),
        id: fields.usable_id(message),
        is_call: fields.get(Field::Method).is_some(),
    })
}

/// The fields that are looked for.
#[derive(Clone, Copy)]
enum Field {
    Version,
    Id,
    Method,
    Params,
    Result,
    Error,
    Meta,
    ProgressToken,
    ModernVersion,
    Token,
    RequestId,
    Name,
    Uri,
    Reference,
    RefName,
    RefUri,
}

/// How each field is called in a message to a person, in the order of [`Field`].
const NAMES: [&str; 16] = [
    "jsonrpc",
    "id",
    "method",
    "params",
    "result",
    "error",
    "params._meta",
    "params._meta.progressToken",
    "params._meta.io.modelcontextprotocol/protocolVersion",
    "params.progressToken",
    "params.requestId",
    "params.name",
    "params.uri",
    "params.ref",
    "params.ref.name",
    "params.ref.uri",
];

/// The objects that are looked into.
#[derive(Clone, Copy)]
enum Level {
    Message,
    Params,
    Meta,
    Reference,
}

impl Level {
    fn field(self, key: &[u8]) -> Option<Field> {
        Some(match (self, key) {
            (Self::Message, b"jsonrpc") => Field::Version,
            (Self::Message, b"id") => Field::Id,
            (Self::Message, b"method") => Field::Method,
            (Self::Message, b"params") => Field::Params,
            (Self::Message, b"result") => Field::Result,
            (Self::Message, b"error") => Field::Error,
            (Self::Params, b"_meta") => Field::Meta,
            (Self::Params, b"progressToken") => Field::Token,
            (Self::Params, b"requestId") => Field::RequestId,
            (Self::Params, b"name") => Field::Name,
            (Self::Params, b"uri") => Field::Uri,
            (Self::Params, b"ref") => Field::Reference,
            (Self::Meta, b"progressToken") => Field::ProgressToken,
            (Self::Meta, b"io.modelcontextprotocol/protocolVersion") => Field::ModernVersion,
            (Self::Reference, b"name") => Field::RefName,
            (Self::Reference, b"uri") => Field::RefUri,
            _ => return None,
        })
    }
}

impl Field {
    fn inner(self) -> Option<Level> {
        match self {
            Self::Params => Some(Level::Params),
            Self::Meta => Some(Level::Meta),
            Self::Reference => Some(Level::Reference),
            _ => None,
        }
    }
}

/// What has been seen while reading.
#[derive(Default)]
struct Fields {
    seen: [Option<Span>; NAMES.len()],
    /// The first field met twice; reading goes on, so that the id can still be told.
    duplicate: Option<Field>,
}

impl Fields {
    fn get(&self, field: Field) -> Option<Span> {
        self.seen[field as usize]
    }

    fn read(&mut self, scanner: &mut Scanner<'_>, level: Level, depth: usize) -> Result<(), ScanErrorKind> {
        scanner.members(depth, |scanner, key| {
            let field = key.with(|key| level.field(key));
            let span = match field.and_then(Field::inner) {
                Some(inner) if scanner.peek() == Some(b'{') => {
                    let start = scanner.at();
                    self.read(scanner, inner, depth + 1)?;
                    Span::new(start, scanner.at())
                }
                _ => scanner.value(depth + 1)?,
            };
            if let Some(field) = field
                && self.seen[field as usize].replace(span).is_some()
            {
                self.duplicate = self.duplicate.or(Some(field));
            }
            Ok(())
        })
    }

    fn envelope(&self, message: &[u8], has_breaks: bool) -> Result<Envelope, ScanErrorKind> {
        if let Some(field) = self.duplicate {
            return Err(ScanErrorKind::Duplicate(NAMES[field as usize]));
        }
        let is_null = |span: &Span| span.of(message) == b"null";
        let kind = match (self.get(Field::Method), self.get(Field::Result), self.get(Field::Error)) {
            (Some(method), None, None) if method.of(message).starts_with(b"\"") => {
                match self.get(Field::Id) {
                    Some(_) => Kind::Request,
                    None => Kind::Notification,
                }
            }
            (None, Some(_), None) => Kind::Result,
            (None, None, Some(_)) => Kind::Error,
            // Some servers send both members and leave the other one null.
            (None, Some(_), Some(error)) if is_null(&error) => Kind::Result,
            (None, Some(result), Some(_)) if is_null(&result) => Kind::Error,
            _ => return Err(ScanErrorKind::NotAMessage),
        };
        let id = self.get(Field::Id).filter(|id| !is_null(id));
        let wants_id = matches!(kind, Kind::Request | Kind::Result);
        if (wants_id && id.is_none()) || (id.is_some() && self.usable_id(message).is_none()) {
            return Err(ScanErrorKind::InvalidId);
        }
        Ok(Envelope {
            kind,
            id,
            method: self.get(Field::Method),
            params: self.get(Field::Params),
            result: self.get(Field::Result).filter(|_| kind == Kind::Result),
            error: self.get(Field::Error).filter(|_| kind == Kind::Error),
            meta: self.get(Field::Meta),
            progress_token: self.get(Field::ProgressToken),
            modern_version: self.get(Field::ModernVersion),
            token: self.get(Field::Token),
            request_id: self.get(Field::RequestId),
            name: self.get(Field::Name),
            uri: self.get(Field::Uri),
            ref_name: self.get(Field::RefName),
            ref_uri: self.get(Field::RefUri),
            versioned: self.get(Field::Version).is_some_and(|span| span.of(message) == b"\"2.0\""),
            has_breaks,
        })
    }

    /// The id, unless it is missing, invalid or stands there twice.
    fn usable_id(&self, message: &[u8]) -> Option<Span> {
        if matches!(self.duplicate, Some(Field::Id)) {
            return None;
        }
        self.get(Field::Id).filter(|id| Id::is_valid(id.of(message)))
    }
}

#[cfg(test)]
mod tests;
