//! `cargo xtask dist --check`: the .deb on a computer that has never seen it.
//!
//! A fresh Debian in a folder, a person on it, and the life of the package: installed, used, upgraded, removed, purged.
//! At the end there is nothing but what is the person's.

mod root;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use super::product::{DESKTOP, ID, PACKAGE, TERMINAL};
use super::{deb, rpm};
use crate::setup::{is_debian, is_root};
use crate::workspace;
use root::{PERSON, Root};

/// What the check itself needs on that computer: a display, a bus and a hand that clicks.
const FOR_THE_CHECK: &[&str] =
    &["xvfb", "xauth", "dbus", "python3-dbus", "python3-gi", "desktop-file-utils", "procps", "rpm"];

/// Runs the whole life of the package; each step says what it found.
pub(super) fn check(package: &Path) -> Result<()> {
    ensure!(is_root() && is_debian(), "a clean root is made by debootstrap, which needs root on Debian");
    println!("== {} in a clean root", package.display());
    let root = Root::make()?;
    let inside = root.take(package, "tmp")?;
    root.take(&workspace::root().join("installers/check/click.py"), "tmp")?;
    root.apt(&[&["install"], FOR_THE_CHECK].concat())?;
    // Brings the libraries; what the package itself adds is measured without them.
    root.apt(&["install", &inside])?;
    root.run(&["dpkg", "--purge", PACKAGE])?;
    let before = root.files()?;

    root.run(&["dpkg", "--install", &inside])?;
    installed(&root, package)?;
    used(&root)?;
    root.run(&["dpkg", "--install", &inside])?;
    ensure!(root.has(&entry()), "an upgrade took the person's start at login away");
    println!("upgraded: start at login stays");

    root.run(&["dpkg", "--remove", PACKAGE])?;
    ensure!(!root.has(&entry()), "removing the package leaves an entry that starts nothing");
    root.run(&["dpkg", "--purge", PACKAGE])?;
    left(&before, &root.files()?)?;
    if let Some(package) = rpm::path()? {
        life_of_the_rpm(&root, &package)?;
    }
    root.remove()
}

/// The person's entry for start at login.
fn entry() -> String {
    format!("home/{PERSON}/.config/autostart/{ID}.desktop")
}

fn installed(root: &Root, package: &Path) -> Result<()> {
    let menu = format!("usr/share/applications/{ID}.desktop");
    for file in [&format!("usr/bin/{TERMINAL}"), &format!("usr/bin/{DESKTOP}"), &menu] {
        ensure!(root.has(file), "the package brings no {file}");
    }
    root.run(&["desktop-file-validate", &format!("/{menu}")])?;
    let libraries = root.run(&["ldd", &format!("/usr/bin/{DESKTOP}")])?;
    ensure!(!libraries.contains("not found"), "a library is missing:\n{libraries}");
    let depends = deb::field(package, "Depends")?;
    ensure!(!depends.contains("appindicator"), "the tray speaks D-Bus itself: {depends}");
    println!("installed: menu entry, both programs, every library ({depends})");
    Ok(())
}

/// What a person does: the terminal, and start at login by a click in the tray.
fn used(root: &Root) -> Result<()> {
    let version = root.as_person("mcpproxy --version")?;
    root.as_person("timeout --signal=TERM 20 mcpproxy serve --listen 127.0.0.1:0 || test $? = 124")?;
    ensure!(root.has(&format!("home/{PERSON}/.mcpproxy/mcp_config.json")), "`serve` wrote no configuration");
    let click = format!(
        "xvfb-run -a dbus-run-session -- python3 /tmp/click.py 'Start at login' /{} {DESKTOP} --hidden",
        entry()
    );
    let told = root.as_person(&click)?;
    let text = root.text(&entry())?;
    ensure!(
        text.contains(&format!("\nExec=/usr/bin/{DESKTOP} --hidden\n")),
        "the entry starts something else:\n{text}"
    );
    root.run(&["desktop-file-validate", &format!("/{}", entry())])?;
    println!("used: {version}; start at login by the tray ({})", told.lines().last().unwrap_or_default());
    Ok(())
}

/// The other package by its own tool, which takes Debian's libraries on trust: what it unpacks, upgrades and takes away.
fn life_of_the_rpm(root: &Root, package: &Path) -> Result<()> {
    let inside = root.take(package, "tmp")?;
    let before = root.files()?;
    root.run(&["rpm", "--install", "--nodeps", &inside])?;
    root.as_person("mcpproxy --version && test -f /usr/share/zsh/site-functions/_mcpproxy")?;
    let text = format!("[Desktop Entry]\\nType=Application\\nExec=/usr/bin/{DESKTOP} --hidden\\n");
    root.as_person(&format!("printf '{text}' > /{}", entry()))?;
    root.run(&["rpm", "--upgrade", "--force", "--nodeps", &inside])?;
    ensure!(root.has(&entry()), "an upgrade by rpm took the person's start at login away");
    root.run(&["rpm", "--erase", PACKAGE])?;
    // rpm keeps its own records, which begin with its first use; on Debian they lie in root's home.
    let after: BTreeSet<String> =
        root.files()?.into_iter().filter(|path| !path.split('/').any(|part| part == ".rpmdb")).collect();
    let differing: Vec<&String> = after.symmetric_difference(&before).collect();
    ensure!(differing.is_empty(), "the .rpm leaves behind or takes away: {differing:?}");
    println!("the .rpm: installed, upgraded, erased; nothing is left of it");
    Ok(())
}

/// Compares what was there before the package with what is there after it.
fn left(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Result<()> {
    let gone: Vec<&String> = before.difference(after).collect();
    let new: Vec<&String> = after.difference(before).collect();
    let (persons, others): (Vec<&String>, Vec<&String>) =
        new.into_iter().partition(|file| file.starts_with(&format!("home/{PERSON}/")));
    if !gone.is_empty() || !others.is_empty() {
        bail!("after the purge there is more or less than before: gone {gone:?}, new {others:?}");
    }
    let configuration = format!("home/{PERSON}/.mcpproxy/mcp_config.json");
    ensure!(persons.iter().any(|file| **file == configuration), "the purge took the person's configuration");
    println!("purged: nothing is left but the person's own {} files", persons.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    const CONFIGURATION: &str = "home/anna/.mcpproxy/mcp_config.json";

    #[test]
    fn only_the_persons_own_may_be_left() {
        assert!(left(&files(&["a"]), &files(&["a", CONFIGURATION])).is_ok());
        assert!(left(&files(&["a"]), &files(&["a", CONFIGURATION, "usr/share/icons/x"])).is_err());
    }

    #[test]
    fn nothing_of_the_person_or_the_system_may_be_taken() {
        assert!(left(&files(&["a"]), &files(&["a"])).is_err());
        assert!(left(&files(&["a", "b"]), &files(&["a", CONFIGURATION])).is_err());
    }
}
