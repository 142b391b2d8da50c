//! `cargo xtask bench`: what the proxy adds, beside a direct pipe and the bare Engine API in the same run.
//!
//! Everything is measured in turns, so that a busy machine weighs on both sides alike; the ratios are what counts. The
//! program is built for release into a target folder of its own.

#[cfg(unix)]
mod build;
#[cfg(unix)]
mod client;
#[cfg(unix)]
mod desktop;
#[cfg(unix)]
mod engine;
#[cfg(unix)]
mod figures;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod lives;
#[cfg(unix)]
mod proxy;
#[cfg(unix)]
mod rounds;
#[cfg(unix)]
mod throughput;

use std::process::ExitCode;

use anyhow::{Result, bail};

#[cfg(unix)]
use figures::Table;

/// What a run consists of.
struct Options {
    /// Fewer rounds: for trying the bench itself.
    quick: bool,
    /// Measure what an earlier run built.
    as_built: bool,
    parts: Vec<String>,
}

const PARTS: [&str; 5] = ["calls", "throughput", "start", "many", "desktop"];

/// Measures and prints; arguments are `--quick`, `--as-built` and names of parts.
pub(crate) fn bench(arguments: &[String]) -> Result<ExitCode> {
    let options = parse(arguments)?;
    if !cfg!(target_os = "linux") {
        bail!("the bench reads /proc and speaks to an engine's socket: run it on Linux");
    }
    run(&options)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(not(unix))]
fn run(_: &Options) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn run(options: &Options) -> Result<()> {
    let mut table = Table::new();
    // A webview and a screen are much to ask of a bench of the proxy: only when named.
    if options.parts == ["desktop"] {
        let (built, program) = build::desktop(options.as_built)?;
        let outcome = desktop::measure(&built, &program, options.quick, &mut table);
        table.print();
        return outcome;
    }
    let built = build::everything(options.as_built)?;
    let outcome = measure(options, &built, &mut table);
    // What was measured before a failure is worth seeing too.
    table.print();
    outcome
}

#[cfg(unix)]
fn measure(options: &Options, built: &build::Built, table: &mut Table) -> Result<()> {
    let wants = |part: &str| options.parts.is_empty() || options.parts.iter().any(|wanted| wanted == part);
    if wants("calls") {
        rounds::calls(built, options.quick, table)?;
    }
    if wants("throughput") {
        throughput::measure(built, options.quick, table)?;
    }
    if wants("start") {
        lives::start(built, options.quick, table)?;
    }
    if wants("many") {
        lives::many(built, options.quick, table)?;
    }
    Ok(())
}

fn parse(arguments: &[String]) -> Result<Options> {
    let mut options = Options { quick: false, as_built: false, parts: Vec::new() };
    for argument in arguments {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--as-built" => options.as_built = true,
            part if PARTS.contains(&part) => options.parts.push(part.to_owned()),
            other => {
                bail!("bench knows --quick, --as-built and the parts {}; not `{other}`", PARTS.join(", "))
            }
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_known_by_name() {
        let parsed = parse(&["--quick".to_owned(), "many".to_owned()]).unwrap();
        assert!(parsed.quick && parsed.parts == ["many"]);
        assert!(parse(&["nonsense".to_owned()]).is_err());
    }
}
