//! The files of the Linux packages, laid out as they will lie on a computer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::build::Programs;
use super::product::{self, DESKTOP, ID, PACKAGE, TERMINAL};
use crate::commands::{command, quiet};
use crate::workspace;

/// Sizes that desktops look for in the theme that all others fall back to.
const ICONS: &[(&str, &str)] = &[
    ("16x16", "16x16.png"),
    ("24x24", "24x24.png"),
    ("32x32", "32x32.png"),
    ("48x48", "48x48.png"),
    ("64x64", "64x64.png"),
    ("128x128", "128x128.png"),
    ("256x256", "128x128@2x.png"),
    ("512x512", "icon.png"),
    ("scalable", "source/icon.svg"),
];

/// Completion scripts by shell; the last folder is where rpm's distributions have those of zsh.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "usr/share/bash-completion/completions/mcpproxy"),
    ("zsh", "usr/share/zsh/vendor-completions/_mcpproxy"),
    ("fish", "usr/share/fish/vendor_completions.d/mcpproxy.fish"),
];

/// A root folder with nothing but the package in it.
pub(super) struct Tree(PathBuf);

impl Tree {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Every file, relative to the root and sorted.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    files.push(path.strip_prefix(&self.0)?.to_path_buf())
                }
            }
        }
        files.sort();
        Ok(files)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let target = self.0.join(path);
        fs::create_dir_all(target.parent().context("a file lies in a folder")?)?;
        fs::write(target, bytes)?;
        Ok(())
    }

    /// Compressed without name and time, so that the same text gives the same bytes.
    fn put_compressed(&self, path: &str, text: &Path) -> Result<()> {
        self.put(path, &fs::read(text)?)?;
        quiet(command("gzip", ["--best", "--no-name", "--force"]).arg(self.0.join(path)))?;
        Ok(())
    }
}

/// Lays the files out anew.
pub(super) fn lay_out(programs: &Programs) -> Result<Tree> {
    let tree = Tree(super::folder().join("tree"));
    if tree.0.exists() {
        fs::remove_dir_all(&tree.0)?;
    }
    let (root, linux) = (workspace::root(), workspace::root().join("installers/linux"));
    for (name, program) in [(TERMINAL, &programs.terminal), (DESKTOP, &programs.desktop)] {
        tree.put(&format!("usr/bin/{name}"), &fs::read(program)?)?;
        let path = tree.0.join("usr/bin").join(name);
        // What names functions in a backtrace stays; what only a debugger reads goes.
        quiet(command("strip", ["--strip-debug"]).arg(&path))?;
        tree.put_compressed(&format!("usr/share/man/man1/{name}.1"), &linux.join(format!("{name}.1")))?;
    }
    for (size, file) in ICONS {
        let end = if *size == "scalable" { "svg" } else { "png" };
        let picture = fs::read(root.join("icons").join(file))?;
        tree.put(&format!("usr/share/icons/hicolor/{size}/apps/{DESKTOP}.{end}"), &picture)?;
    }
    let entry = menu_entry(&fs::read_to_string(linux.join("mcpproxy.desktop"))?);
    tree.put(&format!("usr/share/applications/{ID}.desktop"), entry.as_bytes())?;
    let metadata = fs::read(linux.join(format!("{ID}.metainfo.xml")))?;
    tree.put(&format!("usr/share/metainfo/{ID}.metainfo.xml"), &metadata)?;
    for (shell, path) in COMPLETIONS {
        let script = quiet(command(&programs.terminal.to_string_lossy(), ["completions"]).arg(shell))?;
        tree.put(path, format!("{script}\n").as_bytes())?;
    }
    tree.put(&format!("usr/share/doc/{PACKAGE}/copyright"), &fs::read(root.join("LICENSE"))?)?;
    tree.put_compressed(&format!("usr/share/doc/{PACKAGE}/changelog"), &root.join("CHANGELOG.md"))?;
    set_modes_and_times(&tree)?;
    Ok(tree)
}

/// The template of the menu entry, filled in as Tauri's bundler fills it in for an AppImage.
fn menu_entry(template: &str) -> String {
    template.replace("{{name}}", "MCPProxy").replace("{{exec}}", DESKTOP).replace("{{icon}}", DESKTOP)
}

/// Modes that do not depend on the mask of whoever builds, and the time of the commit.
fn set_modes_and_times(tree: &Tree) -> Result<()> {
    quiet(command("chmod", ["-R", "u=rwX,go=rX"]).arg(&tree.0))?;
    let programs = [TERMINAL, DESKTOP].map(|name| tree.0.join("usr/bin").join(name));
    quiet(command("chmod", ["755"]).args(programs))?;
    let at = format!("--date=@{}", product::time());
    quiet(command("find", [&tree.0]).args(["-exec", "touch", &at, "{}", "+"]))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::verify;
    use super::*;

    #[test]
    fn the_menu_entry_has_no_placeholder_left() {
        let template = workspace::root().join("installers/linux/mcpproxy.desktop");
        let entry = menu_entry(&fs::read_to_string(template).unwrap());
        assert!(!entry.contains("{{"), "{entry}");
        assert!(entry.contains("\nExec=mcpproxy-desktop --open-logs\n"));
        assert!(entry.contains("\nActions=OpenLogs;Quit;\n"));
    }

    #[test]
    fn the_desktops_own_checkers_find_nothing_wrong() {
        let linux = workspace::root().join("installers/linux");
        let entry = workspace::target().join("tmp").join(format!("{ID}.desktop"));
        fs::create_dir_all(entry.parent().unwrap()).unwrap();
        fs::write(&entry, menu_entry(&fs::read_to_string(linux.join("mcpproxy.desktop")).unwrap())).unwrap();
        verify::menu_entry(&entry).unwrap();
        verify::metadata(&linux.join(format!("{ID}.metainfo.xml"))).unwrap();
    }

    #[test]
    fn the_metadata_names_the_menu_entry_and_both_programs() {
        let file = workspace::root().join(format!("installers/linux/{ID}.metainfo.xml"));
        let metadata = fs::read_to_string(file).unwrap();
        assert!(metadata.contains(&format!("<launchable type=\"desktop-id\">{ID}.desktop</launchable>")));
        assert!(metadata.contains(&format!("<id>{ID}</id>")));
        for program in [TERMINAL, DESKTOP] {
            assert!(metadata.contains(&format!("<binary>{program}</binary>")));
        }
    }

    #[test]
    fn every_icon_of_the_packages_is_in_the_repository() {
        for (size, file) in ICONS {
            assert!(workspace::root().join("icons").join(file).is_file(), "{size}");
        }
    }
}
