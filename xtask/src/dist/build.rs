//! Building what goes into the packages: the pages by Node, the programs by cargo.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::product::{DESKTOP, TERMINAL};
use crate::commands::{cargo, run};
use crate::workspace;

/// How the programs are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Release,
    /// For trying the packaging itself.
    Debug,
}

impl Profile {
    pub(super) fn folder(self) -> PathBuf {
        workspace::target().join(if self == Self::Release { "release" } else { "debug" })
    }
}

/// The two programs that a package holds.
pub(super) struct Programs {
    pub(super) terminal: PathBuf,
    pub(super) desktop: PathBuf,
}

impl Programs {
    pub(super) fn of(profile: Profile) -> Result<Self> {
        let program = |name: &str| profile.folder().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let programs = Self { terminal: program(TERMINAL), desktop: program(DESKTOP) };
        for program in [&programs.terminal, &programs.desktop] {
            if !program.is_file() {
                bail!("there is no {}; leave --built out to build it", program.display());
            }
        }
        Ok(programs)
    }
}

/// Builds the pages that both programs carry.
pub(super) fn pages() -> Result<()> {
    run(crate::pages::npm()?.args(crate::pages::INSTALL))?;
    run(crate::pages::npm()?.args(["run", "build"]))?;
    Ok(())
}

/// Builds both programs with the pages inside.
pub(super) fn programs(profile: Profile) -> Result<()> {
    let mut build =
        cargo(["build", "--locked", "--package", "mcpproxy-cli", "--package", "mcpproxy-desktop"]);
    // Without this feature Tauri looks for a server of pages as during development.
    build.args(["--features", "mcpproxy-desktop/custom-protocol"]);
    if profile == Profile::Release {
        build.arg("--release");
    }
    // Paths of the machine that builds are nobody's business.
    let root = workspace::root();
    let home = std::env::home_dir().unwrap_or_default();
    build.env("CARGO_ENCODED_RUSTFLAGS", remap(&root, &home));
    run(&mut build)
}

/// The compiler's flags in the form that allows spaces in them.
fn remap(root: &Path, home: &Path) -> String {
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    let registry = home.join(".cargo/registry/src");
    let mut flags: Vec<String> = given.split_whitespace().map(str::to_owned).collect();
    for (path, name) in [(root, "."), (&registry, "registry")] {
        flags.push(format!("--remap-path-prefix={}={name}", path.display()));
    }
    flags.join("\u{1f}")
}
