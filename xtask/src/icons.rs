//! `cargo xtask icons`: every picture that the packages need, made from the three drawings in `icons/source`.
//!
//! The renderer is a large dependency that nothing else needs, so it stands behind the feature `icons`; without it the
//! word starts itself again with it.

#[cfg(any(feature = "icons", test))]
mod containers;
#[cfg(feature = "icons")]
mod drawing;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// A picture of the repository: its file, its size in pixels.
#[cfg(any(feature = "icons", test))]
const PICTURES: &[(&str, u32)] = &[
    ("16x16.png", 16),
    ("24x24.png", 24),
    ("32x32.png", 32),
    ("48x48.png", 48),
    ("64x64.png", 64),
    ("128x128.png", 128),
    ("128x128@2x.png", 256),
    ("icon.png", 512),
];

/// What an `.ico` holds: the sizes that Windows asks for at 100 to 400 percent.
#[cfg(any(feature = "icons", test))]
const ICO_SIZES: &[u32] = &[16, 20, 24, 32, 40, 48, 64, 256];

/// What an `.icns` holds: its names for a size, and the size.
#[cfg(any(feature = "icons", test))]
const ICNS_SIZES: &[(&[u8; 4], u32)] = &[
    (b"ic11", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// Makes the pictures, or with `--check` says which are not what the drawings give.
pub(crate) fn icons(words: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = words.iter().find(|word| *word != "--check") {
        bail!("`icons` does not know `{unknown}`; there is only --check");
    }
    made(!words.is_empty())
}

#[cfg(not(feature = "icons"))]
fn made(only_check: bool) -> Result<ExitCode> {
    let mut again = crate::commands::cargo([
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "icons",
        "--",
        "icons",
    ]);
    if only_check {
        again.arg("--check");
    }
    crate::commands::run(&mut again)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "icons")]
fn made(only_check: bool) -> Result<ExitCode> {
    let folder = crate::workspace::root().join("icons");
    let mut stale = Vec::new();
    for (name, bytes) in drawing::all(&folder.join("source"))? {
        let path = folder.join(&name);
        if std::fs::read(&path).ok().as_ref() == Some(&bytes) {
            continue;
        }
        if !only_check {
            std::fs::write(&path, bytes)?;
        }
        stale.push(name);
    }
    match (stale.is_empty(), only_check) {
        (true, _) => println!("Every picture is what its drawing gives."),
        (false, false) => println!("Made {}.", stale.join(", ")),
        (false, true) => bail!("not what the drawings give: {}; run `cargo xtask icons`", stale.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
