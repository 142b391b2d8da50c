//! `cargo xtask check`: the types of the workspace for systems that are not this one.
//!
//! Nothing is linked. C code of a dependency is compiled by mingw for Windows; for macOS, where no such compiler can be
//! had here, a stand-in compiler writes empty objects, which is enough for a check of types.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::commands::{cargo, command, find, quiet, run};
use crate::setup::{is_debian, is_root, toolchain};
use crate::workspace;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum System {
    Windows,
    MacOs,
}

impl System {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "windows" => Some(Self::Windows),
            "macos" => Some(Self::MacOs),
            _ => None,
        }
    }

    fn target(self) -> &'static str {
        match self {
            Self::Windows => "x86_64-pc-windows-gnu",
            Self::MacOs => "aarch64-apple-darwin",
        }
    }
}

/// Checks the named systems, or both.
pub(crate) fn check(words: &[String]) -> Result<ExitCode> {
    let mut systems = Vec::new();
    for word in words {
        let Some(system) = System::parse(word) else {
            bail!("there is no system `{word}`; there are: windows, macos")
        };
        systems.push(system);
    }
    if systems.is_empty() {
        systems = vec![System::Windows, System::MacOs];
    }
    toolchain::ensure()?;
    for system in systems {
        toolchain::ensure_targets(&[system.target()], "a check of types for that system")?;
        println!("== {} ({})", if system == System::Windows { "Windows" } else { "macOS" }, system.target());
        check_one(system)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn check_one(system: System) -> Result<()> {
    let folder = workspace::target().join("other-systems");
    // The suites need a Linux engine, so only they are left out.
    let mut check =
        cargo(["check", "--workspace", "--exclude", "mcpproxy-tests", "--target", system.target()]);
    check.arg("--target-dir").arg(&folder);
    match system {
        System::Windows => ensure_mingw()?,
        System::MacOs => {
            let compiler = empty_compiler(&folder)?;
            check.env("CC_aarch64_apple_darwin", &compiler).env("CXX_aarch64_apple_darwin", &compiler);
            check.env("AR_aarch64_apple_darwin", "/usr/bin/ar");
        }
    }
    run(&mut check)
}

fn ensure_mingw() -> Result<()> {
    if find("x86_64-w64-mingw32-gcc").is_some() {
        return Ok(());
    }
    if !(is_root() && is_debian()) {
        bail!("install the package gcc-mingw-w64-x86-64 (it compiles C code of dependencies for Windows)");
    }
    println!("Installing gcc-mingw-w64-x86-64 (compiles C code of dependencies for Windows)");
    quiet(command("apt-get", ["update", "-qq"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    let install = ["install", "-y", "-qq", "--no-install-recommends", "gcc-mingw-w64-x86-64"];
    quiet(command("apt-get", install).env("DEBIAN_FRONTEND", "noninteractive"))?;
    Ok(())
}

/// A compiler that takes any source and writes an empty object.
const EMPTY_COMPILER: &str = r#"#!/bin/bash
[[ ${1-} == "-?" ]] && exit 1
for argument in "$@"; do
  # Asked which family of compilers this is: clang.
  [[ $argument == -E ]] && { echo '#pragma message "clang"'; exit 0; }
done
while (($#)); do
  [[ $1 == -o ]] && exec gcc -x c -c /dev/null -o "$2"
  shift
done
"#;

fn empty_compiler(folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join("empty-compiler");
    std::fs::write(&path, EMPTY_COMPILER)?;
    quiet(command("chmod", ["755"]).arg(&path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_system_is_named_together_with_the_known_ones() {
        let error = check(&["plan9".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("plan9") && error.contains("windows, macos"), "{error}");
    }
}
