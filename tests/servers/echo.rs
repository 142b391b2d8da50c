//! A server that costs next to nothing: one tool, `echo`, whose answer has as many bytes as asked for.
//!
//! For measuring what stands in front of it. Nothing but the standard library, so that it builds as one static file
//! with a bare `rustc`, for a container with nothing in it.

use std::io::{self, BufRead, Write};

const TOOLS: &str = r#"{"tools":[{"name":"echo","description":"Answers with as many bytes as asked for","inputSchema":{"type":"object","properties":{"size":{"type":"integer"}}}}]}"#;

fn main() -> io::Result<()> {
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin());
    let mut output = io::stdout().lock();
    let (mut line, mut answer) = (String::new(), String::new());
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let Some(id) = after(&line, "\"id\":") else { continue };
        answer.clear();
        answer.push_str("{\"jsonrpc\":\"2.0\",\"id\":");
        answer.push_str(id);
        answer.push_str(",\"result\":");
        match after(&line, "\"method\":") {
            Some("\"initialize\"") => answer.push_str(
                r#"{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"}}"#,
            ),
            Some("\"tools/list\"") => answer.push_str(TOOLS),
            Some("\"tools/call\"") => {
                let size = after(&line, "\"size\":").and_then(|size| size.parse().ok()).unwrap_or(0);
                answer.push_str("{\"content\":[{\"type\":\"text\",\"text\":\"");
                answer.extend(std::iter::repeat_n("0123456789abcdef", size / 16));
                answer.push_str("\"}]}");
            }
            _ => answer.push_str("{}"),
        }
        answer.push_str("}\n");
        output.write_all(answer.as_bytes())?;
        output.flush()?;
    }
}

/// The token behind a key.
fn after<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line[line.find(key)? + key.len()..].trim_start();
    Some(rest[..rest.find([',', '}'])?].trim_end())
}
