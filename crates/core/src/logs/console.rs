//! The form a person reads on standard error while `serve` runs.
use super::line::{Level, LogLine, local_time};

/// The line for a terminal: time, level and message, separated by tabs, then the fields.
pub(super) fn render(line: &LogLine, colour: bool) -> String {
    let time = local_time(line.time.unwrap_or_default(), "%Y-%m-%d %H:%M:%S");
    let level = line.level.word();
    let level = if colour { format!("{}{level}\u{1b}[0m", tint(line.level)) } else { level.to_owned() };
    let mut text = format!("{time}\t{level}\t{}", line.message);
    if let Some(server) = &line.server {
        text.push_str("\tserver=");
        text.push_str(server);
    }
    for (key, value) in &line.fields {
        text.push(' ');
        text.push_str(key);
        text.push('=');
        match value {
            serde_json::Value::String(value) => text.push_str(value),
            value => text.push_str(&value.to_string()),
        }
    }
    text
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

    #[test]
    fn a_console_line_is_plain_without_colour() {
        let line = LogLine::parse(
            "2026-01-02T15:04:05.123Z | INFO | a.rs:1 | ready | {\"server\":\"x\",\"tools\":2}",
        );
        let text = render(&line, false);
        assert!(text.ends_with("\tINFO\tready\tserver=x tools=2"), "{text}");
        assert!(render(&line, true).contains("\u{1b}[34mINFO\u{1b}[0m"));
    }
}
