//! Which crate may depend on which: the arrows of the architecture, each of them a decision.

use std::collections::BTreeMap;

use serde_json::Value;

use super::insist;
use crate::commands::{cargo, quiet};

/// Each crate with all crates of the workspace that it may depend on; its tests may use any that lie below.
const ALLOWED: &[(&str, &[&str])] = &[
    ("api", &["api-types", "core", "config", "gateway", "isolation", "messages", "protocol", "secrets"]),
    ("api-types", &[]),
    ("autostart", &[]),
    (
        "cli",
        &[
            "api",
            "api-types",
            "config",
            "core",
            "isolation",
            "login-env",
            "messages",
            "pages",
            "protocol",
            "secrets",
        ],
    ),
    ("clients", &["config", "secrets"]),
    ("config", &[]),
    (
        "core",
        &[
            "clients",
            "config",
            "gateway",
            "isolation",
            "login-env",
            "messages",
            "protocol",
            "secrets",
            "upstream",
        ],
    ),
    ("desktop", &["api", "api-types", "autostart", "core", "menu", "messages", "pages"]),
    ("gateway", &["protocol", "upstream"]),
    ("isolation", &["secrets", "shim"]),
    ("login-env", &[]),
    ("menu", &["messages"]),
    ("messages", &[]),
    ("pages", &[]),
    ("protocol", &[]),
    ("secrets", &[]),
    ("shim", &[]),
    ("tests", &[]),
    ("upstream", &["protocol", "secrets"]),
];

/// Crates that may be used by one crate of ours only, so that replacing them stays a small change.
const RIM: &[(&str, &[&str])] = &[
    ("bollard", &["isolation"]),
    ("axum", &["api", "cli", "desktop"]),
    ("clap", &["cli"]),
    ("anyhow", &["cli", "tests", "xtask"]),
    ("tauri", &["desktop"]),
];

/// Crate name to the names of its direct dependencies, both without the product's prefix.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = quiet(&mut cargo(["metadata", "--format-version=1", "--no-deps", "--offline"])).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let short = |name: &Value| {
        let name = name.as_str().unwrap();
        name.strip_prefix("mcpproxy-").unwrap_or(name).to_owned()
    };
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let used = package["dependencies"].as_array().unwrap().iter();
            let used = used.filter(|used| used["kind"] != "dev").map(|used| short(&used["name"])).collect();
            (short(&package["name"]), used)
        })
        .collect()
}

#[test]
fn crates_depend_on_each_other_only_downwards() {
    let crates = dependencies();
    let mut findings = Vec::new();
    for (name, used) in &crates {
        let allowed = ALLOWED.iter().find(|(of, _)| of == name).map_or(&[][..], |(_, allowed)| allowed);
        for other in used.iter().filter(|other| crates.contains_key(*other) && *other != name) {
            if !allowed.contains(&other.as_str()) {
                findings.push(format!("{name} -> {other}"));
            }
        }
    }
    insist(
        &findings,
        "a new arrow between crates is a decision of its own: see the table in xtask/src/tidy/edges.rs",
    );
}

#[test]
fn what_belongs_to_the_rim_stays_there() {
    let mut findings = Vec::new();
    for (name, used) in dependencies() {
        for (library, places) in RIM.iter().filter(|(_, places)| !places.contains(&name.as_str())) {
            if used.iter().any(|other| other == library) {
                findings.push(format!("{name} uses {library}, which belongs to {}", places.join(", ")));
            }
        }
    }
    insist(&findings, "keep it behind the crate that owns it");
}
