//! Addresses of resources that two servers share, and templates.
//!
//! A shared address is published as `mcpproxy://SERVER/` and the original, percent-encoded so that nothing
//! of it can be taken for a part of ours. A shared template keeps its original unencoded, since clients
//! fill it in; the colon of its scheme, which an encoded address never has, tells the two apart.

use std::fmt::Write as _;

const SCHEME: &str = "mcpproxy://";

/// The address under which a shared resource is published.
pub(crate) fn publish(server: &str, uri: &str) -> String {
    format!("{SCHEME}{}/{}", encode(server), encode(uri))
}

/// The template under which a shared template is published.
pub(crate) fn publish_template(server: &str, template: &str) -> String {
    format!("{SCHEME}{}/{template}", encode(server))
}

/// The server and its own address behind a published one; `None` for any other address.
pub(crate) fn resolve(uri: &str) -> Option<(String, String)> {
    let (server, rest) = uri.strip_prefix(SCHEME)?.split_once('/')?;
    let original = if rest.contains(':') { rest.to_owned() } else { decode(rest)? };
    Some((decode(server)?, original))
}

/// Whether an address can come from a template: its fixed parts stand in the address in their order.
pub(crate) fn matches(template: &str, uri: &str) -> bool {
    let mut literals = Vec::new();
    let mut rest = template;
    while let Some((literal, variable)) = rest.split_once('{') {
        literals.push(literal);
        let Some((_, after)) = variable.split_once('}') else { return false };
        rest = after;
    }
    literals.push(rest);
    let (Some(first), Some(last)) = (literals.first(), literals.last()) else { return false };
    if literals.len() == 1 {
        return template == uri;
    }
    let Some(mut at) = uri.strip_prefix(first) else { return false };
    for literal in &literals[1..literals.len() - 1] {
        let Some((_, after)) = at.split_once(literal) else { return false };
        at = after;
    }
    at.ends_with(last)
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_published_address_leads_back(server in "[a-zA-Z0-9 ._/-]{1,20}", uri in "\\PC{1,60}") {
            prop_assert_eq!(resolve(&publish(&server, &uri)), Some((server, uri)));
        }

        #[test]
        fn resolving_strangers_text_never_panics(text in "(mcpproxy://)?[\\PC%/:]{0,40}") {
            let _ = resolve(&text);
            let _ = matches(&text, &text);
        }
    }

    #[test]
    fn a_filled_in_template_leads_back_unchanged() {
        let template = publish_template("files", "file:///{path}");
        assert_eq!(template, "mcpproxy://files/file:///{path}");
        let filled = template.replace("{path}", "a%20b");
        assert_eq!(resolve(&filled), Some(("files".into(), "file:///a%20b".into())));
    }

    #[test]
    fn a_template_matches_what_it_can_produce() {
        assert!(matches("test://static/{id}", "test://static/7"));
        assert!(matches("a://{x}/b/{y}.txt", "a://1/b/2.txt"));
        assert!(!matches("a://{x}/b/{y}.txt", "a://1/c/2.txt"));
        assert!(!matches("test://static/{id}", "other://7"));
        assert!(!matches("broken://{x", "broken://1"));
        assert!(matches("plain://x", "plain://x"));
    }

    #[test]
    fn other_addresses_are_not_ours() {
        for uri in ["file:///a", "mcpproxy://", "mcpproxy://x", "mcpproxy://a/%zz", "mcpproxy://a/%f"] {
            assert_eq!(resolve(uri), None, "{uri}");
        }
    }
}
