//! Words in the settings of other clients that stand for something else: variables, references, questions.

use std::path::Path;

use crate::Entry;

/// Puts references of other clients into ours: `${NAME}` of clients that mean a variable by it, and `${userHome}`.
pub(super) fn translate(entry: &mut Entry, bare: bool, home: &Path) {
    let home = home.display().to_string();
    each(entry, |text| {
        *text = text.replace("${userHome}", &home).replace("${env.", "${env:");
        if bare {
            *text = braces(text, |word| is_variable(word).then(|| format!("${{env:{word}}}")));
        }
    });
}

fn is_variable(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(|first| first.is_ascii_uppercase() || first == '_')
        && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The text with each `${…}` replaced where `with` knows something else for it.
fn braces(text: &str, with: impl Fn(&str) -> Option<String>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
        result.push_str(&rest[..at]);
        match with(&rest[at + 2..end]) {
            Some(other) => result.push_str(&other),
            None => result.push_str(&rest[at..=end]),
        }
        rest = &rest[end + 1..];
    }
    result.push_str(rest);
    result
}

/// References to variables and kept secrets.
pub(super) fn references(entry: &Entry) -> Vec<String> {
    words(entry, |word| word.starts_with("env:") || word.starts_with("keyring:"))
}

/// Everything else in braces: a question that the other client would ask, a folder that it has open.
pub(super) fn unknown(entry: &Entry) -> Vec<String> {
    // A script's own `${value%x}` means nothing to anybody else; a kind in front does, and so do the editors' folders.
    words(entry, |word| {
        let named = |kind: &str| kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let kind = word.split_once(':').is_some_and(|(kind, _)| !kind.is_empty() && named(kind));
        (kind && !word.starts_with("env:") && !word.starts_with("keyring:")) || word.starts_with("workspace")
    })
}

fn words(entry: &Entry, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    each(&mut entry.clone(), |text| {
        let mut rest = text.as_str();
        while let Some(at) = rest.find("${") {
            let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
            if wanted(&rest[at + 2..end]) {
                found.push(rest[at..=end].to_owned());
            }
            rest = &rest[end + 1..];
        }
    });
    found.sort();
    found.dedup();
    found
}

fn each(entry: &mut Entry, mut change: impl FnMut(&mut String)) {
    let single = entry.command.iter_mut().chain(&mut entry.working_dir).chain(&mut entry.url);
    single.for_each(&mut change);
    entry.args.iter_mut().for_each(&mut change);
    entry.env.values_mut().chain(entry.headers.values_mut()).for_each(&mut change);
}
