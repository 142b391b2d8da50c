//! Everything about the place where a server will run, as data. The Engine API request, the line in the log,
//! the sentences a person reads and the tests all come from this one value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::launcher::{Launch, Runtime};
use crate::relaxation::Relaxation;
use crate::spec::Text;

mod build;
mod container;
mod folders;
mod hidden;
mod image;
mod limits;
mod log;
mod network;
mod prepare;
mod user;
mod variables;

#[cfg(test)]
mod tests;

pub use build::plan;
pub use container::{
    Capabilities, Container, Device, HostNamespaces, Limits, LogDriver, Mount, MountSource, Network, Port,
    Role, Tmpfs, Ulimit, User,
};
pub use image::{full_name, short_name};

/// Where the packages of a prepared server are mounted.
pub const DATA_DIR: &str = "/mcpproxy";
/// What preparing leaves behind for the run: name, version and entry.
pub const RESULT_FILE: &str = "/mcpproxy/mcpproxy.json";
/// Where a server keeps what shall outlive it; the volume is mounted here.
pub const STATE_DIR: &str = "/state";
/// The folder inside the state volume that every user of a container may write.
pub const STATE_DATA_DIR: &str = "/state/data";
/// HOME in every container.
pub const HOME_DIR: &str = "/home/mcp";
/// Where the certificate bundle is found in a container.
pub const CERTIFICATES_FILE: &str = "/.mcpproxy-ca/ca-certificates.crt";
/// Where the volume with the certificate bundle is mounted.
pub const CERTIFICATES_DIR: &str = "/.mcpproxy-ca";

/// Where a server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// In a container of ours.
    Container,
    /// In a sandbox of the operating system.
    Sandbox,
    /// On the host, without a wall.
    Host,
}

/// Something a person should know about a plan: a sentence of the catalogue and what fills it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The sentence.
    pub key: &'static str,
    /// What fills it.
    pub args: Vec<(&'static str, String)>,
}

/// The whole plan of one server.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server's name.
    pub server: String,
    /// Where it runs; `Host` only for servers that bring their own container.
    pub placement: Placement,
    /// Its containers: the server's, and the preparing one where there is something to prepare.
    pub containers: Vec<Container>,
    /// Every default that was relaxed, and by which key.
    pub relaxations: Vec<Relaxation>,
    /// Warnings and remarks.
    pub notes: Vec<Note>,
    /// The equal `docker run` arguments for people, secrets masked.
    pub docker_run_args: Vec<String>,
    /// What the prepared packages depend on, except the image's digest; none when nothing is prepared.
    pub prepared_key: Option<String>,
    /// Row of the runtime table that was chosen.
    pub runtime: Runtime,
    /// How the command becomes the server's process.
    pub launch: Launch,
    /// The bundle on this computer to deliver into `CERTIFICATES_DIR`.
    pub certificates: Option<PathBuf>,
    /// Whether the person chose the image, not the runtime table.
    pub image_is_chosen: bool,
}

impl Plan {
    /// The container that the server runs in.
    pub fn server_container(&self) -> Option<&Container> {
        self.containers.iter().find(|container| container.role == Role::Server)
    }

    /// The container that prepares its packages.
    pub fn prepare_container(&self) -> Option<&Container> {
        self.containers.iter().find(|container| container.role == Role::Prepare)
    }

    /// What the shim executes: the entry that preparing found, then the person's arguments. A server that needs
    /// no preparing has the whole command in its container already.
    pub fn server_argv(&self, entry: Option<&[String]>) -> Vec<Text> {
        let own = self.server_container().map(|container| container.argv.clone()).unwrap_or_default();
        match (&self.launch, entry) {
            (Launch::Prepared, Some(entry)) => entry.iter().cloned().map(Text::Plain).chain(own).collect(),
            _ => own,
        }
    }
}

/// The labels that mark a container or volume as ours.
pub fn labels(instance: &str, server: &str, kind: &str) -> BTreeMap<String, String> {
    [
        ("com.mcpproxy.managed", "true"),
        ("com.mcpproxy.instance", instance),
        ("com.mcpproxy.server", server),
        ("com.mcpproxy.kind", kind),
        ("com.mcpproxy.version", env!("CARGO_PKG_VERSION")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// A server's name as containers, volumes and hosts may be called: never a key, since two names may come out alike.
pub fn slug(server: &str, most: usize) -> String {
    let mut slug = String::new();
    for letter in server.chars() {
        let letter = if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        if letter != '-' || !slug.ends_with('-') {
            slug.push(letter);
        }
    }
    let slug: String = slug.trim_matches('-').chars().take(most).collect();
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "server".to_owned() } else { slug.to_owned() }
}

/// The volume in which a server keeps its own data. The hash keeps servers apart whose names come out alike.
pub fn state_volume(instance: &str, server: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(instance.as_bytes());
    hash.update([0]);
    hash.update(server.as_bytes());
    let hash: String = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("mcpproxy-state-{}-{hash}", slug(server, 32))
}

fn server_label(container: &Container) -> &str {
    container.labels.get("com.mcpproxy.server").map(String::as_str).unwrap_or_default()
}
