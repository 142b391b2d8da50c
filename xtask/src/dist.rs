//! `cargo xtask dist`: the packages of this system from a release build, and whether they are whole.
//!
//! On Linux the tree of files is laid out once, and .deb and .rpm are made of it: both hold both programs. Elsewhere, and
//! for an AppImage, Tauri's own bundler packs the same files by `installers/bundle.conf.json`.

mod build;
mod clean_root;
mod deb;
mod product;
mod rpm;
mod sums;
mod tauri;
mod tree;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::workspace;
use build::Profile;

/// Makes the packages; with `--check` also installs the .deb in a clean root and takes it out again.
pub(crate) fn dist(words: &[String]) -> Result<ExitCode> {
    let (mut check, mut profile, mut built, mut appimage) = (false, Profile::Release, false, false);
    for word in words {
        match word.as_str() {
            "--check" => check = true,
            "--debug" => profile = Profile::Debug,
            "--built" => built = true,
            "--appimage" => appimage = true,
            other => {
                bail!("`dist` does not know `{other}`; there are: --check, --debug, --built, --appimage")
            }
        }
    }
    if !built {
        build::pages()?;
        build::programs(profile)?;
    }
    let programs = build::Programs::of(profile)?;
    let mut packages = Vec::new();
    if cfg!(target_os = "linux") {
        let tree = tree::lay_out(&programs)?;
        verify::tree(&tree)?;
        packages.push(deb::pack(&tree)?);
        packages.extend(rpm::pack(&tree)?);
    }
    if appimage || !cfg!(target_os = "linux") {
        packages.extend(tauri::bundle(&programs, profile)?);
    }
    sums::write(&folder(), &packages)?;
    for package in &packages {
        println!("Made {} ({:.1} MiB)", package.display(), package.metadata()?.len() as f64 / 1_048_576.0);
    }
    if check {
        clean_root::check(&deb::path()?)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Where packages and what they are made of lie.
fn folder() -> PathBuf {
    workspace::target().join("dist")
}
