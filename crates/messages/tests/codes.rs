//! Every code that a crate of the workspace can give has a sentence.
#![expect(clippy::unwrap_used, reason = "what goes wrong in a test has to end it")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rust files below a folder that are not tests.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let is_test = entry.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
        if entry.is_dir() && !is_test {
            files.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") && !is_test {
            files.push(entry);
        }
    }
    files
}

/// The texts in quotes inside every `fn code` of a file.
fn codes_in(text: &str) -> Vec<&str> {
    let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let functions = production.split("fn code(").skip(1);
    let bodies = functions.filter_map(|rest| rest.split_once("\n    }\n").map(|(body, _)| body));
    bodies.flat_map(|body| body.split('"').skip(1).step_by(2)).filter(|word| is_code(word)).collect()
}

fn is_code(word: &str) -> bool {
    word.contains('_')
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[test]
fn every_code_of_every_crate_has_a_sentence() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut checked, mut wanting) = (0, BTreeSet::new());
    for file in sources(crates) {
        let text = std::fs::read_to_string(&file).unwrap();
        for code in codes_in(&text) {
            checked += 1;
            if mcpproxy_messages::render(code, &[]) == code || mcpproxy_messages::find(code).is_none() {
                wanting.insert(format!("{}: {code}", file.strip_prefix(crates).unwrap().display()));
            }
        }
    }
    assert!(checked > 100, "only {checked} codes were found; has their form changed?");
    let advice = "add a sentence to locales/en.ftl and a row to crates/messages/src/table/rows.rs";
    assert!(wanting.is_empty(), "{advice}: {wanting:#?}");
}
