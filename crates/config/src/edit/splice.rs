//! The three changes of text: replace a value, insert an element, remove one.

use serde_json::Value;

use super::Step;
use super::layout::{self, Layout, is_blank, line_indent, own_indent};
use crate::read::{Node, NodeValue, parse};

/// Replaces a value where it stands.
pub(crate) fn replace(text: &str, node: &Node, value: &Value) -> String {
    let unit = unit_of(text);
    let spread = text.contains('\n');
    let layout =
        Layout { unit: &unit, newline: layout::newline(text), indent: line_indent(text, node.start), spread };
    format!("{}{}{}", &text[..node.start], layout.value(value), &text[node.end..])
}

/// Inserts an element behind the last one of a list or an object.
pub(crate) fn insert(
    text: &str,
    container: &Node,
    elements: &[(usize, usize)],
    write: impl Fn(&Layout<'_>) -> String,
) -> String {
    let unit = unit_of(text);
    let newline = layout::newline(text);
    let outer = line_indent(text, container.start);
    let close = container.end - 1;
    let Some((last_start, last_end)) = elements.last().copied() else {
        return insert_first(text, container, &unit, write);
    };
    let comma = trailing_comma(text, last_end, close);
    if !text[container.start..close].contains('\n') {
        let element = write(&Layout { unit: &unit, newline, indent: outer, spread: false });
        return match comma {
            Some(comma) => format!("{} {element}{}", &text[..=comma], &text[comma + 1..]),
            None => format!("{}, {element}{}", &text[..last_end], &text[last_end..]),
        };
    }
    let deeper = format!("{outer}{unit}");
    let first_start = elements.first().map_or(last_start, |first| first.0);
    let indent = own_indent(text, last_start).or_else(|| own_indent(text, first_start)).unwrap_or(&deeper);
    let element = write(&Layout { unit: &unit, newline, indent, spread: true });
    match comma {
        // The list ends its elements with commas: so does the new one.
        Some(comma) => {
            let at = end_of_line_comments(text, comma + 1, close);
            format!("{}{newline}{indent}{element},{}", &text[..at], &text[at..])
        }
        None => {
            let at = end_of_line_comments(text, last_end, close);
            format!("{},{}{newline}{indent}{element}{}", &text[..last_end], &text[last_end..at], &text[at..])
        }
    }
}

/// Inserts the only element of an empty list or object, behind the comments in it.
fn insert_first(text: &str, container: &Node, unit: &str, write: impl Fn(&Layout<'_>) -> String) -> String {
    let (open, close) = (container.start + 1, container.end - 1);
    let newline = layout::newline(text);
    let outer = line_indent(text, container.start);
    let indent = format!("{outer}{unit}");
    let element = write(&Layout { unit, newline, indent: &indent, spread: true });
    let inside = &text[open..close];
    if inside.trim().is_empty() {
        return format!("{}{newline}{indent}{element}{newline}{outer}{}", &text[..open], &text[close..]);
    }
    let at = end_of_comments(text, open, close);
    let end = if text[at..close].contains('\n') { String::new() } else { format!("{newline}{outer}") };
    format!("{}{newline}{indent}{element}{end}{}", &text[..at], &text[at..])
}

/// Removes an element with its comma, and with its line if nothing else stands there. Comments stay.
pub(crate) fn remove(text: &str, container: &Node, step: &Step<'_>) -> String {
    let (elements, index) = match (&container.value, step) {
        (NodeValue::Object(properties), Step::Key(key)) => {
            let places: Vec<_> =
                properties.iter().map(|property| (property.start, property.value.end)).collect();
            (places, properties.iter().position(|property| property.key == *key))
        }
        (NodeValue::List(items), Step::Index(index)) => {
            (items.iter().map(|item| (item.start, item.end)).collect(), Some(*index))
        }
        _ => return text.to_owned(),
    };
    let Some(((start, end), index)) = index.and_then(|index| Some((*elements.get(index)?, index))) else {
        return text.to_owned();
    };
    let close = container.end - 1;
    let mut cuts = Vec::new();
    let mut tail = end;
    match trailing_comma(text, end, elements.get(index + 1).map_or(close, |next| next.0)) {
        Some(comma) if text[end..comma].trim().is_empty() => tail = comma + 1,
        Some(comma) => cuts.push((comma, comma + 1)),
        None => {
            let before = index.checked_sub(1).map(|previous| elements[previous].1);
            cuts.extend(
                before.and_then(|from| trailing_comma(text, from, start)).map(|comma| (comma, comma + 1)),
            );
        }
    }
    let is_last = index + 1 == elements.len();
    cuts.push(with_blanks(text, start, tail, is_last));
    cut(text, cuts)
}

/// Widens a cut to the whole line if nothing would remain on it, else to the blanks on one side.
fn with_blanks(text: &str, start: usize, end: usize, is_last: bool) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut left = start;
    while left > 0 && is_blank(bytes[left - 1]) {
        left -= 1;
    }
    let mut right = end;
    while right < bytes.len() && is_blank(bytes[right]) {
        right += 1;
    }
    let at_line_start = left == 0 || bytes[left - 1] == b'\n';
    let at_line_end = right == bytes.len() || bytes[right] == b'\n';
    match (at_line_start, at_line_end) {
        (true, true) => (left, (right + 1).min(bytes.len())),
        // The end of a line of others: its line break may be `\r\n`, which stays.
        (false, true) => (left, end),
        (false, false) if is_last => (left, end),
        (_, false) => (start, right),
    }
}

fn cut(text: &str, mut cuts: Vec<(usize, usize)>) -> String {
    cuts.sort_unstable();
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in cuts {
        result.push_str(&text[at..start.max(at)]);
        at = end.max(at);
    }
    result.push_str(&text[at..]);
    result
}

/// The comma between `from` and `to`, where only white space, comments and that comma can stand.
fn trailing_comma(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        match text.as_bytes()[at] {
            b',' => return Some(at),
            b'/' => at = comment_end(text, at).min(to),
            _ => at += 1,
        }
    }
    None
}

/// The end of the comments that follow on the same line as `from`, or `from` if there are none.
fn end_of_line_comments(text: &str, from: usize, to: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (from, from);
    while at < to {
        match bytes[at] {
            b'/' => {
                at = comment_end(text, at).min(to);
                end = at;
            }
            byte if is_blank(byte) => at += 1,
            _ => break,
        }
    }
    end
}

/// The end of the last comment in a stretch of white space and comments.
fn end_of_comments(text: &str, from: usize, to: usize) -> usize {
    let (mut at, mut end) = (from, from);
    while at < to {
        if text.as_bytes()[at] == b'/' {
            at = comment_end(text, at).min(to);
            end = at;
        } else {
            at += 1;
        }
    }
    end
}

/// The end of the comment that begins at `start`; a line comment ends before its line break.
fn comment_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    if let Some(inside) = rest.strip_prefix("/*") {
        return inside.find("*/").map_or(text.len(), |at| start + 2 + at + 2);
    }
    // A lone carriage return also ends a line for the parser.
    rest.find(['\n', '\r']).map_or(text.len(), |at| start + at)
}

fn unit_of(text: &str) -> String {
    match parse(text) {
        Ok(Some(tree)) => layout::unit(text, &tree).to_owned(),
        _ => "  ".to_owned(),
    }
}
