//! The sums by which a person checks what they downloaded.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::commands::{command, quiet};

/// Writes `SHA256SUMS` for the packages, with their plain names.
pub(super) fn write(folder: &Path, packages: &[PathBuf]) -> Result<()> {
    let mut text = String::new();
    for package in packages {
        let sum = sum(package)?;
        let name = package.file_name().context("a package has a name")?.to_string_lossy().into_owned();
        text.push_str(&format!("{sum}  {name}\n"));
    }
    fs::write(folder.join("SHA256SUMS"), text)?;
    Ok(())
}

fn sum(package: &Path) -> Result<String> {
    let output = if cfg!(windows) {
        // Its second line is the sum.
        let lines = quiet(command("certutil", ["-hashfile"]).arg(package).arg("SHA256"))?;
        lines.lines().nth(1).map(|line| line.replace(' ', ""))
    } else {
        let tool: (&str, &[&str]) =
            if cfg!(target_os = "macos") { ("shasum", &["-a", "256"]) } else { ("sha256sum", &[]) };
        quiet(command(tool.0, tool.1).arg(package))?.split_whitespace().next().map(str::to_owned)
    };
    output.context("no sum came out")
}
