//! `cargo xtask dist`: the packages of this system from a release build, and whether they are whole.
//!
//! On Linux the tree of files is laid out once, and .deb and .rpm are made of it: both hold both programs. Elsewhere, and
//! for an AppImage, Tauri's own bundler packs the same files by `installers/bundle.conf.json`.

mod build;
mod clean_root;
mod deb;
mod manifest;
mod product;
#[cfg(test)]
#[cfg(unix)]
mod removal;
mod rpm;
mod sums;
mod tauri;
mod tree;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::setup::{Purpose, packages, toolchain};
use crate::workspace;
use build::Profile;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wish {
    /// Try the .deb in a clean Debian.
    check: bool,
    /// Debug programs, for trying the packaging itself.
    debug: bool,
    /// The programs are there.
    built: bool,
    /// The packages are there.
    packed: bool,
    /// An AppImage too, whose maker is fetched from the net.
    appimage: bool,
}

impl Wish {
    fn parse(words: &[String]) -> Result<Self> {
        let mut wish = Self::default();
        for word in words {
            match word.as_str() {
                "--check" => wish.check = true,
                "--debug" => wish.debug = true,
                "--built" => wish.built = true,
                "--packed" => wish.packed = true,
                "--appimage" => wish.appimage = true,
                other => {
                    bail!(
                        "`dist` does not know `{other}`; there are: --check, --debug, --built, --packed, --appimage"
                    )
                }
            }
        }
        Ok(wish)
    }
}

/// Makes the packages; with `--check` also installs the .deb in a clean root and takes it out again.
pub(crate) fn dist(words: &[String]) -> Result<ExitCode> {
    let wish = Wish::parse(words)?;
    if !wish.packed {
        make(&wish)?;
    }
    if wish.check {
        clean_root::check(&deb::path()?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn make(wish: &Wish) -> Result<()> {
    let profile = if wish.debug { Profile::Debug } else { Profile::Release };
    if !wish.built {
        toolchain::ensure()?;
        packages::ensure(Purpose::Dist)?;
        build::pages()?;
        build::programs(profile)?;
    }
    let programs = build::Programs::of(profile)?;
    let mut packages = Vec::new();
    if cfg!(target_os = "linux") {
        let tree = tree::lay_out(&programs)?;
        verify::tree(&tree, profile)?;
        packages.push(deb::pack(&tree, profile)?);
        packages.extend(rpm::pack(&tree, profile)?);
    }
    if wish.appimage || !cfg!(target_os = "linux") {
        packages.extend(tauri::bundle(&programs, profile)?);
    }
    packages.extend(manifest::write(
        &folder(),
        &packages,
        std::env::var("MCPPROXY_UPDATE_URL").ok().as_deref(),
    )?);
    sums::write(&folder(), &packages)?;
    for package in &packages {
        println!("Made {} ({:.1} MiB)", package.display(), package.metadata()?.len() as f64 / 1_048_576.0);
    }
    Ok(())
}

/// Where packages and what they are made of lie.
fn folder() -> PathBuf {
    workspace::target().join("dist")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Wish> {
        Wish::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn only_known_words_are_taken() {
        assert_eq!(
            parse(&["--check", "--packed"]).unwrap(),
            Wish { check: true, packed: true, ..Wish::default() }
        );
        assert!(parse(&["--chek"]).is_err());
    }
}
