//! Cutting long texts of results to what a model can take, and keeping the records that were cut off.

use bytes::Bytes;
use mcpproxy_protocol::{Edit, Span, raw, splice, text};
use serde_json::value::RawValue;

/// Records per `read_cache` call when none are asked for.
pub(crate) const PAGE: usize = 50;
/// How deep a list of records is looked for.
const SEARCH_DEPTH: usize = 4;

/// The list inside a long text, element by element, each as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Records {
    /// Where the list stood, keys joined by dots; empty where the whole text is the list.
    pub(crate) path: String,
    pub(crate) records: Vec<Bytes>,
    /// Bytes of the text it came from.
    pub(crate) size: usize,
}

/// Cuts the text blocks of a `tools/call` answer that are longer than `limit` characters. All other bytes
/// stay as they are. `keep` stores the records of a cut text and returns the key to read them by.
pub(crate) fn shorten(
    message: &Bytes,
    result: Span,
    limit: usize,
    mut keep: impl FnMut(Records) -> String,
) -> Bytes {
    // A text has at most as many characters as its token has bytes.
    if limit == 0 || result.len() <= limit {
        return message.clone();
    }
    let mut edits = Vec::new();
    let Some(content) = raw::member(message, result, "content") else { return message.clone() };
    for block in raw::elements(message, content) {
        let Some(token) = raw::member(message, block, "text") else { continue };
        if token.len() <= limit || raw::text_member(message, block, "type").as_deref() != Some("text") {
            continue;
        }
        let Some(full) = text::unescape(token.of(message)) else { continue };
        if let Some(short) = cut(&full, limit, &mut keep) {
            edits.push(Edit::new(token, text::quote(&short)));
        }
    }
    splice(message, &mut edits)
}

fn cut(full: &str, limit: usize, keep: &mut impl FnMut(Records) -> String) -> Option<String> {
    let length = full.chars().count();
    if length <= limit {
        return None;
    }
    let Some(records) = records(full) else {
        let note = "... [truncated by mcpproxy, cache not available]";
        return Some(format!("{}{note}", head(full, limit.saturating_sub(note.len()))));
    };
    let count = records.records.len();
    let key = keep(records);
    let note = format!(
        "... [truncated by mcpproxy]\n\nResponse truncated (limit: {limit} chars, actual: {length} chars, records: {count})\n\
         Use read_cache tool: key=\"{key}\", offset=0, limit={PAGE}\n\
         Returns: {{\"records\": [...], \"meta\": {{\"total_records\": {count}, \"total_size\": {}}}}}",
        full.len()
    );
    Some(format!("{}{note}", head(full, limit.saturating_sub(note.len()))))
}

fn head(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// The largest list in a JSON text.
fn records(full: &str) -> Option<Records> {
    let value: &RawValue = serde_json::from_str(full).ok()?;
    let bytes = value.get().as_bytes();
    let mut best: Option<(String, Vec<Span>, usize)> = None;
    look(bytes, raw::whole(bytes), String::new(), 0, &mut best);
    let (path, spans, _) = best?;
    let shared = Bytes::copy_from_slice(bytes);
    Some(Records {
        path,
        records: spans.into_iter().map(|span| span.slice(&shared)).collect(),
        size: full.len(),
    })
}

fn look(bytes: &[u8], at: Span, path: String, depth: usize, best: &mut Option<(String, Vec<Span>, usize)>) {
    if at.of(bytes).first() == Some(&b'[') {
        let elements = raw::elements(bytes, at);
        if !elements.is_empty() && best.as_ref().is_none_or(|(_, _, size)| at.len() > *size) {
            *best = Some((path, elements, at.len()));
        }
        return;
    }
    if depth >= SEARCH_DEPTH {
        return;
    }
    for (key, span) in raw::members(bytes, at) {
        let inner = if path.is_empty() { key.into_owned() } else { format!("{path}.{key}") };
        look(bytes, span, inner, depth + 1, best);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> (Bytes, Span) {
        let message = Bytes::from(format!(
            r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":{}}},{{"type":"image","data":"AAAA"}}],"x":1.50}}}}"#,
            serde_json::Value::from(text)
        ));
        let result = raw::member(&message, raw::whole(&message), "result").expect("a result");
        (message, result)
    }

    fn first_text(message: &Bytes) -> String {
        let value: serde_json::Value = serde_json::from_slice(message).expect("JSON");
        value["result"]["content"][0]["text"].as_str().expect("text").to_owned()
    }

    #[test]
    fn a_text_within_the_limit_is_left_alone() {
        let (message, result) = answer(&"é".repeat(100));
        let short = shorten(&message, result, 100, |_| unreachable!("nothing is cut"));
        assert_eq!(short, message);
    }

    #[test]
    fn a_limit_of_zero_cuts_nothing() {
        let (message, result) = answer(&"x".repeat(100_000));
        assert_eq!(shorten(&message, result, 0, |_| String::new()), message);
    }

    #[test]
    fn plain_text_is_cut_at_characters_and_says_so() {
        let (message, result) = answer(&"é".repeat(1000));
        let short = first_text(&shorten(&message, result, 200, |_| unreachable!("there are no records")));
        assert!(short.ends_with("... [truncated by mcpproxy, cache not available]"));
        assert!(short.chars().count() <= 200 && short.starts_with("ééé"));
    }

    #[test]
    fn records_are_kept_as_written_and_named_by_path() {
        let rows: Vec<String> = (0..100).map(|n| format!("{{\"n\":{n}.0}}")).collect();
        let text = format!("{{\"few\":[1],\"data\":{{\"rows\":[{}]}}}}", rows.join(", "));
        let (message, result) = answer(&text);
        let mut kept = None;
        let short = shorten(&message, result, 500, |records| {
            kept = Some(records);
            "abc".to_owned()
        });
        let kept = kept.expect("records were kept");
        assert_eq!((kept.path.as_str(), kept.records.len(), kept.size), ("data.rows", 100, text.len()));
        assert_eq!(kept.records[3], r#"{"n":3.0}"#);
        let cut = first_text(&short);
        assert!(cut.contains("Use read_cache tool: key=\"abc\", offset=0, limit=50"), "{cut}");
        assert!(cut.contains(&format!("(limit: 500 chars, actual: {} chars, records: 100)", text.len())));
    }

    #[test]
    fn everything_but_the_cut_text_keeps_its_bytes() {
        let (message, result) = answer(&"x".repeat(1000));
        let short = shorten(&message, result, 100, |_| String::new());
        assert!(short.ends_with(br#"},{"type":"image","data":"AAAA"}],"x":1.50}}"#));
    }
}
