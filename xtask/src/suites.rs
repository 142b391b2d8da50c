//! `cargo xtask test`: the suites in the order in which they run, the fast ones first.

mod as_user;
mod cargo_test;
mod outcome;
mod ui;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::commands::{cargo, command, run};
use crate::setup;
use outcome::Outcome;

/// One suite: its word, what it shows, and what it runs.
struct Suite {
    word: &'static str,
    about: &'static str,
    needs: Needs,
    run: fn(&Suite) -> Result<Outcome>,
}

/// What must be there before a suite runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Source,
    Toolchain,
    Engine,
}

const SUITES: &[Suite] = &[
    Suite { word: "fmt", about: "the source is formatted", needs: Needs::Source, run: fmt },
    Suite { word: "tidy", about: "house rules, and xtask's own tests", needs: Needs::Source, run: tidy },
    Suite { word: "deny", about: "licences and sources of dependencies", needs: Needs::Source, run: deny },
    Suite {
        word: "lint",
        about: "clippy over everything, warnings are errors",
        needs: Needs::Toolchain,
        run: lint,
    },
    Suite { word: "core", about: "the crates' own tests", needs: Needs::Engine, run: cargo_test::core },
    Suite {
        word: "harness",
        about: "what the end-to-end suites stand on",
        needs: Needs::Engine,
        run: cargo_test::harness,
    },
    Suite {
        word: "messages",
        about: "what a person reads when something is missing",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "secrets",
        about: "values of secrets stand nowhere",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "hostile",
        about: "hostile servers are held",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "escape",
        about: "walls of the container, seen from inside",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "pulls",
        about: "images from a slow registry",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "orphans",
        about: "nothing is left behind, nothing foreign is touched",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "many",
        about: "thirty servers at once",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "chaos",
        about: "calls while servers restart",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "connect",
        about: "other clients' files, servers and keys",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
    Suite {
        word: "ui",
        about: "the window's pages in a real browser, before a real core",
        needs: Needs::Engine,
        run: ui::ui,
    },
    Suite {
        word: "desktop",
        about: "the application's tray, starts and ends on a real panel",
        needs: Needs::Engine,
        run: cargo_test::desktop,
    },
    Suite {
        word: "window",
        about: "the application's window, driven",
        needs: Needs::Engine,
        run: cargo_test::desktop,
    },
    Suite {
        word: "clients",
        about: "the official clients with real servers",
        needs: Needs::Engine,
        run: cargo_test::end_to_end,
    },
];

/// Words that stand for several suites.
const GROUPS: &[(&str, &[&str])] = &[(
    "engine",
    &["harness", "messages", "secrets", "hostile", "escape", "pulls", "orphans", "many", "chaos", "connect"],
)];

/// Runs the named suites, or all.
pub(crate) fn test(words: &[String]) -> Result<ExitCode> {
    if words.iter().any(|word| matches!(word.as_str(), "--help" | "-h" | "--list")) {
        list();
        return Ok(ExitCode::SUCCESS);
    }
    let suites = choose(words)?;
    let mut total = Outcome::default();
    let mut prepared = Needs::Source;
    for suite in suites {
        prepare(suite.needs, &mut prepared)?;
        println!("\n== {} ({})", suite.word, suite.about);
        let start = Instant::now();
        let outcome = (suite.run)(suite).unwrap_or_else(|error| {
            println!("{error:#}");
            Outcome::FAILED
        });
        let seconds = start.elapsed().as_secs_f32();
        println!("== {}: {} ({seconds:.0} s)", suite.word, outcome);
        total += outcome;
    }
    println!("\n{total}");
    Ok(if total.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn prepare(needs: Needs, prepared: &mut Needs) -> Result<()> {
    if needs != Needs::Source && *prepared == Needs::Source {
        setup::packages::ensure(setup::Purpose::Desktop)?;
        setup::toolchain::ensure()?;
        *prepared = Needs::Toolchain;
    }
    if needs == Needs::Engine && *prepared != Needs::Engine {
        setup::for_tests()?;
        *prepared = Needs::Engine;
    }
    Ok(())
}

fn choose(words: &[String]) -> Result<Vec<&'static Suite>> {
    let mut chosen: Vec<&str> = Vec::new();
    for word in words {
        if let Some((_, members)) = GROUPS.iter().find(|(group, _)| group == word) {
            chosen.extend(*members);
        } else if SUITES.iter().any(|suite| suite.word == word) {
            chosen.push(word);
        } else {
            let words: Vec<&str> =
                SUITES.iter().map(|suite| suite.word).chain(GROUPS.iter().map(|(word, _)| *word)).collect();
            bail!("there is no suite `{word}`; there are: {}", words.join(", "));
        }
    }
    Ok(SUITES.iter().filter(|suite| words.is_empty() || chosen.contains(&suite.word)).collect())
}

fn list() {
    println!("cargo xtask test [SUITE...]   (all of them without a name, in this order)\n");
    for suite in SUITES {
        println!("  {:<10} {}", suite.word, suite.about);
    }
    for (word, members) in GROUPS {
        println!("  {word:<10} = {}", members.join(", "));
    }
    println!("\nExamples\n  cargo xtask test\n  cargo xtask test fmt lint tidy\n  cargo xtask test hostile");
}

fn fmt(_: &Suite) -> Result<Outcome> {
    run(&mut cargo(["fmt", "--all", "--check"]))?;
    Ok(Outcome::PASSED)
}

fn lint(_: &Suite) -> Result<Outcome> {
    run(&mut cargo(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::PASSED)
}

fn tidy(_: &Suite) -> Result<Outcome> {
    cargo_test::count(cargo(["test", "--quiet", "--package", "xtask", "--", "--nocapture"]))
}

/// Advisories need a database from elsewhere and are left out, so that a run tells the same tomorrow.
fn deny(_: &Suite) -> Result<Outcome> {
    let deny = setup::tools::cargo_deny()?;
    let check = ["--log-level", "error", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    run(&mut command(&deny.to_string_lossy(), check))?;
    Ok(Outcome::PASSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(of: &[&str]) -> Vec<String> {
        of.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn no_name_means_all_suites_in_their_order() {
        let chosen = choose(&[]).unwrap();
        assert_eq!(chosen.len(), SUITES.len());
        assert_eq!(chosen[0].word, "fmt");
    }

    #[test]
    fn a_group_stands_for_its_members() {
        let chosen: Vec<&str> = choose(&words(&["engine"])).unwrap().iter().map(|suite| suite.word).collect();
        assert_eq!(chosen, GROUPS[0].1);
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_list_of_words() {
        let error = choose(&words(&["fmt", "hostle"])).err().unwrap().to_string();
        assert!(error.contains("hostle") && error.contains("hostile") && error.contains("engine"), "{error}");
    }

    #[test]
    fn what_needs_an_engine_runs_after_what_does_not() {
        let first = SUITES.iter().position(|suite| suite.needs == Needs::Engine).unwrap();
        assert!(SUITES[first..].iter().all(|suite| suite.needs == Needs::Engine));
    }
}
