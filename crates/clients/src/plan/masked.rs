//! A difference for the eyes of others: what looks like a secret in either text is shown by its outline.

use mcpproxy_secrets::mask;
use serde_json::Value;

use crate::diff::Line;

/// Shorter texts would be found where they are no secret.
const SHORTEST: usize = 4;

/// Texts and what is shown instead, the longest first.
pub(crate) struct Mask(Vec<(String, String)>);

impl Mask {
    /// Finds the secrets of these values.
    pub(crate) fn new(values: &[&Value]) -> Self {
        let mut found = Vec::new();
        values.iter().for_each(|value| collect("", value, &mut found));
        found.retain(|(text, shown)| text.len() >= SHORTEST && text != shown);
        found.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then(a.cmp(b)));
        found.dedup();
        Self(found)
    }

    /// Lines without them.
    pub(crate) fn lines(&self, mut lines: Vec<Line>) -> Vec<Line> {
        for line in &mut lines {
            for (text, shown) in &self.0 {
                if line.text.contains(text.as_str()) {
                    line.text = line.text.replace(text.as_str(), shown);
                }
            }
        }
        lines
    }
}

fn collect(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if mask::looks_secret(name, text) && !text.starts_with('•') => {
            hide(text, &mask::value(text), found);
        }
        Value::String(text) if text.contains("://") => hide(text, &mask::address(text), found),
        Value::Array(items) => {
            let words: Vec<String> =
                items.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect();
            for (word, shown) in words.iter().zip(mask::arguments(&words)) {
                hide(word, &shown, found);
            }
            items.iter().filter(|item| !item.is_string()).for_each(|item| collect(name, item, found));
        }
        Value::Object(fields) => fields.iter().for_each(|(key, value)| collect(key, value, found)),
        _ => {}
    }
}

/// As it is, and as JSON writes it.
fn hide(text: &str, shown: &str, found: &mut Vec<(String, String)>) {
    let written = Value::from(text).to_string();
    found.push((written.trim_matches('"').to_owned(), shown.to_owned()));
    found.push((text.to_owned(), shown.to_owned()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_of_every_place_are_hidden_and_the_rest_is_not() {
        let value = json!({"mcpServers": {"a": {
            "command": "npx", "args": ["--token", "abcdefgh", "plain"],
            "env": {"GITHUB_TOKEN": "pa\"ss/word", "REGION": "eu-west"},
            "url": "https://user:pw12@host/x",
        }}});
        let text = serde_json::to_string_pretty(&value).unwrap();
        let lines = text.lines().map(|text| Line { kind: '-', text: text.to_owned() }).collect();
        let shown: String = Mask::new(&[&value]).lines(lines).into_iter().map(|line| line.text).collect();
        for secret in ["abcdefgh", "ss/word", "pw12"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        for plain in ["eu-west", "plain", "npx", "GITHUB_TOKEN"] {
            assert!(shown.contains(plain), "{plain} in {shown}");
        }
    }
}
