//! Files and functions: how long they are, and what they begin with.

use std::path::Path;

use super::{Source, insist};
use crate::workspace;

const LONGEST_FILE: usize = 600;
const MEDIAN_FILE: usize = 180;
const LONGEST_FUNCTION: usize = 80;

#[test]
fn no_file_is_too_long() {
    let findings: Vec<String> = Source::rust()
        .iter()
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST_FILE)
        .map(|(source, lines)| format!("{}: {lines} lines", source.path))
        .collect();
    insist(&findings, "split it by state, variant or operation; it has more than one reason to change");
}

#[test]
fn half_of_the_files_are_short() {
    let mut lengths: Vec<usize> = Source::rust().iter().map(|source| source.text.lines().count()).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    println!("{} Rust files, median {median} lines, longest {}", lengths.len(), lengths[lengths.len() - 1]);
    assert!(
        median <= MEDIAN_FILE,
        "the median file has {median} lines, more than {MEDIAN_FILE}: split the longest ones"
    );
}

#[test]
fn each_file_begins_with_what_it_owns() {
    let findings: Vec<String> = Source::rust()
        .iter()
        // Tests that were moved out of their module's file belong under that module's head.
        .filter(|source| !source.path.ends_with("/tests.rs") && !source.text.trim_start().starts_with("//!"))
        .map(|source| source.path.clone())
        .collect();
    insist(&findings, "begin it with `//!`: what it owns, what it leaves to others, what always holds");
}

#[test]
fn modules_are_named_by_their_file() {
    let findings: Vec<String> = Source::rust()
        .iter()
        .filter(|source| source.path.ends_with("/mod.rs"))
        .map(|source| source.path.clone())
        .collect();
    insist(&findings, "rename `foo/mod.rs` to `foo.rs` beside the folder");
}

#[test]
fn each_crate_says_in_a_readme_what_it_owns_and_takes_the_workspace_lints() {
    let mut findings = Vec::new();
    for manifest in
        Source::with_endings(&["Cargo.toml"]).iter().filter(|manifest| manifest.path.contains('/'))
    {
        let folder = Path::new(&manifest.path).parent().unwrap();
        if !workspace::root().join(folder).join("README.md").exists() {
            findings.push(format!("{}: no README.md", folder.display()));
        }
        if !manifest.text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{}: no `[lints] workspace = true`", manifest.path));
        }
    }
    insist(&findings, "a few lines: what the crate owns, what it must not know, how to test it");
}

#[test]
fn no_function_is_too_long_unless_it_is_one_flat_table() {
    let mut findings = Vec::new();
    for source in Source::rust() {
        let lines: Vec<&str> = source.text.lines().collect();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
            let Some(length) = block_length(&lines[start..]) else { continue };
            if length > LONGEST_FUNCTION && !is_flat(&lines[start + 1..start + length]) {
                findings.push(format!("{}:{}: {length} lines: {}", source.path, start + 1, line.trim()));
            }
        }
    }
    insist(&findings, "give its steps names, or make it one flat `match` or table");
}

fn begins_function(line: &str) -> bool {
    let words = line.trim_start();
    !words.starts_with("//") && (words.starts_with("fn ") || words.contains(" fn ")) && !words.ends_with(';')
}

/// The lines from here to the closing brace of the same indentation, which rustfmt guarantees.
fn block_length(lines: &[&str]) -> Option<usize> {
    let indentation = lines[0].len() - lines[0].trim_start().len();
    let close = format!("{}}}", " ".repeat(indentation));
    lines.iter().position(|line| *line == close).map(|at| at + 1)
}

/// Whether most of the body is one `match`, array or call with many alike parts.
fn is_flat(body: &[&str]) -> bool {
    let opens = |line: &str| ["{", "[", "("].iter().any(|end| line.ends_with(end)) && !begins_function(line);
    body.iter()
        .enumerate()
        .filter(|(_, line)| opens(line) && line.contains("match ") || line.ends_with('['))
        .any(|(at, line)| {
            let indentation = line.len() - line.trim_start().len();
            let end = body[at + 1..].iter().position(|other| {
                !other.trim().is_empty() && other.len() - other.trim_start().len() <= indentation
            });
            end.is_some_and(|end| end * 10 >= body.len() * 7)
        })
}

#[test]
fn a_long_match_counts_as_flat_and_a_long_sequence_does_not() {
    let arms: Vec<&str> = std::iter::once("    match code {")
        .chain(std::iter::repeat_n("        1 => 2,", 90))
        .chain(["    }"])
        .collect();
    assert!(is_flat(&arms));
    assert!(!is_flat(&["    let a = 1;"; 90]));
}
