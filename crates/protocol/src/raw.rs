//! Looks into a value without decoding it: members of an object, elements of a list, as spans of the same message.
//!
//! For what `scan` has accepted already, and what a proxy must take apart and still hand on byte for byte: lists of
//! tools, batches, results.

use std::borrow::Cow;

use crate::scanner::Scanner;
use crate::span::Span;
use crate::text;

/// The spans of a list's elements; empty if `list` is no list.
pub fn elements(message: &[u8], list: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut scanner = Scanner::of_scanned(&message[..list.end().min(message.len())], list.start());
    if scanner.peek() == Some(b'[') {
        let outcome = scanner.elements(0, |scanner| {
            found.push(scanner.value(1)?);
            Ok(())
        });
        if outcome.is_err() {
            found.clear();
        }
    }
    found
}

/// An object's members in their order, keys decoded; empty if `object` is no object.
pub fn members(message: &[u8], object: Span) -> Vec<(Cow<'_, str>, Span)> {
    let mut found = Vec::new();
    let mut scanner = Scanner::of_scanned(&message[..object.end().min(message.len())], object.start());
    if scanner.peek() == Some(b'{') {
        let outcome = scanner.members(0, |scanner, key| {
            let value = scanner.value(1)?;
            found.extend(text::unescape(key.token).map(|key| (key, value)));
            Ok(())
        });
        if outcome.is_err() {
            found.clear();
        }
    }
    found
}

/// The value of one member; of several with that key the last, as most readers have it.
pub fn member(message: &[u8], object: Span, key: &str) -> Option<Span> {
    let mut found = None;
    let mut scanner = Scanner::of_scanned(&message[..object.end().min(message.len())], object.start());
    if scanner.peek() != Some(b'{') {
        return None;
    }
    scanner
        .members(0, |scanner, name| {
            let value = scanner.value(1)?;
            if name.with(|name| name == key.as_bytes()) {
                found = Some(value);
            }
            Ok(())
        })
        .ok()?;
    found
}

/// The text of a string member.
pub fn text_member<'a>(message: &'a [u8], object: Span, key: &str) -> Option<Cow<'a, str>> {
    text::unescape(member(message, object, key)?.of(message))
}

/// The span of the whole message, without the blanks around it.
pub fn whole(message: &[u8]) -> Span {
    let blank = |byte: &u8| matches!(*byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = message.iter().position(|byte| !blank(byte)).unwrap_or(message.len());
    let end = message.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    Span::new(start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] =
        br#" {"tools" : [{"name":"a","n":1.0}, {"na\u006de":"b"} ], "nextCursor":"x", "tools2":[]} "#;

    #[test]
    fn a_list_is_taken_apart_without_losing_a_byte() {
        let tools = elements(LIST, member(LIST, whole(LIST), "tools").unwrap());
        let texts: Vec<&[u8]> = tools.iter().map(|tool| tool.of(LIST)).collect();
        assert_eq!(texts, [br#"{"name":"a","n":1.0}"#.as_slice(), br#"{"na\u006de":"b"}"#]);
        assert_eq!(text_member(LIST, tools[1], "name").as_deref(), Some("b"));
    }

    #[test]
    fn members_come_in_their_order_and_the_last_of_equal_keys_wins() {
        let message = br#"{"b":1,"a":2,"b":3}"#;
        let keys: Vec<String> =
            members(message, whole(message)).into_iter().map(|(key, _)| key.into()).collect();
        assert_eq!(keys, ["b", "a", "b"]);
        assert_eq!(member(message, whole(message), "b").unwrap().of(message), b"3");
    }

    #[test]
    fn other_types_have_neither_members_nor_elements() {
        for message in [b"7".as_slice(), b"\"x\"", b"", b"[1,", b"{\"a\":}"] {
            assert!(elements(message, whole(message)).is_empty());
            assert!(members(message, whole(message)).is_empty());
            assert_eq!(member(message, whole(message), "a"), None);
        }
    }
}
