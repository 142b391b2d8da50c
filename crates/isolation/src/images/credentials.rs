//! Who a registry shall think asks: Docker's settings, its helper programs, and Podman's file, in Docker's order.
//!
//! A helper that is missing or fails does not stop a download; public images come without a name. It is noted, and
//! becomes the reason if the registry then wants a sign-in.
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use mcpproxy_secrets::Secret;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;

use super::reference::DOCKER_HUB;
use crate::engine::Surroundings;

/// Docker Hub's key in Docker's settings.
const HUB_KEY: &str = "https://index.docker.io/v1/";
/// How long a helper may take; one that waits for a locked keychain would wait for ever.
const HELPER_LIMIT: Duration = Duration::from_secs(5);
/// The most that is read of what a helper says.
const HELPER_OUTPUT: usize = 64 * 1024;
/// Settings beyond this size are not read.
const FILE_LIMIT: u64 = 1024 * 1024;

/// What is known about the caller at one registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The header's value; none asks anonymously.
    pub(crate) header: Option<Secret>,
    /// A helper program that failed, and how.
    pub(crate) failed_helper: Option<(String, String)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Settings {
    auths: HashMap<String, Entry>,
    #[serde(rename = "credHelpers")]
    helpers: HashMap<String, String>,
    #[serde(rename = "credsStore")]
    store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry")
    }
}

/// The header's content, as the engine reads it.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
struct Header<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    username: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    password: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    identitytoken: &'a str,
    serveraddress: &'a str,
}

/// Finds what is known for a registry.
pub(crate) async fn lookup(around: &Surroundings, registry: &str) -> Credentials {
    let key = if registry == DOCKER_HUB { HUB_KEY } else { registry };
    let given =
        around.variable("DOCKER_AUTH_CONFIG").and_then(|text| serde_json::from_str::<Settings>(text).ok());
    if let Some(header) = given.and_then(|settings| stored(&settings.auths, registry, key)) {
        return Credentials { header: Some(header), failed_helper: None };
    }
    let settings = read(&around.docker_folder().join("config.json")).unwrap_or_default();
    let mut failed_helper = None;
    let helper = settings
        .helpers
        .iter()
        .find(|(host, _)| same_host(host, registry))
        .map(|(_, name)| name.as_str())
        .or(Some(settings.store.as_str()))
        .filter(|name| !name.is_empty());
    if let Some(name) = helper {
        match ask(around, name, key).await {
            Ok(Some(header)) => return Credentials { header: Some(header), failed_helper: None },
            Ok(None) => {}
            Err(reason) => {
                let program = program_name(name);
                tracing::warn!(helper = %program, reason = %reason, registry, "a credential helper failed; the registry is asked anonymously");
                failed_helper = Some((program, reason));
            }
        }
    }
    let header = stored(&settings.auths, registry, key).or_else(|| {
        podman_files(around).into_iter().find_map(|path| stored(&read(&path)?.auths, registry, key))
    });
    Credentials { failed_helper: failed_helper.filter(|_| header.is_none()), header }
}

fn read(path: &Path) -> Option<Settings> {
    if std::fs::metadata(path).ok()?.len() > FILE_LIMIT {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    match serde_json::from_str(&text) {
        Ok(settings) => Some(settings),
        Err(error) => {
            // The position only: the text around it may be a credential.
            tracing::warn!(path = %path.display(), line = error.line(), "registry settings cannot be read");
            None
        }
    }
}

fn podman_files(around: &Surroundings) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = around.folder("REGISTRY_AUTH_FILE").into_iter().collect();
    files.extend(around.runtime_folder().map(|folder| folder.join("containers/auth.json")));
    files.push(around.at_home(".config/containers/auth.json"));
    files
}

/// The host in a key of the settings: scheme and path do not count.
fn host_of(key: &str) -> &str {
    let bare = key.strip_prefix("https://").or(key.strip_prefix("http://")).unwrap_or(key);
    bare.split('/').next().unwrap_or(bare)
}

fn same_host(key: &str, registry: &str) -> bool {
    match host_of(key) {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => registry == DOCKER_HUB,
        host => host == registry,
    }
}

fn stored(auths: &HashMap<String, Entry>, registry: &str, key: &str) -> Option<Secret> {
    let entry = auths
        .get(key)
        .or_else(|| auths.iter().find(|(host, _)| same_host(host, registry)).map(|(_, entry)| entry))?;
    if !entry.identitytoken.is_empty() {
        return Some(header("", "", &entry.identitytoken, key));
    }
    if entry.auth.is_empty() {
        let known = !entry.username.is_empty();
        return known.then(|| header(&entry.username, &entry.password, "", key));
    }
    let decoded = STANDARD.decode(&entry.auth).or_else(|_| STANDARD_NO_PAD.decode(&entry.auth)).ok()?;
    let decoded = Secret::new(String::from_utf8(decoded).ok()?);
    let (user, password) = decoded.expose().trim_end_matches('\0').split_once(':')?;
    Some(header(user, password, "", key))
}

/// The value of `X-Registry-Auth`. The alphabet is the one for URLs, padded: an engine takes the other one for
/// anonymous without a word.
fn header(username: &str, password: &str, identitytoken: &str, serveraddress: &str) -> Secret {
    let content = Header { username, password, identitytoken, serveraddress };
    // Strings always serialise; an empty header would only ask anonymously.
    let json = Secret::new(serde_json::to_string(&content).unwrap_or_default());
    Secret::new(URL_SAFE.encode(json.expose()))
}

fn program_name(name: &str) -> String {
    format!("docker-credential-{name}")
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "Username", default)]
    username: String,
    #[serde(rename = "Secret", default)]
    secret: String,
}

/// Asks a helper program; `None` when it knows nobody for that registry.
async fn ask(around: &Surroundings, name: &str, key: &str) -> Result<Option<Secret>, String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let program = plain.then(|| around.program(&program_name(name))).flatten().ok_or("it was not found")?;
    let path = std::env::join_paths(around.program_folders()).map_err(|_| "its PATH cannot be built")?;
    let mut command = tokio::process::Command::new(&program);
    command.arg("get").env_clear();
    command.envs(around.environment.iter().rev().map(|(name, value)| (name, value)));
    command.env("PATH", path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    #[cfg(windows)]
    command.creation_flags(0x0800_0000); // no console window
    let talk = async {
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that does not read its question may still answer.
            let _ = stdin.write_all(key.as_bytes()).await;
        }
        child.wait_with_output().await.map_err(|error| error.to_string())
    };
    let output = match tokio::time::timeout(HELPER_LIMIT, talk).await {
        Ok(output) => output?,
        Err(_) => return Err(format!("it did not answer within {} s", HELPER_LIMIT.as_secs())),
    };
    let stdout =
        Secret::new(String::from_utf8_lossy(&output.stdout[..output.stdout.len().min(HELPER_OUTPUT)]));
    if !output.status.success() {
        return if stdout.expose().contains("credentials not found") {
            Ok(None)
        } else {
            Err(format!("it ended with {}", output.status))
        };
    }
    let said: Said =
        serde_json::from_str(stdout.expose()).map_err(|_| "its answer makes no sense".to_owned())?;
    if said.secret.is_empty() {
        return Ok(None);
    }
    Ok(Some(match said.username.as_str() {
        "<token>" => header("", "", &said.secret, key),
        user => header(user, &said.secret, "", key),
    }))
}

#[cfg(test)]
mod tests;
