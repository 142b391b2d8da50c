//! The pieces of the Rust toolchain beyond the compiler: lints, formatting, and the targets of the shim.

use anyhow::Result;

use crate::commands::{command, find, quiet};

/// The systems that the program inside the containers is built for.
const SHIM_TARGETS: [&str; 2] = ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"];

/// Adds what is missing; without rustup it says what must be there and goes on.
pub(crate) fn ensure() -> Result<()> {
    if find("rustup").is_none() {
        println!(
            "No rustup here: the toolchain must bring clippy, rustfmt and the targets {}.",
            SHIM_TARGETS.join(" and ")
        );
        return Ok(());
    }
    ensure_targets(&SHIM_TARGETS, "the program that runs as PID 1 in every container")?;
    let components = quiet(&mut command("rustup", ["component", "list", "--installed"]))?;
    for component in ["clippy", "rustfmt"] {
        if !components.lines().any(|line| line.starts_with(component)) {
            println!("Adding {component} (lints and formatting)");
            quiet(&mut command("rustup", ["component", "add", component]))?;
        }
    }
    Ok(())
}

/// Adds the targets that are not installed yet.
pub(crate) fn ensure_targets(targets: &[&str], why: &str) -> Result<()> {
    let installed = quiet(&mut command("rustup", ["target", "list", "--installed"]))?;
    let missing: Vec<&str> =
        targets.iter().copied().filter(|target| !installed.lines().any(|line| line == *target)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Adding Rust targets: {} ({why})", missing.join(" "));
    quiet(command("rustup", ["target", "add"]).args(missing))?;
    Ok(())
}
