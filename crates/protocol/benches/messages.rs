//! What reading and splicing a message costs: `cargo bench -p mcpproxy-protocol`. Prints medians.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use mcpproxy_protocol::lines::LineBuffer;
use mcpproxy_protocol::{Edit, raw, scan, splice, splice_owned};

/// The median time of one run, of many rounds.
fn median(mut work: impl FnMut()) -> Duration {
    let mut runs = 1_u32;
    loop {
        let start = Instant::now();
        (0..runs).for_each(|_| work());
        if start.elapsed() > Duration::from_millis(5) {
            break;
        }
        runs *= 2;
    }
    let mut rounds: Vec<Duration> = (0..31)
        .map(|_| {
            let start = Instant::now();
            (0..runs).for_each(|_| work());
            start.elapsed() / runs
        })
        .collect();
    rounds.sort();
    rounds[rounds.len() / 2]
}

fn report(what: &str, size: usize, took: Duration) {
    let rate = f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / took.as_secs_f64() / 1e9;
    println!("{what:44} {size:>8} bytes {took:>12.2?} {rate:>8.2} GB/s");
}

fn answer(text: &str, size: usize) -> Bytes {
    let text = text.repeat(size / text.len());
    Bytes::from(format!(
        r#"{{"jsonrpc":"2.0","id":4711,"result":{{"content":[{{"type":"text","text":"{text}"}}]}}}}"#
    ))
}

fn tools(count: usize) -> Bytes {
    let tool = r#"{"name":"create_issue","description":"Creates an issue in a repository of the user.","inputSchema":{"type":"object","properties":{"title":{"type":"string"},"labels":{"type":"array","items":{"type":"string"}}},"required":["title"]}}"#;
    Bytes::from(format!(
        r#"{{"result":{{"tools":[{}]}},"jsonrpc":"2.0","id":4711}}"#,
        vec![tool; count].join(",")
    ))
}

fn main() {
    let cases = [
        ("1 KB of text", answer("plain words and such ", 1_000)),
        ("100 KB of text", answer("plain words and such ", 100_000)),
        ("100 KB of escaped text", answer("{\\\"a\\\": 1,\\n", 100_000)),
        ("a list of 320 tools", tools(320)),
    ];
    for (name, message) in &cases {
        let size = message.len();
        report(
            &format!("scan: {name}"),
            size,
            median(|| {
                let _ = black_box(scan(black_box(message)));
            }),
        );
        let Some(id) = scan(message).ok().and_then(|envelope| envelope.id) else { continue };
        let copied =
            median(|| drop(black_box(splice(message, &mut [Edit::new(id, Bytes::from_static(b"1"))]))));
        report(&format!("splice into a copy: {name}"), size, copied);
        let mut line = message.to_vec();
        line.push(b'\n');
        let mut buffer = LineBuffer::new(1 << 20);
        let whole = median(|| {
            buffer.push(&line);
            let Ok(Some(line)) = buffer.next_line() else { return };
            let Some(id) = scan(&line).ok().and_then(|envelope| envelope.id) else { return };
            drop(black_box(splice_owned(line, id, b"1")));
        });
        report(&format!("line, scan, splice in place: {name}"), size, whole);
        let parsed = median(|| drop(black_box(serde_json::from_slice::<serde_json::Value>(message))));
        report(&format!("for comparison, parse to a tree: {name}"), size, parsed);
    }
    let (_, list) = &cases[3];
    let list_span = scan(list).ok().and_then(|found| raw::member(list, found.result?, "tools"));
    if let Some(span) = list_span {
        let took = median(|| {
            for tool in raw::elements(list, span) {
                black_box(raw::member(list, tool, "name"));
            }
        });
        report("names of a list of 320 tools", list.len(), took);
    }
    let empty = median(|| drop(black_box(BytesMut::with_capacity(1024))));
    report("for comparison, an allocation", 0, empty);
}
