//! One entry of a server's list, kept as the server wrote it.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::{Span, raw, text};

/// Longest name or address of an entry, in bytes.
const MAX_ID: usize = 2048;
/// How deep an entry (so a schema) may be nested.
const MAX_DEPTH: usize = 64;

/// The four lists a server can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ListKind {
    Tools,
    Prompts,
    Resources,
    Templates,
}

impl ListKind {
    pub(crate) const ALL: [Self; 4] = [Self::Tools, Self::Prompts, Self::Resources, Self::Templates];

    pub(crate) const fn place(self) -> usize {
        self as usize
    }

    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Prompts => "prompts/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
        }
    }

    /// The member of the result that holds the list.
    pub(crate) const fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }

    /// The member of an entry by which clients ask for it.
    const fn id_member(self) -> &'static str {
        match self {
            Self::Tools | Self::Prompts => "name",
            Self::Resources => "uri",
            Self::Templates => "uriTemplate",
        }
    }

    /// The capability that promises the list.
    pub(crate) const fn capability(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources | Self::Templates => "resources",
        }
    }

    pub(crate) fn from_method(method: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.method() == method)
    }
}

/// An entry of a list.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The name or address, decoded.
    pub(crate) id: Arc<str>,
    /// The entry's bytes.
    pub(crate) raw: Bytes,
    /// Where the name or address stands in them.
    pub(crate) key: Span,
    /// What is read of a tool.
    pub(crate) tool: Option<Arc<ToolFacts>>,
}

/// The parts of a tool that search and the call tools look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ToolFacts {
    pub(crate) title: Option<Arc<str>>,
    pub(crate) description: Option<Arc<str>>,
    pub(crate) schema: Bytes,
    pub(crate) annotations: Option<Bytes>,
    pub(crate) hints: Hints,
}

/// A tool's behaviour as its server declares it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// `readOnlyHint`.
    pub read_only: Option<bool>,
    /// `destructiveHint`.
    pub destructive: Option<bool>,
    /// `idempotentHint`.
    pub idempotent: Option<bool>,
    /// `openWorldHint`.
    pub open_world: Option<bool>,
}

impl Item {
    /// Reads one entry; `None` for one that no client could ask for, or that is nested absurdly deep.
    pub(crate) fn read(kind: ListKind, page: &Bytes, at: Span) -> Option<Self> {
        // A copy of its own, so that one small entry does not keep a whole page alive.
        let raw = Bytes::copy_from_slice(at.of(page));
        let whole = raw::whole(&raw);
        let key = raw::member(&raw, whole, kind.id_member())?;
        let id = text::unescape(key.of(&raw))?;
        if id.is_empty() || id.len() > MAX_ID || id.chars().any(char::is_control) || depth(&raw) > MAX_DEPTH {
            return None;
        }
        let id = Arc::from(id.as_ref());
        let tool = (kind == ListKind::Tools).then(|| Arc::new(ToolFacts::read(&raw, whole)));
        Some(Self { id, raw, key, tool })
    }
}

impl ToolFacts {
    fn read(raw: &Bytes, whole: Span) -> Self {
        let text = |key: &str| raw::text_member(raw, whole, key).map(|text| Arc::from(text.as_ref()));
        let object =
            |key: &str| raw::member(raw, whole, key).filter(|span| span.of(raw).first() == Some(&b'{'));
        let annotations = object("annotations");
        let hint = |key: &str| match raw::member(raw, annotations?, key)?.of(raw) {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        };
        Self {
            title: text("title"),
            description: text("description"),
            schema: object("inputSchema")
                .map_or(Bytes::from_static(b"{\"type\":\"object\"}"), |span| span.slice(raw)),
            annotations: annotations.map(|span| span.slice(raw)),
            hints: Hints {
                read_only: hint("readOnlyHint"),
                destructive: hint("destructiveHint"),
                idempotent: hint("idempotentHint"),
                open_world: hint("openWorldHint"),
            },
        }
    }
}

/// How deep valid JSON is nested.
fn depth(json: &[u8]) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                now += 1;
                most = most.max(now);
            }
            (false, b'}' | b']') => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: ListKind, text: &str) -> Option<Item> {
        let page = Bytes::copy_from_slice(text.as_bytes());
        Item::read(kind, &page, raw::whole(&page))
    }

    #[test]
    fn a_tool_keeps_its_bytes_and_shows_its_facts() {
        let text = r#"{"x":1.0,"name":"a\u0062","inputSchema":{"type":"object","$defs":{}},"annotations":{"readOnlyHint":true,"destructiveHint":false}}"#;
        let item = read(ListKind::Tools, text).expect("a tool");
        assert_eq!((item.id.as_ref(), item.raw.as_ref()), ("ab", text.as_bytes()));
        assert_eq!(item.key.of(&item.raw), br#""a\u0062""#);
        let facts = item.tool.expect("facts");
        assert_eq!(facts.schema, r#"{"type":"object","$defs":{}}"#);
        assert_eq!(
            facts.hints,
            Hints { read_only: Some(true), destructive: Some(false), ..Hints::default() }
        );
    }

    #[test]
    fn an_entry_without_a_usable_name_is_left_out() {
        for text in [r#"{"name":7}"#, r#"{"name":""}"#, r#"{"title":"x"}"#, r#"{"name":"a\u0007b"}"#, "7"] {
            assert!(read(ListKind::Tools, text).is_none(), "{text}");
        }
        assert!(read(ListKind::Resources, r#"{"name":"a"}"#).is_none());
    }

    #[test]
    fn an_entry_nested_absurdly_deep_is_left_out() {
        let deep = format!(r#"{{"name":"a","inputSchema":{}1{}}}"#, "[".repeat(70), "]".repeat(70));
        assert!(read(ListKind::Tools, &deep).is_none());
        let brackets = format!(r#"{{"name":"a","description":"{}"}}"#, "[".repeat(70));
        assert!(read(ListKind::Tools, &brackets).is_some());
    }
}
