//! Settings as Docker and Podman write them, and helper programs that really run.
#![cfg(unix)]
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::engine::testing::linux;

/// What a header says, in clear.
fn said(credentials: &Credentials) -> serde_json::Value {
    let header = credentials.header.as_ref().expect("credentials");
    serde_json::from_slice(&URL_SAFE.decode(header.expose()).unwrap()).unwrap()
}

fn settings(around: &Surroundings, json: &serde_json::Value) {
    let folder = around.docker_folder();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.json"), json.to_string()).unwrap();
}

/// A helper program that answers with a script.
fn helper(root: &Path, name: &str, script: &str) {
    let path = root.join("usr/local/bin").join(program_name(name));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn environment() -> Vec<(&'static str, &'static str)> {
    vec![("PATH", "/usr/bin:/bin")]
}

#[tokio::test]
async fn stored_credentials_are_sent_in_the_alphabet_for_urls() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &[]);
    let auth = STANDARD.encode("me:a>>>???~~~b");
    settings(&around, &serde_json::json!({"auths": {"https://images.example.com/v2/": {"auth": auth}}}));
    let found = lookup(&around, "images.example.com").await;
    let said = said(&found);
    assert_eq!((said["username"].as_str(), said["password"].as_str()), (Some("me"), Some("a>>>???~~~b")));
    let header = found.header.unwrap();
    assert!(header.expose().len().is_multiple_of(4) && !header.expose().contains(['+', '/']));
    assert_eq!(lookup(&around, "other.example.com").await, Credentials::default());
}

#[tokio::test]
async fn docker_hub_has_a_key_of_its_own() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &[]);
    let entry = serde_json::json!({"auth": STANDARD.encode("me:pw")});
    settings(&around, &serde_json::json!({"auths": {HUB_KEY: entry}}));
    assert_eq!(said(&lookup(&around, DOCKER_HUB).await)["serveraddress"], HUB_KEY);
}

#[tokio::test]
async fn the_variable_comes_before_the_file_and_identity_tokens_before_passwords() {
    let root = tempfile::tempdir().unwrap();
    let text = r#"{"auths":{"r.example.com":{"identitytoken":"tok"}}}"#;
    let around = linux(root.path(), &[("DOCKER_AUTH_CONFIG", text)]);
    settings(&around, &serde_json::json!({"auths": {"r.example.com": {"auth": STANDARD.encode("a:b")}}}));
    let said = said(&lookup(&around, "r.example.com").await);
    assert_eq!((said["identitytoken"].as_str(), said.get("username")), (Some("tok"), None));
}

#[tokio::test]
async fn a_helper_answers_with_the_registry_on_its_input() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &environment());
    helper(root.path(), "mine", r#"read -r key; printf '{"Username":"%s","Secret":"s"}' "$1-$key""#);
    settings(&around, &serde_json::json!({"credHelpers": {"r.example.com": "mine"}, "credsStore": "other"}));
    assert_eq!(said(&lookup(&around, "r.example.com").await)["username"], "get-r.example.com");
}

#[tokio::test]
async fn a_helper_gives_tokens_under_a_name_of_their_own() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &environment());
    helper(root.path(), "mine", r#"cat >/dev/null; printf '{"Username":"<token>","Secret":"t"}'"#);
    settings(&around, &serde_json::json!({"credsStore": "mine"}));
    assert_eq!(said(&lookup(&around, DOCKER_HUB).await)["identitytoken"], "t");
}

#[tokio::test]
async fn a_helper_that_knows_nobody_means_anonymous_and_no_failure() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &environment());
    helper(root.path(), "mine", "echo 'credentials not found in native keychain'; exit 1");
    settings(&around, &serde_json::json!({"credsStore": "mine"}));
    assert_eq!(lookup(&around, DOCKER_HUB).await, Credentials::default());
}

#[tokio::test]
async fn a_helper_that_is_missing_or_fails_is_noted_and_the_pull_goes_on_anonymously() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &environment());
    settings(&around, &serde_json::json!({"credsStore": "desktop"}));
    let missing = lookup(&around, DOCKER_HUB).await;
    assert_eq!(missing.header, None);
    assert_eq!(missing.failed_helper.unwrap().0, "docker-credential-desktop");
    helper(root.path(), "desktop", "exit 3");
    assert!(lookup(&around, DOCKER_HUB).await.failed_helper.unwrap().1.contains('3'));
    settings(&around, &serde_json::json!({"credsStore": "../../evil"}));
    assert!(lookup(&around, DOCKER_HUB).await.failed_helper.is_some());
}

#[tokio::test]
async fn podmans_file_is_asked_last() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &[]);
    let file = root.path().join("run/user/1000/containers/auth.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let auth = STANDARD.encode("p:w");
    std::fs::write(file, format!(r#"{{"auths":{{"quay.io":{{"auth":"{auth}"}}}}}}"#)).unwrap();
    assert_eq!(said(&lookup(&around, "quay.io").await)["username"], "p");
}

#[tokio::test]
async fn a_broken_file_means_anonymous() {
    let root = tempfile::tempdir().unwrap();
    let around = linux(root.path(), &[]);
    std::fs::create_dir_all(around.docker_folder()).unwrap();
    std::fs::write(around.docker_folder().join("config.json"), "{").unwrap();
    assert_eq!(lookup(&around, DOCKER_HUB).await, Credentials::default());
}

#[test]
fn nothing_of_a_credential_is_printed() {
    let secret = header("me", "hunter22", "", "r");
    let shown = format!("{:?}", Credentials { header: Some(secret.clone()), failed_helper: None });
    assert!(!shown.contains(secret.expose()));
}
