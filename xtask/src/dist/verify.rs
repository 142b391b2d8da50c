//! Whether the laid out files are what they should be, before they are packed.

use std::path::Path;

use anyhow::{Result, bail};

use super::build::Profile;
use super::product::{DESKTOP, ID, TERMINAL};
use super::tree::Tree;
use crate::commands::{command, find, quiet};

/// Libraries of a desktop, which a server has none of.
const GRAPHICAL: &[&str] =
    &["gtk", "webkit", "gdk", "soup", "javascriptcore", "X11", "wayland", "cairo", "appindicator"];

/// More than this of one program is a mistake of the build (debug symbols, a library twice).
const LARGEST_PROGRAM: u64 = 48 << 20;

/// Checks the programs' libraries and sizes, and the entry and metadata by the desktop's own tools.
pub(super) fn tree(tree: &Tree, profile: Profile) -> Result<()> {
    let program = |name: &str| tree.path().join("usr/bin").join(name);
    let graphical = graphical(&libraries(&program(TERMINAL))?);
    if !graphical.is_empty() {
        bail!("`{TERMINAL}` must start on a server without a desktop, but needs {}", graphical.join(", "));
    }
    if self::graphical(&libraries(&program(DESKTOP))?).is_empty() {
        bail!("`{DESKTOP}` is linked to no webview: is it the right program?");
    }
    for name in [TERMINAL, DESKTOP] {
        let size = program(name).metadata()?.len();
        println!("{name}: {:.1} MiB", size as f64 / 1_048_576.0);
        if size > LARGEST_PROGRAM && profile == Profile::Release {
            bail!("`{name}` has {size} bytes, more than {LARGEST_PROGRAM}");
        }
    }
    menu_entry(&tree.path().join(format!("usr/share/applications/{ID}.desktop")))?;
    metadata(&tree.path().join(format!("usr/share/metainfo/{ID}.metainfo.xml")))
}

/// Checks the menu entry as desktops read it.
pub(super) fn menu_entry(entry: &Path) -> Result<()> {
    said_nothing("desktop-file-validate", &[], entry)
}

/// Checks what software centres show.
pub(super) fn metadata(metadata: &Path) -> Result<()> {
    said_nothing("appstreamcli", &["validate", "--no-net", "--no-color"], metadata)
}

fn libraries(program: &Path) -> Result<String> {
    let dynamic = quiet(command("readelf", ["--dynamic", "--wide"]).arg(program).env("LC_ALL", "C"))?;
    Ok(dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect::<Vec<_>>().join("\n"))
}

/// The libraries of a desktop among those that a program names.
fn graphical(libraries: &str) -> Vec<&'static str> {
    GRAPHICAL.iter().copied().filter(|name| libraries.contains(&format!("[lib{name}"))).collect()
}

/// Runs a checker that fails by its exit code; where it is missing that is said.
fn said_nothing(checker: &str, words: &[&str], file: &Path) -> Result<()> {
    if find(checker).is_none() {
        println!("Passed over: there is no {checker} to check {}", file.display());
        return Ok(());
    }
    let output = quiet(command(checker, words).arg(file))?;
    if output.contains("error:") || output.contains("\nE:") {
        bail!("{checker}: {output}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_a_webview_is_told_from_one_without() {
        let line = |name: &str| format!(" 0x0000000000000001 (NEEDED)  Shared library: [{name}]");
        assert!(graphical(&line("libc.so.6")).is_empty());
        assert_eq!(graphical(&line("libwebkit2gtk-4.1.so.0")), ["webkit"]);
        assert_eq!(graphical(&line("libgtk-3.so.0")), ["gtk"]);
    }
}
