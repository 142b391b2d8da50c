//! Words of the catalogue, and names that come from outside made fit for one line.

use crate::input::Server;
use mcpproxy_messages::{find, render, word};

/// Longest name that is shown whole.
const LONGEST_NAME: usize = 40;

/// The sentence of a key with numbers and names.
pub(crate) fn say(key: &str, fields: &[(&str, &str)]) -> String {
    render(key, fields)
}

/// A name on one line: no control characters, nothing that changes the direction of writing, never too long.
pub(crate) fn name(text: &str) -> String {
    line(text, LONGEST_NAME)
}

/// A text on one line of at most `longest` characters.
pub(crate) fn line(text: &str, longest: usize) -> String {
    let shown = text.chars().filter(|letter| !is_hidden(*letter));
    let mut result: String = shown.clone().take(longest).collect();
    if shown.clone().count() > longest {
        result.pop();
        result.push('…');
    }
    result
}

fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The sign of a server's state; an unprotected one has its own.
pub(crate) fn glyph(server: &Server) -> char {
    let code = if ready_without_protection(server) { "state_unprotected" } else { server.code.as_str() };
    find(code).and_then(|entry| entry.look).map_or('●', |look| look.glyph)
}

/// The word of a server's state within a line; none when there is nothing to say.
pub(crate) fn state(server: &Server) -> Option<String> {
    if ready_without_protection(server) {
        return Some(lower(&word("state_unprotected")));
    }
    (server.code != "state_ready").then(|| lower(&word(&server.code)))
}

fn ready_without_protection(server: &Server) -> bool {
    server.code == "state_ready" && server.is_unprotected()
}

/// The same word within a line.
pub(crate) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
