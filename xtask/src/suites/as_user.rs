//! Tests that must not be root: their programs are copied to where the ordinary user may run them, and run as that user.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::cargo_test::{AS_USER, count};
use super::outcome::Outcome;
use crate::commands::{cargo, command, each_line, quiet};
use crate::setup::user;

/// Readable by everybody, as a checkout in somebody's home is not.
const FOLDER: &str = "/var/tmp/mcpproxy-as-user";

/// Runs what is marked for an ordinary user in the test programs that the cargo arguments stand for.
pub(super) fn run(arguments: &[&str]) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    for program in programs(arguments)? {
        let listed = quiet(&mut command(&program.to_string_lossy(), ["--list", AS_USER]))?;
        if !listed.lines().any(|line| line.ends_with(": test")) {
            continue;
        }
        let copy = publish(&program)?;
        let mut tests = command("runuser", ["-u", user::NAME, "--"]);
        tests.arg(&copy).arg(AS_USER).current_dir(FOLDER);
        outcome += count(tests)?;
        fs::remove_file(copy)?;
    }
    Ok(outcome)
}

fn programs(arguments: &[&str]) -> Result<Vec<PathBuf>> {
    let mut build = cargo(arguments);
    build.args(["--no-run", "--message-format=json"]);
    let mut programs = Vec::new();
    let built = each_line(&mut build, |line| programs.extend(program_of(line)))?;
    anyhow::ensure!(built, "the tests did not build");
    Ok(programs)
}

/// The test program that a message of cargo tells of.
fn program_of(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_test = message["profile"]["test"].as_bool()?;
    message["executable"].as_str().filter(|_| is_test).map(PathBuf::from)
}

fn publish(program: &Path) -> Result<PathBuf> {
    fs::create_dir_all(FOLDER)?;
    let copy = Path::new(FOLDER).join(program.file_name().context("a test program without a name")?);
    fs::copy(program, &copy)?;
    quiet(command("chmod", ["0755", FOLDER]).arg(&copy))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_programs_are_taken_from_the_messages_of_cargo() {
        let test =
            r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":"/t/deps/config-1"}"#;
        let plain = r#"{"reason":"compiler-artifact","profile":{"test":false},"executable":"/t/mcpproxy"}"#;
        assert_eq!(program_of(test), Some(PathBuf::from("/t/deps/config-1")));
        assert_eq!(program_of(plain), None);
        assert_eq!(program_of("running 3 tests"), None);
    }
}
