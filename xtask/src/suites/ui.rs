//! The suite of the window's pages: their rules, models and size, then a real core with them in a real browser.

use anyhow::Result;

use super::Suite;
use super::outcome::Outcome;
use crate::commands::{cargo, each_line, run};
use crate::pages;
use crate::workspace;

/// Everything that `ui/README.md` names, in its order.
pub(super) fn ui(_: &Suite) -> Result<Outcome> {
    run(pages::npm()?.args(pages::INSTALL))?;
    let mut outcome = Outcome::default();
    for word in ["check", "test", "build", "size"] {
        outcome += step(word)?;
    }
    run(cargo(["build", "--quiet", "--package", "mcpproxy-cli"])
        .env("MCPPROXY_UI_DIST", workspace::root().join("ui/dist")))?;
    outcome += step("e2e")?;
    Ok(outcome)
}

/// One word of npm, counted from the lines of its test runner, or as one where it has none.
fn step(word: &str) -> Result<Outcome> {
    let mut npm = pages::npm()?;
    npm.args(["run", "--silent", word]).env("NO_COLOR", "1").env("CI", "1");
    npm.env("MCPPROXY_BIN", workspace::program());
    npm.env("SCREENS_DIR", workspace::target().join("screenshots/pages"));
    let mut outcome = Outcome::default();
    let ended_well = each_line(&mut npm, |line| {
        println!("{line}");
        outcome += counts(line);
    })?;
    let alone = outcome == Outcome::default();
    Ok(if alone && ended_well { Outcome::PASSED } else { outcome.ended(ended_well) })
}

/// Reads `Tests  1 failed | 69 passed (70)` of vitest, and `3 failed` and `9 passed (7.0m)` of Playwright.
fn counts(line: &str) -> Outcome {
    let line = line.trim();
    let sums = line.strip_prefix("Tests").unwrap_or(line);
    let mut outcome = Outcome::default();
    for part in sums.split('|') {
        let mut words = part.split_whitespace();
        let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u32>), words.next()) else {
            continue;
        };
        let about_tests = words.next().is_none_or(|next| next.starts_with('('));
        match what {
            "passed" if about_tests => outcome.passed += count,
            "failed" if about_tests => outcome.failed += count,
            _ => {}
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_both_runners_are_read_and_nothing_else() {
        let sum = |passed, failed| Outcome { passed, failed };
        assert_eq!(counts("      Tests  1 failed | 69 passed (70)"), sum(69, 1));
        assert_eq!(counts("      Tests  70 passed (70)"), sum(70, 0));
        assert_eq!(counts("  9 passed (7.0m)"), sum(9, 0));
        assert_eq!(counts("  3 failed"), sum(0, 3));
        for other in
            [" Test Files  11 passed (11)", "12 passed the gate", "frames: median 16 ms", "", "3 did not run"]
        {
            assert_eq!(counts(other), sum(0, 0), "{other}");
        }
    }
}
