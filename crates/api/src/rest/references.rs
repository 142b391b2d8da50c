//! References to secrets that arrive from outside: a script or a page that can add a server could otherwise have any
//! secret of the person handed to a program of its own. Each new one is confirmed by name.

use crate::failure::ApiFailure;
use http::StatusCode;
use mcpproxy_config::ServerConfig;
use serde_json::Value;
use std::collections::BTreeSet;

/// The key under which a body confirms references, such as `["${keyring:GITHUB_TOKEN}"]`.
pub(super) const CONFIRM: &str = "confirm_references";

/// Refuses an entry, or a patch of one, with references that are neither confirmed nor in the server's entry already.
pub(super) fn check(
    entry: &Value,
    known: Option<&ServerConfig>,
    confirmed: &[String],
) -> Result<(), ApiFailure> {
    let mut wanted = BTreeSet::new();
    collect(entry, &mut wanted);
    if let Some(known) = known {
        let mut before = BTreeSet::new();
        collect(&known.to_value(), &mut before);
        wanted.retain(|reference| !before.contains(reference));
    }
    wanted.retain(|reference| !confirmed.contains(reference));
    if wanted.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = wanted.into_iter().collect();
    Err(ApiFailure::new(
        StatusCode::CONFLICT,
        "references_need_confirmation",
        format!(
            "The server would receive {}. If that is meant, send \"{CONFIRM}\": {}.",
            names.join(", "),
            Value::from(names.clone())
        ),
    ))
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.extend(mcpproxy_secrets::references(text).iter().map(ToString::to_string));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;
    use serde_json::json;

    fn status(result: Result<(), ApiFailure>) -> u16 {
        result.map_or_else(|failure| failure.into_response().status().as_u16(), |()| 200)
    }

    #[test]
    fn a_reference_in_any_place_of_a_new_entry_needs_its_name() {
        let entry =
            json!({"command": "npx", "args": ["--x=${env:HOME}"], "env": {"T": "a ${keyring:GITHUB}"}});
        assert_eq!(status(check(&entry, None, &[])), 409);
        assert_eq!(status(check(&entry, None, &["${keyring:GITHUB}".to_owned()])), 409);
        let both = ["${keyring:GITHUB}".to_owned(), "${env:HOME}".to_owned()];
        assert_eq!(status(check(&entry, None, &both)), 200);
    }

    #[test]
    fn what_the_person_wrote_before_is_not_asked_again() {
        let entry = json!({"name": "x", "command": "npx", "env": {"T": "${keyring:GITHUB}"}});
        let known = ServerConfig::from_value(&entry).unwrap();
        assert_eq!(status(check(&json!({"env": {"U": "${keyring:GITHUB}"}}), Some(&known), &[])), 200);
        assert_eq!(status(check(&json!({"env": {"U": "${keyring:OTHER}"}}), Some(&known), &[])), 409);
    }
}
