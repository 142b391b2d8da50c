//! What an update says of itself: where a package lies and the signature by which a program trusts it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};

/// Describes the packages that were signed for updates; without a signature there is nothing to describe.
pub(super) fn write(folder: &Path, packages: &[PathBuf], base: Option<&str>) -> Result<Option<PathBuf>> {
    let Some(base) = base.filter(|base| !base.is_empty()) else { return Ok(None) };
    let Some((package, signature)) = signed(packages)? else { return Ok(None) };
    let system = format!("{}-{}", system(std::env::consts::OS), std::env::consts::ARCH);
    let path = folder.join(format!("update-{system}.json"));
    fs::write(&path, describe(&system, base, &package, &signature).to_string())?;
    Ok(Some(path))
}

/// The package that is installed by an update, and its signature, which lies beside it.
fn signed(packages: &[PathBuf]) -> Result<Option<(String, String)>> {
    for signature in packages.iter().filter(|path| path.extension().is_some_and(|end| end == "sig")) {
        let package = signature.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // Administrators roll out the .msi; it does not update itself.
        if !package.ends_with(".msi") {
            return Ok(Some((package, fs::read_to_string(signature)?)));
        }
    }
    Ok(None)
}

/// The updater's own names.
fn system(system: &str) -> &str {
    if system == "macos" { "darwin" } else { system }
}

fn describe(system: &str, base: &str, package: &str, signature: &str) -> Value {
    let url = format!("{}/{package}", base.trim_end_matches('/'));
    json!({ system: { "signature": signature.trim(), "url": url } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn a_description_has_the_form_of_the_template() {
        let template = fs::read_to_string(workspace::root().join("installers/latest.json")).unwrap();
        let template: Value = serde_json::from_str(&template).unwrap();
        let one =
            describe("darwin-aarch64", "https://example.com/releases/", "MCPProxy.app.tar.gz", "c2ln\n");
        assert_eq!(one["darwin-aarch64"]["url"], "https://example.com/releases/MCPProxy.app.tar.gz");
        let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(fields(&one["darwin-aarch64"]), fields(&template["platforms"]["darwin-aarch64"]));
    }

    #[test]
    fn without_a_signature_nothing_is_described() {
        let packages = [PathBuf::from("/x/MCPProxy.dmg")];
        assert!(write(Path::new("/nonexistent"), &packages, Some("https://example.com")).unwrap().is_none());
    }
}
