//! The one door to this workspace for people and machines: set up, run, test, check.
//!
//! Words and their help live here; each word's work lives in the module of its name. Nothing here depends on a crate
//! of the product, so that this compiles first and fast.
#![expect(clippy::print_stdout, reason = "a command for the terminal: its output is what it is for")]

mod bench;
mod check;
mod commands;
mod dist;
mod icons;
mod pages;
mod run;
mod setup;
mod suites;
#[cfg(test)]
mod tidy;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask WORD [ARGUMENTS]

  run [ARGUMENTS]    set up, build and open the application; `mcpproxy serve` where no display is
  test [SUITE...]    set up and run the suites (all of them without a name); --list names them
  check [SYSTEM...]  check the types for other systems: windows, macos (both without a name)
  bench [PART...]    measure the proxy beside a direct pipe and the bare Engine API; --quick, calls, start, desktop, ...
  dist [--check]     make the packages of this system; --check tries the .deb in a clean Debian
  icons              make the icons from their drawings; --check says whether they still match
  setup              bring what run and test need, and say what and why
  images             make the stand-in images where Docker Hub cannot be reached

Examples
  cargo xtask run -- --listen 127.0.0.1:9000
  cargo xtask test fmt lint tidy
  cargo xtask test hostile
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (word, rest) = match arguments.split_first() {
        Some((word, rest)) => (word.as_str(), rest),
        None => ("help", &[][..]),
    };
    let outcome = match word {
        "run" => run::run(rest),
        "test" => suites::test(rest),
        "check" => check::check(rest),
        "dist" => dist::dist(rest),
        "icons" => icons::icons(rest),
        "bench" => bench::bench(rest),
        "setup" => setup::everything(),
        "images" => setup::images_only(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => {
            eprintln!("xtask: there is no word `{unknown}`.\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
