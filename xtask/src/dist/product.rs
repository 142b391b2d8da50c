//! What every package says of the product.

use anyhow::{Context, Result};

use crate::commands::{command, quiet};
use crate::workspace;

/// The name of the packages.
pub(super) const PACKAGE: &str = "mcpproxy";
/// The id of the application, which names its menu entry, its metadata and its entry for start at login.
pub(super) const ID: &str = "com.mcpproxy.MCPProxy";
/// The terminal's program.
pub(super) const TERMINAL: &str = "mcpproxy";
/// The tray and window, whose name is also that of the icons.
pub(super) const DESKTOP: &str = "mcpproxy-desktop";
/// One line.
pub(super) const SUMMARY: &str = "Runs MCP servers in containers, behind one address";
/// A paragraph, in lines that packages can show.
pub(super) const DESCRIPTION: &[&str] = &[
    "MCP servers are programs from strangers. MCPProxy runs every one of them in",
    "a hardened container of its own and offers all of them to AI clients behind",
    "one address. It shows what runs, says in plain sentences what each server",
    "may touch, and has switches to change that.",
];

/// The workspace's version.
pub(super) fn version() -> Result<String> {
    let manifest = std::fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    Ok(line.and_then(|line| line.strip_suffix('"')).context("the workspace has no version")?.to_owned())
}

/// The time of the last commit: every file of a package carries it, so that the same commit gives the same package.
pub(super) fn time() -> String {
    let asked = std::env::var("SOURCE_DATE_EPOCH").ok();
    let of_commit = || quiet(&mut command("git", ["log", "-1", "--format=%ct"])).ok();
    asked.or_else(of_commit).unwrap_or_else(|| "0".to_owned())
}
