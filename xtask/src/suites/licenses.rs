//! Licences and sources of all dependencies, by the rules of `deny.toml`, for machines without `cargo deny`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::outcome::Outcome;
use crate::commands::{cargo, quiet};
use crate::workspace;

/// Reads the lock's packages from cargo and names each that breaks a rule.
pub(super) fn check() -> Result<Outcome> {
    let rules = fs::read_to_string(workspace::root().join("deny.toml")).context("cannot read deny.toml")?;
    let allowed = list(&rules, "allow").context("deny.toml has no list `allow`")?;
    let metadata: Value =
        serde_json::from_str(&quiet(&mut cargo(["metadata", "--format-version=1", "--locked"]))?)?;
    let packages = metadata["packages"].as_array().context("cargo names no packages")?;
    let broken: Vec<String> = packages.iter().filter_map(|package| trouble(package, &allowed)).collect();
    broken.iter().for_each(|trouble| println!("{trouble}"));
    println!("{} packages read, {} refused", packages.len(), broken.len());
    Ok(if broken.is_empty() { Outcome::PASSED } else { Outcome::FAILED })
}

fn trouble(package: &Value, allowed: &BTreeSet<String>) -> Option<String> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let source = package["source"].as_str()?;
    if source != "registry+https://github.com/rust-lang/crates.io-index" {
        return Some(format!("{name} {version} comes from {source}; only crates.io is allowed"));
    }
    let license = package["license"].as_str().unwrap_or("");
    (!permits(license, allowed))
        .then(|| format!("{name} {version} has the licence `{license}`, which deny.toml does not allow"))
}

/// Whether an SPDX expression can be met by allowed licences alone: AND needs all parts, OR needs one.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    !words.is_empty() && any(&mut rest, allowed) && rest.is_empty()
}

fn any(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut permitted = all(words, allowed);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        permitted |= all(words, allowed);
    }
    permitted
}

fn all(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut permitted = one(words, allowed);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        permitted &= one(words, allowed);
    }
    permitted
}

fn one(words: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let permitted = any(words, allowed);
            *words = words.strip_prefix(&[")"]).unwrap_or(words);
            permitted
        }
        [license, "WITH", exception, rest @ ..] => {
            *words = rest;
            allowed.contains(*license) || allowed.contains(&format!("{license} WITH {exception}"))
        }
        [license, rest @ ..] => {
            *words = rest;
            allowed.contains(*license)
        }
        [] => false,
    }
}

/// The strings of `name = [ … ]`.
fn list(rules: &str, name: &str) -> Option<BTreeSet<String>> {
    let start = rules
        .lines()
        .position(|line| line.trim().strip_prefix(name).is_some_and(|rest| rest.trim().starts_with('=')))?;
    let text: String = rules.lines().skip(start).map(|line| line.split('#').next().unwrap_or("")).collect();
    let inside = text.split_once('[')?.1.split_once(']')?.0;
    Some(
        inside
            .split(',')
            .map(|item| item.trim().trim_matches('"').to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> BTreeSet<String> {
        ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned).into()
    }

    #[test]
    fn one_allowed_choice_is_enough_but_each_part_of_a_conjunction_counts() {
        assert!(permits("MIT OR GPL-3.0", &allowed()));
        assert!(permits("GPL-3.0/MIT", &allowed()));
        assert!(permits("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed()));
        assert!(permits("Apache-2.0 WITH LLVM-exception", &allowed()));
        assert!(!permits("MIT AND GPL-3.0", &allowed()));
        assert!(!permits("GPL-3.0", &allowed()));
        assert!(!permits("", &allowed()));
    }

    #[test]
    fn a_package_from_elsewhere_than_the_public_index_is_refused() {
        let package = serde_json::json!({"name": "a", "version": "1.0.0", "license": "MIT", "source": "git+https://example.org/a"});
        assert!(trouble(&package, &allowed()).unwrap().contains("only crates.io"));
    }

    #[test]
    fn a_list_of_the_rules_is_read_over_several_lines_and_without_comments() {
        let rules = "[licenses]\nallow = [\n  \"MIT\", # the common one\n  \"ISC\",\n]\n";
        assert_eq!(list(rules, "allow").unwrap(), ["MIT", "ISC"].map(str::to_owned).into());
    }
}
