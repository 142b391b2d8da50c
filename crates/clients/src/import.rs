//! Servers of other clients, ready to be taken over: equal ones merged, secrets found, folders named.

mod secret;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::file::File;
use crate::ours::is_ours;
use crate::plan::{Contents, hex};
use crate::{Client, ClientError, Entry, Surroundings};

pub use secret::{Place, SecretValue};

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A program that speaks over its standard input and output.
    Stdio,
    /// An address.
    Remote,
    /// A command that starts a container of its own.
    Docker,
}

impl Kind {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Remote => "remote",
            Self::Docker => "docker",
        }
    }
}

/// A server found in a client's file.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The client.
    pub client: &'static Client,
    /// The file as people write its path.
    pub file: String,
    /// What it is called there.
    pub name: String,
    /// It lies in the settings of a project, not of the person.
    pub project: bool,
    /// It lies in a file of the project itself: whoever wrote its code may have written that too.
    pub shared: bool,
}

/// A server that can be imported.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Stable while the server stays as it is.
    pub id: String,
    /// A name that is free.
    pub name: String,
    /// Where it was found.
    pub origins: Vec<Origin>,
    /// What it is.
    pub kind: Kind,
    /// What runs.
    pub entry: Entry,
    /// Values that look like secrets.
    pub secrets: Vec<SecretValue>,
    /// Folders that its arguments name.
    pub folders: Vec<String>,
    /// References to secrets and variables that it already has.
    pub references: Vec<String>,
    /// Words of another program in its settings that mean nothing here.
    pub unknown_words: Vec<String>,
}

/// Reads the servers of one client, of the person and of the projects that the client knows. Ours are left out.
///
/// # Errors
/// When the client's own file cannot be read; projects that cannot are passed over.
pub fn servers(
    client: &'static Client,
    surroundings: &Surroundings,
) -> Result<Vec<(Origin, Entry)>, ClientError> {
    let file = File::of(client, surroundings);
    let contents = Contents::of(&file, client)?;
    let mut found = Vec::new();
    let mut take = |servers: &Map<String, Value>, file: String, (project, shared): (bool, bool)| {
        for (name, value) in servers {
            let Some(mut entry) = Entry::read(value).filter(|entry| !is_ours(name, entry)) else { continue };
            words::translate(&mut entry, client.bare_variables, &surroundings.home);
            let origin = Origin { client, file: file.clone(), name: name.clone(), project, shared };
            found.push((origin, entry));
        }
    };
    take(&contents.servers(client), file.shown(), (false, false));
    for (folder, project) in contents.value.get("projects").and_then(Value::as_object).into_iter().flatten() {
        if let Some(servers) = project.get("mcpServers").and_then(Value::as_object) {
            take(servers, file.shown(), (true, false));
        }
        // A project's own file is read where the client has been used in that folder.
        let own = File::at(client, surroundings, PathBuf::from(folder).join(".mcp.json"));
        if client.id == "claude-code"
            && Path::new(folder).is_absolute()
            && let Ok(contents) = Contents::of(&own, client)
        {
            take(&contents.servers(client), own.shown(), (true, true));
        }
    }
    Ok(found)
}

/// Makes one candidate of equal servers, with names that are free.
pub fn merge(found: Vec<(Origin, Entry)>, taken: impl Fn(&str) -> bool) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut names = BTreeSet::new();
    for (origin, entry) in found {
        let id = identity(&entry);
        if let Some(known) = candidates.iter_mut().find(|candidate| candidate.id == id) {
            // Where one client still wants it, it is wanted.
            known.entry.disabled &= entry.disabled;
            known.origins.push(origin);
            continue;
        }
        let name = free_name(&origin.name, |name| taken(name) || names.contains(name));
        names.insert(name.clone());
        candidates.push(Candidate {
            id,
            kind: kind(&entry),
            secrets: secret::find(&name, &entry),
            folders: folders(&entry),
            references: words::references(&entry),
            unknown_words: words::unknown(&entry),
            name,
            origins: vec![origin],
            entry,
        });
    }
    candidates
}

/// A name without what no client takes, and with a number where it is taken.
pub fn free_name(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let usable = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
    let plain: String = wanted.chars().map(usable).take(56).collect();
    let plain = plain.trim_matches('-');
    let plain = if plain.is_empty() { "server" } else { plain };
    let numbered = (2..).map(|number| format!("{plain}-{number}"));
    std::iter::once(plain.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

fn kind(entry: &Entry) -> Kind {
    match entry.program().as_deref() {
        None => Kind::Remote,
        Some("docker" | "podman" | "nerdctl") => Kind::Docker,
        Some(_) => Kind::Stdio,
    }
}

/// Equal command, arguments, environment and address make the same server, whatever it is called.
fn identity(entry: &Entry) -> String {
    let mut env: Vec<_> = entry.env.iter().chain(&entry.headers).collect();
    env.sort();
    let all = json!([entry.command, entry.args, env, entry.url, entry.working_dir]);
    hex(&Sha256::digest(all.to_string().as_bytes())[..8])
}

/// Flags whose folder holds what is run, not what it works on.
const CODE_FLAGS: &[&str] =
    &["--directory", "--project", "--prefix", "--from", "--with-editable", "-C", "-p", "--package"];

/// Folders that exist and are named in the arguments of a program that we run ourselves.
fn folders(entry: &Entry) -> Vec<String> {
    if kind(entry) != Kind::Stdio {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    let mut before = "";
    for arg in &entry.args {
        let path = arg
            .split_once('=')
            .filter(|(flag, _)| flag.starts_with('-'))
            .map_or((before, arg.as_str()), |x| x);
        let (flag, path) = path;
        let folder = Path::new(path);
        if !CODE_FLAGS.contains(&flag)
            && folder.is_absolute()
            && folder.parent().is_some()
            && folder.is_dir()
            && !found.iter().any(|known| known == path)
        {
            found.push(path.to_owned());
        }
        before = arg;
    }
    found
}

impl Candidate {
    /// The entry for our own file: secrets by the names they are kept under, the granted folders as volumes. Also the
    /// secrets to keep.
    pub fn server(
        &self,
        name: &str,
        granted: &[String],
        secret_name: impl Fn(&SecretValue) -> String,
    ) -> (Value, Vec<(String, String)>) {
        let mut entry = self.entry.clone();
        let mut kept: Vec<(String, String)> = Vec::new();
        for secret in &self.secrets {
            let name = secret_name(secret);
            secret.replace(&mut entry, &format!("${{keyring:{name}}}"));
            kept.push((name, secret.value.clone()));
        }
        let mut server = Map::from_iter([("name".to_owned(), json!(name))]);
        let mut put =
            |key: &str, value: Option<Value>| server.extend(value.map(|value| (key.to_owned(), value)));
        put("command", entry.command.map(Value::from));
        put("args", (!entry.args.is_empty()).then(|| json!(entry.args)));
        put("env", (!entry.env.is_empty()).then(|| json!(entry.env)));
        put("url", self.entry.command.is_none().then(|| json!(entry.url)));
        put(
            "headers",
            (self.kind == Kind::Remote && !entry.headers.is_empty()).then(|| json!(entry.headers)),
        );
        put("protocol", (self.kind == Kind::Remote && entry.sse).then(|| json!("sse")));
        put("working_dir", entry.working_dir.map(Value::from));
        let volumes: Vec<String> = self
            .folders
            .iter()
            .filter(|folder| granted.contains(folder))
            .map(|folder| format!("{folder}:{folder}:rw"))
            .collect();
        put("isolation", (!volumes.is_empty()).then(|| json!({"volumes": volumes})));
        put("enabled", Some(json!(!entry.disabled)));
        (Value::Object(server), kept)
    }
}

#[cfg(test)]
mod tests;
