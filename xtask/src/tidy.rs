//! The house rules that no compiler and no linter knows, as ordinary tests: each failure says what to do.

mod counts;
mod discipline;
mod edges;
mod shape;
mod words;

use std::path::Path;

use crate::commands::{command, quiet};
use crate::workspace;

/// One file of the checkout, as it is on disk now.
struct Source {
    /// Relative to the workspace's root, with forward slashes.
    path: String,
    text: String,
}

impl Source {
    /// The files of the checkout with one of these endings; new ones count before they are committed.
    fn with_endings(endings: &[&str]) -> Vec<Self> {
        let listed =
            quiet(&mut command("git", ["ls-files", "--cached", "--others", "--exclude-standard"])).unwrap();
        let wanted = |path: &&str| endings.iter().any(|ending| path.ends_with(ending));
        let read = |path: &str| {
            let text = std::fs::read_to_string(workspace::root().join(path)).ok()?;
            Some(Self { path: path.to_owned(), text })
        };
        listed.lines().filter(wanted).filter_map(read).collect()
    }

    fn rust() -> Vec<Self> {
        Self::with_endings(&[".rs"])
    }

    /// Whether the whole file is a test or serves only tests.
    fn is_test(&self) -> bool {
        let name = Path::new(&self.path).file_name().and_then(|name| name.to_str()).unwrap_or("");
        self.path.starts_with("tests/")
            || self.path.starts_with("xtask/src/tidy")
            || self.path.contains("/tests/")
            || name == "tests.rs"
    }

    /// The lines with their numbers from 1 and whether they belong to test code.
    fn lines(&self) -> impl Iterator<Item = (usize, &str, bool)> {
        let start = self.text.lines().position(|line| line.trim_start().starts_with("#[cfg(test)]"));
        let whole = self.is_test();
        self.text.lines().enumerate().map(move |(at, line)| {
            let inside = whole || start.is_some_and(|start| at >= start);
            (at + 1, line, inside)
        })
    }
}

/// Whether a line is only a comment.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Fails with all findings of a rule and what to do about them.
fn insist(findings: &[String], advice: &str) {
    assert!(findings.is_empty(), "\n{}\n-> {advice}\n", findings.join("\n"));
}
