//! The programs that are measured.

use std::path::{Path, PathBuf};

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

pub(super) fn everything(as_built: bool) -> Result<Built> {
    let folder = workspace::target().join("bench");
    let scratch = folder.join("runs");
    std::fs::create_dir_all(&scratch).with_context(|| format!("{} cannot be made", scratch.display()))?;
    let built = Built { proxy: folder.join("release/mcpproxy"), echo: folder.join("echo-server"), scratch };
    if !as_built {
        proxy(&folder)?;
        echo(&built.echo)?;
    }
    Ok(built)
}

/// The desktop application, for release and with its pages inside.
pub(super) fn desktop(as_built: bool) -> Result<(Built, PathBuf)> {
    let folder = workspace::target().join("bench");
    let scratch = folder.join("runs");
    std::fs::create_dir_all(&scratch).with_context(|| format!("{} cannot be made", scratch.display()))?;
    let program = folder.join("release/mcpproxy-desktop");
    if !as_built {
        crate::pages::ensure()?;
        let target = folder.display().to_string();
        let arguments = ["build", "--release", "--package", "mcpproxy-desktop", "--target-dir", &target];
        commands::run(&mut commands::cargo(arguments))?;
    }
    let built = Built { proxy: folder.join("release/mcpproxy"), echo: folder.join("echo-server"), scratch };
    Ok((built, program))
}

fn proxy(folder: &Path) -> Result<()> {
    let folder = folder.display().to_string();
    let arguments = ["build", "--release", "--package", "mcpproxy-cli", "--target-dir", &folder];
    commands::run(&mut commands::cargo(arguments))
}

fn echo(program: &Path) -> Result<()> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let (program, source) = (program.display().to_string(), workspace::root().join("tests/servers/echo.rs"));
    let flags = ["--edition=2024", "-O", "-Cstrip=symbols", "--target", &target, "-o", &program];
    commands::run(commands::command("rustc", flags).arg(source))
}
