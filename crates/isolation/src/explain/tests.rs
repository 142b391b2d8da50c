//! What people are told about a plan.

use super::*;
use crate::plan::plan;
use crate::policy::Policy;
use crate::spec::Text;
use crate::testing::{facts, server};

fn keys(policy: &Policy, line: &str, kind: Kind) -> Vec<&'static str> {
    let facts = facts().with_folder("/home/me/docs", &[".mcp.json"]);
    let plan = plan(&server(line), policy, &facts).unwrap();
    explain(&plan).into_iter().filter(|sentence| sentence.kind == kind).map(|sentence| sentence.key).collect()
}

#[test]
fn a_plain_server_sees_nothing_and_reaches_the_network() {
    let policy = Policy::default();
    let of = |kind| keys(&policy, "uvx mcp-server-time", kind);
    assert_eq!(of(Kind::Files), ["explain-files-none"]);
    assert_eq!(of(Kind::Network), ["explain-network-bridge"]);
    assert_eq!(of(Kind::Secrets), ["explain-secrets-none"]);
    assert_eq!(of(Kind::Limits), ["explain-limits"]);
    assert_eq!(of(Kind::Identity), ["explain-user"]);
    assert_eq!(of(Kind::Image), ["explain-image", "explain-prepared"]);
    assert!(of(Kind::Relaxed).is_empty() && of(Kind::Warning).is_empty());
}

#[test]
fn every_relaxation_is_told_with_its_key() {
    let policy = Policy {
        volumes: vec!["/home/me/docs:/docs:rw".to_owned()],
        network: "host".to_owned(),
        ..Policy::default()
    };
    assert_eq!(keys(&policy, "uvx x", Kind::Files), ["explain-files-write"]);
    assert_eq!(keys(&policy, "uvx x", Kind::Network), ["explain-network-host"]);
    assert_eq!(keys(&policy, "uvx x", Kind::Relaxed), ["relaxed-network-host", "relaxed-folder-write"]);
    assert_eq!(
        keys(&policy, "uvx x", Kind::Warning),
        ["isolation-network-host", "isolation-client-file-visible"]
    );
}

#[test]
fn secrets_are_told_by_name() {
    let mut spec = server("npx -y x --token hunter2");
    spec.env.push(("GITHUB_TOKEN".to_owned(), Text::plain("hunter2")));
    let sentences = explain(&plan(&spec, &Policy::default(), &facts()).unwrap());
    let secrets: Vec<_> = sentences.iter().filter(|sentence| sentence.kind == Kind::Secrets).collect();
    assert_eq!(secrets[0].args, [("names", "GITHUB_TOKEN".to_owned())]);
    assert_eq!(secrets[1].args, [("count", "1".to_owned())]);
}

#[test]
fn the_data_of_the_runtime_table_is_told_with_its_package() {
    let plan =
        plan(&server("npx @modelcontextprotocol/server-memory"), &Policy::default(), &facts()).unwrap();
    let told = explain(&plan).into_iter().find(|sentence| sentence.kind == Kind::Relaxed).unwrap();
    assert_eq!(told.key, "relaxed-keeps-data");
    assert!(told.args.contains(&("package", "@modelcontextprotocol/server-memory".to_owned())));
}

#[test]
fn a_container_of_its_own_keeps_its_own_settings() {
    assert_eq!(keys(&Policy::default(), "docker run -it x", Kind::Identity), ["explain-own-container"]);
    assert_eq!(keys(&Policy::default(), "docker run -it x", Kind::Warning), ["isolation-terminal-stripped"]);
}

/// Every key that this half of the crate can hand out.
fn all_keys() -> Vec<String> {
    let sources = [
        include_str!("../explain.rs"),
        include_str!("../flags/apply.rs"),
        include_str!("../launcher/node.rs"),
        include_str!("../launcher/own_container.rs"),
        include_str!("../launcher/program.rs"),
        include_str!("../plan/build.rs"),
        include_str!("../plan/folders.rs"),
        include_str!("../plan/log.rs"),
        include_str!("../plan/network.rs"),
        include_str!("../plan/user.rs"),
    ];
    let words = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let ours = |word: &&str| word.starts_with("explain-") || word.starts_with("isolation-");
    let named = crate::relaxation::ROWS.iter().map(|row| row.sentence);
    let refusals =
        include_str!("../refusal.rs").split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut all: Vec<String> = words
        .filter(ours)
        .map(str::to_owned)
        .chain(named.map(str::to_owned))
        .chain(refusals.map(str::to_owned))
        .collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn every_key_has_a_sentence_in_the_catalogue() {
    let catalogue = include_str!("../../../../locales/en.ftl");
    let missing: Vec<String> = all_keys()
        .into_iter()
        .filter(|key| !catalogue.lines().any(|line| line.split_once(" =").is_some_and(|(id, _)| id == key)))
        .collect();
    assert!(missing.is_empty(), "no sentence for {missing:?}");
}
