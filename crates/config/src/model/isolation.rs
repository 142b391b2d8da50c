//! How servers are isolated: for all of them, and what a single one says.

use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;

use super::documented_images;

/// The trust store that containers get.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CaCertificates {
    /// The system's own bundle, and the one the login shell names.
    #[default]
    Auto,
    /// This file.
    Path(PathBuf),
    /// Nothing; the image's own store holds.
    None,
}

/// `docker_isolation`: what holds for every server that says nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct IsolationConfig {
    /// The global switch (`mode`, where written, has decided already).
    pub enabled: bool,
    /// Memory of a container, such as `512m`.
    pub memory_limit: String,
    /// Processors of a container, such as `1.0`.
    pub cpu_limit: String,
    /// From the container's start to the answer to `initialize`.
    pub timeout: Duration,
    /// `bridge`, `none`, `host` or a network's name.
    pub network_mode: String,
    /// The registry for images without one in their name.
    pub registry: String,
    /// The image for each runtime; the documented ones unless overridden.
    pub default_images: IndexMap<String, String>,
    /// Further `docker run` flags.
    pub extra_args: Vec<String>,
    /// The trust store that containers get.
    pub ca_certificates: CaCertificates,
    /// The engine's log driver; `None` means that it keeps no protocol.
    pub log_driver: Option<String>,
    /// Size at which the log driver starts a new file.
    pub log_max_size: Option<String>,
    /// How many files the log driver keeps.
    pub log_max_files: Option<String>,
    /// The engine's address; `None` lets us look for it.
    pub endpoint: Option<String>,
}

impl Default for IsolationConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            memory_limit: "512m".to_owned(),
            cpu_limit: "1.0".to_owned(),
            timeout: Duration::from_secs(30),
            network_mode: "bridge".to_owned(),
            registry: "docker.io".to_owned(),
            default_images: documented_images(),
            extra_args: Vec::new(),
            ca_certificates: CaCertificates::Auto,
            log_driver: None,
            log_max_size: None,
            log_max_files: None,
            endpoint: None,
        }
    }
}

/// `isolation` of one server; `None` and empty mean that the global value holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServerIsolation {
    /// Whether this server is isolated; absent follows the global switch.
    pub enabled: Option<bool>,
    /// The image to run in.
    pub image: Option<String>,
    /// `bridge`, `none`, `host` or a network's name.
    pub network_mode: Option<String>,
    /// The working directory inside the container.
    pub working_dir: Option<String>,
    /// Memory, such as `1g`.
    pub memory_limit: Option<String>,
    /// Processors, such as `2.0`.
    pub cpu_limit: Option<String>,
    /// Folders it may see, `host:container[:ro|rw]`.
    pub volumes: Vec<String>,
    /// Further `docker run` flags, added to the global ones.
    pub extra_args: Vec<String>,
    /// Names of refusals that are lifted for this server.
    pub allow_unsafe: Vec<String>,
    /// Whether packages may run their install scripts.
    pub allow_scripts: bool,
    /// Further packages to prepare.
    pub packages: Vec<String>,
    /// The user inside the container.
    pub user: Option<String>,
    /// From the container's start to the answer to `initialize`.
    pub timeout: Option<Duration>,
    /// How many processes and threads it may have.
    pub pids_limit: Option<u32>,
    /// Size of `/tmp` and the home folder.
    pub tmpfs_size: Option<String>,
    /// Whether the image's file system is read-only.
    pub read_only: Option<bool>,
    /// Capabilities it keeps.
    pub cap_add: Vec<String>,
    /// Size of the shared memory.
    pub shm_size: Option<String>,
    /// The engine's log driver.
    pub log_driver: Option<String>,
    /// Size at which the log driver starts a new file.
    pub log_max_size: Option<String>,
    /// How many files the log driver keeps.
    pub log_max_files: Option<String>,
    /// Keys we do not know; they are kept as they are.
    pub extra: serde_json::Map<String, serde_json::Value>,
}
