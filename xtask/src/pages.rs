//! The pages of the window: built by Node when their sources are newer, so that nobody has to remember it.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::commands::{find, quiet};
use crate::setup::tools;
use crate::workspace;

/// Builds `ui/dist` unless it is newer than everything it is made of.
pub(crate) fn ensure() -> Result<()> {
    let ui = workspace::root().join("ui");
    let built = modified(&ui.join("dist/index.html"));
    let sources = ["src", "public", "index.html", "package-lock.json", "vite.config.ts"];
    let newest = sources.iter().filter_map(|name| newest(&ui.join(name))).max();
    if built.is_some() && built >= newest {
        return Ok(());
    }
    println!("Building the pages of the window (ui/dist)");
    if !ui.join("node_modules").exists()
        || modified(&ui.join("package-lock.json")) > modified(&ui.join("node_modules"))
    {
        quiet(npm()?.args(INSTALL))?;
    }
    quiet(npm()?.args(["run", "build"])).map(drop)
}

/// The words that bring exactly the packages of the lock file.
pub(crate) const INSTALL: [&str; 4] = ["ci", "--silent", "--no-audit", "--no-fund"];

/// npm in the folder of the pages: as it is on PATH where its Node is new enough, else that of a Node beside the build.
pub(crate) fn npm() -> Result<Command> {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let is_usable = || {
        let version = quiet(Command::new("node").arg("--version")).unwrap_or_default();
        find("npm").is_some() && builds_pages(&version)
    };
    let mut command = if cfg!(windows) || is_usable() {
        Command::new(name)
    } else {
        let node = tools::node_for_pages().context("Node builds the pages")?;
        tools::npm(&node)?
    };
    command.current_dir(workspace::root().join("ui"));
    Ok(command)
}

/// Whether Vite runs on this version of Node, as `node --version` prints it: 20.19, 22.12 or newer.
fn builds_pages(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    matches!(version, (20, 19..) | (22, 12..) | (23.., _))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|about| about.modified()).ok()
}

/// When the newest file below a path was written.
fn newest(path: &Path) -> Option<SystemTime> {
    let Ok(entries) = std::fs::read_dir(path) else { return modified(path) };
    entries.flatten().filter_map(|entry| newest(&entry.path())).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_too_old_for_the_pages_is_left_alone() {
        for new_enough in ["v20.19.0", "v20.20.2\n", "v22.12.1", "v24.0.0"] {
            assert!(builds_pages(new_enough), "{new_enough}");
        }
        for too_old in ["v18.20.0", "v20.18.0", "v21.7.0", "v22.11.0", "", "nonsense"] {
            assert!(!builds_pages(too_old), "{too_old}");
        }
    }

    #[test]
    fn the_newest_file_below_a_folder_counts() {
        let sources = workspace::root().join("xtask/src");
        let own = modified(&sources.join("pages.rs")).unwrap();
        assert!(newest(&sources).unwrap() >= own);
        assert_eq!(newest(&sources.join("there-is-no-such-file")), None);
    }
}
