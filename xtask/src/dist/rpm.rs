//! The .rpm, by `rpmbuild` where it is: it finds out by itself which libraries the programs need.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::build::Profile;
use super::product::{DESCRIPTION, PACKAGE, SUMMARY, time, version};
use super::tree::Tree;
use crate::commands::{command, find, quiet};
use crate::workspace;

/// Where Debian's zsh and where the others' looks for completions.
const ZSH: (&str, &str) = ("usr/share/zsh/vendor-completions", "usr/share/zsh/site-functions");

/// The package of this version, if it was made.
pub(super) fn path() -> Result<Option<PathBuf>> {
    let start = format!("{PACKAGE}-{}-", version()?);
    let entries = fs::read_dir(super::folder())?.flatten().map(|entry| entry.path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&start) && name.ends_with(".rpm")
    };
    Ok(entries.into_iter().find(is_ours))
}

/// Packs the tree; without `rpmbuild` there is no package, which is said.
pub(super) fn pack(tree: &Tree, profile: Profile) -> Result<Option<PathBuf>> {
    if find("rpmbuild").is_none() {
        println!("Passed over: the .rpm needs rpmbuild (on Debian: apt-get install rpm)");
        return Ok(None);
    }
    let work = super::folder().join("rpm");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let script = fs::read_to_string(workspace::root().join("installers/linux/post-remove.sh"))?;
    let specification = work.join("mcpproxy.spec");
    fs::write(&specification, spec(&version()?, tree.path(), &tree.files()?, &script)?)?;
    let mut pack = command("rpmbuild", ["-bb", "--quiet"]);
    pack.arg("--define").arg(format!("_topdir {}", work.display()));
    // Nothing is compiled here, and the same commit shall give the same package.
    for setting in [
        "debug_package %{nil}",
        "__os_install_post %{nil}",
        "_build_id_links none",
        if profile == Profile::Release { "_binary_payload w15.zstdio" } else { "_binary_payload w1.zstdio" },
        "use_source_date_epoch_as_buildtime 1",
        "clamp_mtime_to_source_date_epoch 1",
        "_buildhost localhost",
    ] {
        pack.args(["--define", setting]);
    }
    quiet(pack.arg(&specification).env("SOURCE_DATE_EPOCH", time()))?;
    let made = quiet(command("find", [work.join("RPMS")]).args(["-name", "*.rpm"]))?;
    let made = PathBuf::from(made.lines().next().context("rpmbuild made no package")?);
    let package = super::folder().join(made.file_name().context("a package has a name")?);
    fs::rename(made, &package)?;
    Ok(Some(package))
}

fn spec(version: &str, tree: &Path, files: &[PathBuf], script: &str) -> Result<String> {
    let mut text = format!(
        "Name: {PACKAGE}\nVersion: {version}\nRelease: 1\nSummary: {SUMMARY}\nLicense: MIT\nRecommends: xdg-utils\n\n\
         %description\n{}\n\n%install\ncp -a {tree}/. %{{buildroot}}\n\
         mkdir -p %{{buildroot}}/{zsh}\nmv %{{buildroot}}/{debian}/_mcpproxy %{{buildroot}}/{zsh}/\n\n%postun\n",
        DESCRIPTION.join("\n"),
        tree = tree.display(),
        debian = ZSH.0,
        zsh = ZSH.1,
    );
    text.push_str(&script.replace('%', "%%"));
    text.push_str("\n%files\n");
    for file in files {
        let file = file.to_string_lossy().replace(ZSH.0, ZSH.1);
        let mark = match file.as_str() {
            name if name.ends_with("/copyright") => "%license ",
            name if name.starts_with("usr/share/doc/") || name.starts_with("usr/share/man/") => "%doc ",
            _ => "",
        };
        writeln!(text, "%attr(-, root, root) {mark}/{file}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_where_rpms_distributions_look_for_it() {
        let files = ["usr/bin/mcpproxy", "usr/share/zsh/vendor-completions/_mcpproxy"].map(PathBuf::from);
        let text = spec("1.2.3", Path::new("/tree"), &files, "exit 0 # 100%\n").unwrap();
        assert!(text.contains("\n%attr(-, root, root) /usr/bin/mcpproxy\n"));
        assert!(text.contains("/usr/share/zsh/site-functions/_mcpproxy\n"));
        assert!(text.contains("exit 0 # 100%%"), "a percent sign starts a macro");
    }
}
