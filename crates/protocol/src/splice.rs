//! The only way a message is altered.

use bytes::{Bytes, BytesMut};

use crate::span::Span;

/// The fields whose tokens may be exchanged on the way, with the reason. Every other byte leaves as it came.
pub const SPLICED_FIELDS: &[(&str, &str)] = &[
    ("id", "several clients share one connection, so their ids are mapped and restored"),
    ("params._meta.progressToken", "the same for the token of a call's progress"),
    ("params.progressToken", "a progress notification gets its caller's token back"),
    ("params.requestId", "a cancellation names the mapped id of the call it ends"),
    ("params.name", "a published tool or prompt gets its server's own name"),
    ("params.uri", "a resource whose address two servers share gets its own back"),
    ("params.ref.name", "a completion names a prompt by its server's own name"),
    ("params.ref.uri", "a completion names a resource template by its server's own address"),
    ("result.tools[].name", "tools of several servers are published under one roof"),
    ("result.prompts[].name", "prompts likewise"),
    ("result.resources[].uri", "resources whose address two servers share"),
    ("result.resourceTemplates[].uriTemplate", "templates likewise"),
    ("result.contents[].uri", "what was read is named as it was asked for"),
];

/// One token to be exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where the old token stands.
    pub span: Span,
    /// The new token, valid JSON.
    pub text: Bytes,
}

impl Edit {
    /// Puts `text` in place of what stands at `span`.
    pub fn new(span: Span, text: impl Into<Bytes>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Exchanges tokens; without edits the message is handed back as it is. Of two overlapping edits the later is left out.
pub fn splice(message: &Bytes, edits: &mut [Edit]) -> Bytes {
    if edits.is_empty() {
        return message.clone();
    }
    let growth: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut spliced = BytesMut::with_capacity(message.len() + growth);
    splice_into(message, edits, &mut spliced);
    spliced.freeze()
}

/// Like [`splice`], appending to a buffer that is there anyway.
pub fn splice_into(message: &[u8], edits: &mut [Edit], out: &mut BytesMut) {
    edits.sort_unstable_by_key(|edit| edit.span.start());
    let mut copied = 0;
    for edit in edits {
        let range = edit.span.range();
        debug_assert!(
            range.start >= copied && range.end <= message.len(),
            "edits overlap or miss the message"
        );
        if range.start < copied || range.end > message.len() {
            continue;
        }
        out.extend_from_slice(&message[copied..range.start]);
        out.extend_from_slice(&edit.text);
        copied = range.end;
    }
    out.extend_from_slice(&message[copied..]);
}

/// Exchanges one token of a message that nobody else holds, moving the shorter side instead of copying the whole.
pub fn splice_owned(mut message: BytesMut, span: Span, text: &[u8]) -> Bytes {
    let (start, end, length) = (span.start(), span.end(), message.len());
    if end > length {
        return message.freeze();
    }
    if text.len() > span.len() {
        let mut spliced = BytesMut::with_capacity(length + text.len());
        splice_into(&message, &mut [Edit::new(span, Bytes::copy_from_slice(text))], &mut spliced);
        return spliced.freeze();
    }
    let gap = span.len() - text.len();
    if start <= length - end {
        message[start + gap..end].copy_from_slice(text);
        message.copy_within(..start, gap);
        message.freeze().slice(gap..)
    } else {
        message[start..start + text.len()].copy_from_slice(text);
        message.copy_within(end.., end - gap);
        message.truncate(length - gap);
        message.freeze()
    }
}

/// Turns line breaks between tokens into spaces, for pipes on which a line is a message. Inside strings a valid message
/// has none.
pub fn flatten(message: &mut [u8]) {
    for byte in message {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests;
