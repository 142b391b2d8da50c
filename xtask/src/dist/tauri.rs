//! The packages that Tauri's bundler makes: .dmg, NSIS, .msi, AppImage. Signing is theirs too, by variables that only the
//! machine that releases has (see `installers/README.md`).

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use super::build::{Profile, Programs};
use crate::commands::{command, run};
use crate::workspace;

/// The bundler, at the version that belongs to the Tauri of the lock file.
const CLI: &str = "@tauri-apps/cli@2.12.5";

/// Packs the built programs for this system.
pub(super) fn bundle(programs: &Programs, profile: Profile) -> Result<Vec<PathBuf>> {
    let folder = super::folder();
    fs::create_dir_all(&folder)?;
    // The bundler packs the desktop's program by itself; where the other one lies is known only here.
    let beside = folder.join("beside.conf.json");
    let mut settings = beside_the_desktop(&programs.terminal.to_string_lossy(), std::env::consts::OS);
    sign(&mut settings, |name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    fs::write(&beside, settings.to_string())?;
    let root = workspace::root();
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let mut bundle = command(npx, ["--yes", CLI, "bundle", "--bundles", kinds(std::env::consts::OS)]);
    bundle.arg("--config").arg(root.join("installers/bundle.conf.json")).arg("--config").arg(&beside);
    if profile == Profile::Debug {
        bundle.arg("--debug");
    }
    // `bundle` does not build again; it only asks cargo where things are.
    run(bundle.current_dir(root.join("src-tauri")).env("CARGO_TARGET_DIR", workspace::target()))?;
    collect(&profile.folder().join("bundle"))
}

fn kinds(system: &str) -> &'static str {
    match system {
        "macos" => "app,dmg",
        "windows" => "nsis,msi",
        _ => "appimage",
    }
}

/// The terminal's program as one of the files of the package.
fn beside_the_desktop(terminal: &str, system: &str) -> Value {
    match system {
        "macos" => json!({"bundle": {"macOS": {"files": {"MacOS/mcpproxy": terminal}}}}),
        "windows" => json!({"bundle": {"resources": {terminal: "mcpproxy.exe"}}}),
        _ => json!({"bundle": {"linux": {"appimage": {"files": {"/usr/bin/mcpproxy": terminal}}}}}),
    }
}

/// Adds what only the machine that releases can do. For macOS the bundler reads its variables by itself.
fn sign(settings: &mut Value, variable: impl Fn(&str) -> Option<String>) {
    if let Some(command) = variable("MCPPROXY_WINDOWS_SIGN_COMMAND") {
        settings["bundle"]["windows"] = json!({ "signCommand": command });
    }
    // The private key itself is read by the bundler.
    let update =
        ["TAURI_SIGNING_PRIVATE_KEY", "MCPPROXY_UPDATE_PUBLIC_KEY", "MCPPROXY_UPDATE_URL"].map(variable);
    if let [Some(_), Some(public), Some(url)] = update {
        settings["bundle"]["createUpdaterArtifacts"] = json!(true);
        let endpoint = format!("{}/latest.json", url.trim_end_matches('/'));
        settings["plugins"]["updater"] =
            json!({ "pubkey": public, "endpoints": [endpoint], "requireSignedVersion": true });
    }
}

/// Copies what the bundler made beside the other packages.
fn collect(bundles: &std::path::Path) -> Result<Vec<PathBuf>> {
    let mut packages = Vec::new();
    for kind in ["dmg", "nsis", "msi", "appimage", "macos"] {
        let Ok(entries) = fs::read_dir(bundles.join(kind)) else { continue };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            let Some(name) = path.file_name() else { continue };
            let copy = super::folder().join(name);
            fs::copy(&path, &copy)?;
            packages.push(copy);
        }
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_configuration_names_is_in_the_repository() {
        let root = workspace::root();
        let text = fs::read_to_string(root.join("installers/bundle.conf.json")).unwrap();
        let configuration: Value = serde_json::from_str(&text).unwrap();
        let mut values = vec![&configuration];
        let mut named = 0;
        while let Some(value) = values.pop() {
            match value {
                Value::Object(fields) => values.extend(fields.values()),
                Value::Array(items) => values.extend(items),
                Value::String(path) if path.starts_with("../") => {
                    named += 1;
                    assert!(root.join("src-tauri").join(path).exists(), "{path}");
                }
                _ => {}
            }
        }
        assert!(named > 10, "only {named} files are named; has their form changed?");
    }

    #[test]
    fn what_is_signed_is_decided_by_the_variables_of_the_release() {
        let mut settings = beside_the_desktop("m", "windows");
        sign(&mut settings, |_| None);
        assert_eq!(settings, beside_the_desktop("m", "windows"));
        sign(&mut settings, |name| Some(format!("<{name}>")));
        assert_eq!(settings["bundle"]["windows"]["signCommand"], "<MCPPROXY_WINDOWS_SIGN_COMMAND>");
        assert_eq!(settings["bundle"]["createUpdaterArtifacts"], true);
        assert_eq!(settings["plugins"]["updater"]["pubkey"], "<MCPPROXY_UPDATE_PUBLIC_KEY>");
        assert!(!settings.to_string().contains("PRIVATE"), "the key itself stays in its variable");
    }

    #[test]
    fn the_terminals_program_lies_beside_the_desktops_in_every_package() {
        for (system, place) in
            [("macos", "MacOS/mcpproxy"), ("windows", "mcpproxy.exe"), ("linux", "/usr/bin/mcpproxy")]
        {
            assert!(beside_the_desktop("/t/mcpproxy", system).to_string().contains(place), "{system}");
        }
    }
}
