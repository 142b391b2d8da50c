//! The `Exec` key: a command line with quotes of its own, inside a string with escapes of its own.

use std::path::Path;

/// What the desktop entry specification reserves: an argument with one of these must be in quotes.
const RESERVED: &[char] =
    &[' ', '\t', '\n', '"', '\'', '\\', '>', '<', '~', '|', '&', ';', '$', '*', '?', '#', '(', ')', '`'];

/// One argument as a word of the command line.
pub(super) fn quote(argument: &str) -> String {
    if !argument.contains(RESERVED) {
        return argument.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in argument.chars() {
        if matches!(letter, '"' | '`' | '$' | '\\') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted + "\""
}

/// A command line as the value of a key.
pub(super) fn escape(line: &str) -> String {
    line.replace('\\', "\\\\")
}

/// The command line in the value of a key.
pub(super) fn unescape(value: &str) -> String {
    let mut line = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, false) => line.push(letter),
            (_, true) => match letters.next() {
                Some('s') => line.push(' '),
                Some('n') => line.push('\n'),
                Some('t') => line.push('\t'),
                Some('r') => line.push('\r'),
                Some('\\') | None => line.push('\\'),
                // Not an escape of strings: it belongs to the quotes of the command line.
                Some(other) => line.extend(['\\', other]),
            },
        }
    }
    line
}

/// A word of a command line without its quotes, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The word that names the program; `env NAME=VALUE` before it is passed over.
pub(super) fn program(line: &str) -> Option<Word> {
    let words = words(line);
    let is_env = |word: &Word| Path::new(&word.text).file_name().is_some_and(|name| name == "env");
    let after_env = |word: &&Word| !is_env(word) && !word.text.contains('=');
    let first = words.first()?;
    if is_env(first) { words.iter().find(after_env).cloned() } else { Some(first.clone()) }
}

/// The words of a command line, read as GLib reads them: both kinds of quotes, `%%` for `%`.
pub(super) fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if quote.is_none() && matches!(letter, ' ' | '\t' | '\n') {
            words.extend(word.take());
            continue;
        }
        let current = word.get_or_insert_with(|| Word { text: String::new(), start: at, end: at });
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None | Some('"'), '\\') => {
                let escapes = |next: char| quote.is_none() || matches!(next, '"' | '`' | '$' | '\\');
                let next = letters.next_if(|(_, next)| escapes(*next));
                current.text.push(next.map_or('\\', |(_, next)| next));
            }
            (_, '%') if letters.next_if(|(_, next)| *next == '%').is_some() => current.text.push('%'),
            _ => current.text.push(letter),
        }
        current.end = letters.peek().map_or(line.len(), |(next, _)| *next);
    }
    words.extend(word);
    words
}
