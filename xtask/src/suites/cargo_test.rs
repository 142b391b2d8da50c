//! Suites that are Rust tests: run by cargo, counted from its lines.

use std::process::Command;

use anyhow::Result;

use super::outcome::Outcome;
use super::{Suite, as_user};
use crate::commands::{cargo, each_line, run};
use crate::pages;
use crate::setup::{is_root, tools};
use crate::workspace;

/// Tests whose name holds this run as the ordinary user, since root would hide what they look for.
pub(super) const AS_USER: &str = "as_user";

/// The tests of the crates themselves; those for an ordinary user follow as that user.
pub(super) fn core(_: &Suite) -> Result<Outcome> {
    let crates = ["test", "--quiet", "--workspace", "--exclude", "mcpproxy-tests", "--exclude", "xtask"];
    let mut tests = cargo(crates);
    tests.arg("--no-fail-fast");
    if let Some(nushell) = tools::nushell()? {
        tests.env("MCPPROXY_TEST_NU", nushell);
    }
    if !is_root() {
        return count(tests);
    }
    tests.args(["--", "--skip", AS_USER]);
    let mut outcome = count(tests)?;
    outcome += as_user::run(&crates)?;
    Ok(outcome)
}

/// The tests of the end-to-end suites' own library.
pub(super) fn harness(_: &Suite) -> Result<Outcome> {
    count(cargo(["test", "--package", "mcpproxy-tests", "--lib"]))
}

/// The end-to-end suite of the same name, against the program as a person would run it.
pub(super) fn end_to_end(suite: &Suite) -> Result<Outcome> {
    run(&mut cargo(["build", "--quiet", "--package", "mcpproxy-cli"]))?;
    let mut tests = cargo(["test", "--package", "mcpproxy-tests", "--no-fail-fast", "--test", suite.word]);
    tests.env("MCPPROXY_TEST_PROGRAM", workspace::program());
    if suite.word == "clients" {
        tests.env("MCPPROXY_TEST_PYTHON", tools::python_client()?);
        tests
            .env("MCPPROXY_TEST_NODE", tools::node()?)
            .env("MCPPROXY_TEST_TYPESCRIPT", tools::typescript_client()?);
    }
    count(tests)
}

/// A suite of the desktop application, with its pages inside, on a screen of its own.
pub(super) fn desktop(suite: &Suite) -> Result<Outcome> {
    pages::ensure()?;
    let programs = ["build", "--quiet", "--package", "mcpproxy-cli", "--package", "mcpproxy-desktop"];
    run(&mut cargo(programs))?;
    let mut tests = cargo(["test", "--package", "mcpproxy-tests", "--no-fail-fast", "--test", suite.word]);
    tests.env("MCPPROXY_TEST_PROGRAM", workspace::program());
    tests.env("MCPPROXY_TEST_DESKTOP", workspace::desktop_program());
    // Each test has a screen, a panel and servers of its own: more at once would only wait for each other.
    tests.args(["--", "--test-threads", "2"]);
    let outcome = count(tests)?;
    println!("Pictures of the screens: {}", workspace::target().join("screenshots").display());
    Ok(outcome)
}

/// Runs cargo's tests, shows their output as it comes, and counts.
pub(super) fn count(mut tests: Command) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    // A failed check tells what it saw; the way to it through the test runner helps nobody.
    tests.env("RUST_BACKTRACE", "0");
    let ended_well = each_line(&mut tests, |line| {
        println!("{line}");
        outcome += Outcome::read(line).unwrap_or_default();
    })?;
    Ok(outcome.ended(ended_well))
}
