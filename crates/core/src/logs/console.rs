//! The form that `serve` prints on standard error: for people on a terminal, with tabs and all fields elsewhere.
use serde_json::Value;

use super::line::{Level, LogLine, local_time};

const PLAIN: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";

/// One line, as a terminal or as whatever else reads it is served best.
pub(super) fn render(line: &LogLine, terminal: bool) -> String {
    if terminal { for_people(line) } else { for_programs(line) }
}

/// Time, level and message, separated by tabs, then the fields: the form that scripts look through.
fn for_programs(line: &LogLine) -> String {
    let time = local_time(line.time.unwrap_or_default(), "%Y-%m-%d %H:%M:%S");
    let mut text = format!("{time}\t{}\t{}", line.level.word(), line.message);
    if let Some(server) = &line.server {
        text.push_str("\tserver=");
        text.push_str(server);
    }
    for (key, value) in &line.fields {
        text.push_str(&format!(" {key}={}", plain(value)));
    }
    text
}

/// Whose line it is, then the sentence; fields only where something is wrong, and lists never: the files have them.
fn for_people(line: &LogLine) -> String {
    let time = local_time(line.time.unwrap_or_default(), "%H:%M:%S");
    let mut text = format!("{DIM}{time}{PLAIN}  ");
    if line.level != Level::Info {
        text.push_str(&format!("{}{}{PLAIN} ", tint(line.level), line.level.word().to_lowercase()));
    }
    if let Some(server) = &line.server {
        text.push_str(&format!("\u{1b}[1m{server}{PLAIN}  "));
    }
    text.push_str(&line.message);
    if line.level != Level::Info {
        let fields = line.fields.iter().filter(|(_, value)| !value.is_array() && !value.is_object());
        for (key, value) in fields {
            text.push_str(&format!("  {DIM}{key} {}{PLAIN}", plain(value)));
        }
    }
    text
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

const fn tint(level: Level) -> &'static str {
    match level {
        Level::Debug => "\u{1b}[35m",
        Level::Info => "\u{1b}[34m",
        Level::Warn => "\u{1b}[33m",
        Level::Error => "\u{1b}[31m",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: &str) -> LogLine {
        LogLine::parse(&format!(
            "2026-01-02T15:04:05.123Z | {level} | a.rs:1 | ready | {{\"server\":\"x\",\"tools\":2,\"args\":[1]}}"
        ))
    }

    #[test]
    fn a_program_gets_every_field_and_no_colour() {
        let text = render(&line("INFO"), false);
        assert!(text.ends_with("\tINFO\tready\tserver=x tools=2 args=[1]"), "{text}");
    }

    #[test]
    fn a_person_gets_the_server_and_the_sentence() {
        let text = render(&line("INFO"), true);
        assert!(text.ends_with("\u{1b}[1mx\u{1b}[0m  ready"), "{text}");
    }

    #[test]
    fn what_is_wrong_is_marked_and_keeps_its_fields() {
        let text = render(&line("WARN"), true);
        assert!(text.contains("\u{1b}[33mwarn\u{1b}[0m"), "{text}");
        assert!(text.contains("tools 2") && !text.contains("args"), "{text}");
    }
}
