//! How new text is laid out, so that it looks like the text around it.

use serde_json::Value;

use crate::read::Node;

/// The surroundings of a new piece of text.
pub(crate) struct Layout<'a> {
    /// One level of indentation.
    pub(crate) unit: &'a str,
    /// What ends a line.
    pub(crate) newline: &'a str,
    /// The indentation of the new piece.
    pub(crate) indent: &'a str,
    /// Whether the piece stands on lines of its own.
    pub(crate) spread: bool,
}

impl Layout<'_> {
    /// A value in this place.
    pub(crate) fn value(&self, value: &Value) -> String {
        if self.spread { pretty(value, self.unit, self.newline, self.indent) } else { compact(value) }
    }

    /// A key with its value in this place.
    pub(crate) fn property(&self, key: &str, value: &Value) -> String {
        format!("{}: {}", Value::from(key), self.value(value))
    }
}

/// One level of indentation in this text: that of the first key on a line of its own, or two spaces.
pub(crate) fn unit<'a>(text: &'a str, tree: &Node) -> &'a str {
    let first = tree.properties().and_then(|properties| properties.first());
    first
        .and_then(|property| own_indent(text, property.start))
        .filter(|indent| !indent.is_empty())
        .unwrap_or("  ")
}

/// What ends the lines of this text.
pub(crate) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The white space before `at`, if nothing else stands before it on its line.
pub(crate) fn own_indent(text: &str, at: usize) -> Option<&str> {
    let before = &text[line_start(text, at)..at];
    before.bytes().all(is_blank).then_some(before)
}

/// The white space at the beginning of the line on which `at` lies.
pub(crate) fn line_indent(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..at];
    let end = line.bytes().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    &line[..end]
}

pub(crate) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// A value over several lines. Lists of plain values and empty containers stay on one.
pub(crate) fn pretty(value: &Value, unit: &str, newline: &str, indent: &str) -> String {
    let inner = format!("{indent}{unit}");
    let wrap = |open: char, close: char, parts: Vec<String>| {
        let body = parts.join(&format!(",{newline}{inner}"));
        format!("{open}{newline}{inner}{body}{newline}{indent}{close}")
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let line = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), pretty(value, unit, newline, &inner))
            };
            wrap('{', '}', map.iter().map(line).collect())
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            wrap('[', ']', items.iter().map(|item| pretty(item, unit, newline, &inner)).collect())
        }
        other => compact(other),
    }
}

/// A value on one line.
fn compact(value: &Value) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let line = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), compact(value))
            };
            format!("{{ {} }}", map.iter().map(line).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
