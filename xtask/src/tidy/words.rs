//! Names with one duty, no unfinished work, no trace of the machine it was written on.

use std::path::Path;

use super::{Source, insist, is_comment};

/// Endings of type names that tell no single duty.
const VAGUE_TYPES: [&str; 6] = ["Manager", "Helper", "Util", "Utils", "Service", "Processor"];

/// File names that become a bag of leftovers.
const VAGUE_FILES: [&str; 7] =
    ["util.rs", "utils.rs", "helper.rs", "helpers.rs", "common.rs", "misc.rs", "types.rs"];

#[test]
fn types_and_files_are_named_by_their_one_duty() {
    let mut findings = Vec::new();
    for source in Source::rust() {
        let file = Path::new(&source.path).file_name().unwrap().to_string_lossy().into_owned();
        if VAGUE_FILES.contains(&file.as_str()) {
            findings.push(source.path.clone());
        }
        for (number, line, _) in source.lines().filter(|(_, line, _)| !is_comment(line)) {
            let Some(name) = defined_type(line) else { continue };
            if VAGUE_TYPES.iter().any(|vague| name.ends_with(vague)) {
                findings.push(format!("{}:{number}: {name}", source.path));
            }
        }
    }
    insist(&findings, "find the word for what it does; if there is none, it does more than one thing");
}

fn defined_type(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    let keyword = words.next()?;
    let name = ["struct", "enum", "trait", "type"].contains(&keyword).then(|| words.next())??;
    name.split(|letter: char| !letter.is_alphanumeric()).next()
}

#[test]
fn nothing_is_left_to_be_done() {
    let marks =
        [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME"), concat!("//", "! TBD")];
    let mut findings = Vec::new();
    for source in Source::rust() {
        for (number, line, _) in source.lines() {
            if marks.iter().any(|mark| line.contains(mark)) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    insist(&findings, "finish it or take it out");
}

#[test]
fn no_path_of_one_persons_machine_is_written_down() {
    let marks = [
        concat!("/wo", "rk/main"),
        concat!("/wo", "rk/target"),
        concat!("/wo", "rk/shared"),
        concat!("/ro", "ot/."),
    ];
    let endings = [".rs", ".toml", ".md", ".py", ".ts", ".mjs", ".json", ".sh", ".yml", ".ftl", ".ci/run"];
    let mut findings = Vec::new();
    for source in Source::with_endings(&endings).iter().filter(|source| source.path != "Cargo.lock") {
        for (number, line, _) in source.lines() {
            if marks.iter().any(|mark| line.contains(mark)) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    insist(&findings, "derive the path, or take it from an argument");
}

#[test]
fn the_name_of_a_defined_type_is_found() {
    assert_eq!(defined_type("pub(crate) struct ImageManager<T> {"), Some("ImageManager"));
    assert_eq!(defined_type("    enum State {"), Some("State"));
    assert_eq!(defined_type("let manager = 1;"), None);
}
