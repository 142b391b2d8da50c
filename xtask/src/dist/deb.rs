//! The .deb, by Debian's own tools: they also find out which libraries the programs need.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::build::Profile;
use super::product::{DESCRIPTION, DESKTOP, PACKAGE, SUMMARY, TERMINAL, time, version};
use super::tree::Tree;
use crate::commands::{command, quiet};
use crate::workspace;

/// Where the package lies.
pub(super) fn path() -> Result<PathBuf> {
    Ok(super::folder().join(format!("{PACKAGE}_{}_{}.deb", version()?, architecture()?)))
}

fn architecture() -> Result<String> {
    quiet(&mut command("dpkg", ["--print-architecture"]))
}

/// Packs the tree.
pub(super) fn pack(tree: &Tree, profile: Profile) -> Result<PathBuf> {
    let work = super::folder().join("deb");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(work.join("DEBIAN"))?;
    quiet(command("cp", ["-a"]).arg(tree.path().join("usr")).arg(&work))?;
    let control = control(&version()?, &architecture()?, &depends(tree)?, kibibytes(tree)?);
    fs::write(work.join("DEBIAN/control"), control)?;
    let mut sums = command("md5sum", ["--"]);
    fs::write(work.join("DEBIAN/md5sums"), quiet(sums.args(tree.files()?).current_dir(tree.path()))? + "\n")?;
    let script = work.join("DEBIAN/postrm");
    fs::copy(workspace::root().join("installers/linux/post-remove.sh"), &script)?;
    quiet(command("chmod", ["755"]).arg(script))?;
    let package = path()?;
    let compression = if profile == Profile::Release { "-Zxz" } else { "-Znone" };
    let mut pack = command("dpkg-deb", ["--root-owner-group", compression, "--build"]);
    quiet(pack.arg(&work).arg(&package).env("SOURCE_DATE_EPOCH", time()))?;
    Ok(package)
}

/// The packages whose libraries the programs are linked to, with the versions that have the symbols they use.
fn depends(tree: &Tree) -> Result<String> {
    let work = super::folder().join("shlibdeps");
    fs::create_dir_all(work.join("debian"))?;
    // It reads the name of the package from here, and nothing else.
    fs::write(
        work.join("debian/control"),
        format!("Source: {PACKAGE}\n\nPackage: {PACKAGE}\nArchitecture: any\n"),
    )?;
    let mut ask = command("dpkg-shlibdeps", ["-O", "--warnings=0"]);
    for program in [TERMINAL, DESKTOP] {
        ask.arg(format!("-e{}", tree.path().join("usr/bin").join(program).display()));
    }
    let answer = quiet(ask.current_dir(&work))?;
    let depends = answer.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    Ok(depends.context("dpkg-shlibdeps named no libraries")?.to_owned())
}

fn kibibytes(tree: &Tree) -> Result<u64> {
    let sizes =
        tree.files()?.into_iter().map(|file| Ok(tree.path().join(file).metadata()?.len().div_ceil(1024)));
    sizes.sum()
}

fn control(version: &str, architecture: &str, depends: &str, kibibytes: u64) -> String {
    let description = DESCRIPTION.join("\n ");
    format!(
        "Package: {PACKAGE}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: MCPProxy <mcpproxy@localhost>\n\
         Section: utils\nPriority: optional\nInstalled-Size: {kibibytes}\nDepends: {depends}\n\
         Recommends: docker.io | docker-ce | podman-docker, xdg-utils\nDescription: {SUMMARY}\n {description}\n"
    )
}

/// What a package says in one of its fields.
pub(super) fn field(package: &Path, name: &str) -> Result<String> {
    quiet(command("dpkg-deb", ["--field"]).arg(package).arg(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_file_is_one_paragraph_whose_description_is_indented() {
        let text = control("1.2.3", "amd64", "libc6", 7);
        assert!(!text.contains("\n\n") && text.ends_with('\n'));
        let (_, description) = text.split_once("\nDescription: ").unwrap();
        assert!(description.lines().skip(1).all(|line| line.starts_with(' ') && line.len() < 80));
    }
}
