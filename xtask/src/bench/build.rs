//! The programs that are measured.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{commands, workspace};

/// What was built.
pub(super) struct Built {
    /// `mcpproxy`, for release.
    pub(super) proxy: PathBuf,
    /// The server behind it: one static file.
    pub(super) echo: PathBuf,
    /// Where runs may put their files.
    pub(super) scratch: PathBuf,
}

pub(super) fn everything() -> Result<Built> {
    let folder = workspace::target().join("bench");
    let scratch = folder.join("runs");
    std::fs::create_dir_all(&scratch).with_context(|| format!("{} cannot be made", scratch.display()))?;
    let target_folder = folder.display().to_string();
    commands::run(&mut commands::cargo([
        "build",
        "--release",
        "--package",
        "mcpproxy-cli",
        "--target-dir",
        &target_folder,
    ]))?;
    let echo = folder.join("echo-server");
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let source = workspace::root().join("tests/servers/echo.rs");
    commands::run(&mut commands::command(
        "rustc",
        [
            "--edition=2024",
            "-O",
            "-Cstrip=symbols",
            "--target",
            &target,
            "-o",
            &echo.display().to_string(),
            &source.display().to_string(),
        ],
    ))?;
    Ok(Built { proxy: folder.join("release/mcpproxy"), echo, scratch })
}
