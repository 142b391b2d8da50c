//! One line of a log: written as `time | LEVEL | where | message | {fields}`, read back for terminal and API.
use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Map, Value};
use tracing_subscriber::filter::LevelFilter;

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Why a path was taken; `trace` means the same.
    Debug,
    /// A state that a person can see changed.
    Info,
    /// Somebody should look tomorrow.
    Warn,
    /// Something stopped.
    Error,
}

impl Level {
    /// The word in a line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    /// Reads a level in any case.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "trace" | "debug" => Some(Self::Debug),
            "info" => Some(Self::Info),
            "warn" | "warning" => Some(Self::Warn),
            "error" => Some(Self::Error),
            _ => None,
        }
    }

    pub(super) const fn filter(self) -> LevelFilter {
        match self {
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warn => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
        }
    }
}

impl From<tracing::Level> for Level {
    fn from(level: tracing::Level) -> Self {
        match level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG | tracing::Level::TRACE => Self::Debug,
        }
    }
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// When; none for a line that did not come from us.
    pub time: Option<Timestamp>,
    /// How loud.
    pub level: Level,
    /// The place in the code.
    pub place: String,
    /// What happened.
    pub message: String,
    /// The server it belongs to.
    pub server: Option<String>,
    /// Everything else.
    pub fields: Map<String, Value>,
}

impl LogLine {
    /// The line as it stands in a file, without its end.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(128);
        let _ = write!(
            text,
            "{} | {} | {} | {}",
            local_time(self.time.unwrap_or_default(), "%Y-%m-%dT%H:%M:%S%.3f%:z"),
            self.level.word(),
            self.place,
            self.message
        );
        let fields = self.all_fields();
        if !fields.is_empty() {
            let _ = write!(text, " | {}", Value::Object(fields));
        }
        text
    }

    /// The line as one JSON object.
    pub fn json(&self) -> String {
        let mut object = Map::new();
        let time = local_time(self.time.unwrap_or_default(), "%Y-%m-%dT%H:%M:%S%.3f%:z");
        object.insert("ts".into(), Value::String(time));
        object.insert("level".into(), Value::String(self.level.word().to_ascii_lowercase()));
        object.insert("msg".into(), Value::String(self.message.clone()));
        object.insert("caller".into(), Value::String(self.place.clone()));
        object.extend(self.all_fields());
        Value::Object(object).to_string()
    }

    fn all_fields(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        if let Some(server) = &self.server {
            fields.insert("server".into(), Value::String(server.clone()));
        }
        fields.extend(self.fields.clone());
        fields
    }

    /// Reads a line of either form; a foreign line becomes a message without a time.
    pub fn parse(text: &str) -> Self {
        Self::parse_json(text).or_else(|| Self::parse_text(text)).unwrap_or_else(|| Self {
            time: None,
            level: Level::Info,
            place: String::new(),
            message: text.to_owned(),
            server: None,
            fields: Map::new(),
        })
    }

    fn parse_text(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, " | ");
        let time = parts.next()?.parse().ok()?;
        let level = Level::parse(parts.next()?)?;
        let place = parts.next()?.to_owned();
        let rest = parts.next()?;
        let (message, mut fields) = split_fields(rest);
        let server = take_server(&mut fields);
        Some(Self { time: Some(time), level, place, message: message.to_owned(), server, fields })
    }

    fn parse_json(text: &str) -> Option<Self> {
        if !text.starts_with('{') {
            return None;
        }
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else { return None };
        let mut take = |key: &str| match fields.shift_remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let time = take("ts")?.parse().ok()?;
        let level = Level::parse(&take("level")?)?;
        let message = take("msg")?;
        let place = take("caller").unwrap_or_default();
        let server = take_server(&mut fields);
        Some(Self { time: Some(time), level, place, message, server, fields })
    }
}

fn take_server(fields: &mut Map<String, Value>) -> Option<String> {
    match fields.shift_remove("server") {
        Some(Value::String(server)) => Some(server),
        _ => None,
    }
}

/// A message may itself contain ` | {`, so the last place from which an object reaches to the end wins.
fn split_fields(rest: &str) -> (&str, Map<String, Value>) {
    for (start, _) in rest.match_indices(" | {") {
        if let Ok(Value::Object(fields)) = serde_json::from_str(&rest[start + 3..]) {
            return (&rest[..start], fields);
        }
    }
    (rest, Map::new())
}

/// A moment in the local time zone.
pub(super) fn local_time(time: Timestamp, format: &str) -> String {
    time.to_zoned(TimeZone::system()).strftime(format).to_string()
}

/// Control characters become visible escapes, so that no line can forge another or steer a terminal.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let hostile = |character: char| (character.is_control() && character != '\t') || is_bidi(character);
    if !text.contains(hostile) {
        return text.into();
    }
    let mut clean = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\u{1b}' => skip_escape(&mut rest),
            '\n' => clean.push_str("\\n"),
            character if hostile(character) => {}
            character => clean.push(character),
        }
    }
    clean.into()
}

const fn is_bidi(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Drops the rest of a terminal sequence that began with ESC.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match rest.next_if(|next| matches!(next, '[' | ']' | '(' | ')' | 'P' | '_' | '^')) {
        Some('[') => while rest.next().is_some_and(|next| !('\u{40}'..='\u{7e}').contains(&next)) {},
        Some('(' | ')') => {
            rest.next();
        }
        Some(_) => {
            while let Some(next) = rest.next() {
                if next == '\u{7}' || (next == '\u{1b}' && rest.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample() -> LogLine {
        let fields = serde_json::json!({"count": 3, "note": "a | {b} | c"});
        LogLine {
            time: Some("2026-01-02T15:04:05.123Z".parse().unwrap()),
            level: Level::Warn,
            place: "life.rs:12".into(),
            message: "stopped | {not fields".into(),
            server: Some("git/hub".into()),
            fields: fields.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn a_line_has_the_documented_columns() {
        let text = sample().text();
        let columns: Vec<_> = text.splitn(4, " | ").collect();
        assert_eq!(columns[1..3], ["WARN", "life.rs:12"]);
        assert!(columns[0].len() == "2026-01-02T15:04:05.000+02:00".len(), "{}", columns[0]);
        assert!(columns[3].ends_with(r#"{"server":"git/hub","count":3,"note":"a | {b} | c"}"#), "{text}");
    }

    #[test]
    fn both_forms_are_read_back_as_they_were_written() {
        assert_eq!(LogLine::parse(&sample().text()), sample());
        assert_eq!(LogLine::parse(&sample().json()), sample());
    }

    #[test]
    fn a_foreign_line_is_a_message_without_a_time() {
        let line = LogLine::parse("panicked at nothing");
        assert_eq!((line.time, line.message.as_str()), (None, "panicked at nothing"));
    }

    #[test]
    fn terminal_sequences_leave_no_trace() {
        assert_eq!(printable("\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}plain\r"), "red plain");
        assert_eq!(printable("two\nlines\u{202e}"), "two\\nlines");
    }

    proptest! {
        #[test]
        fn no_printable_text_holds_a_control_character(text in ".*") {
            prop_assert!(!printable(&text).contains(|c: char| c.is_control() && c != '\t'));
        }

        #[test]
        fn any_message_is_read_back(message in "[ -~]{0,60}") {
            prop_assume!(message.trim() == message);
            let line = LogLine { message, ..sample() };
            prop_assert_eq!(LogLine::parse(&line.text()).fields, line.fields);
        }
    }
}
