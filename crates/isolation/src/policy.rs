//! The isolation settings of one server: global and per-server keys already merged, strings as written so
//! that a message can quote them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use indexmap::IndexMap;

/// Which certificate authorities the container trusts beside those of its image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Certificates {
    /// The bundle of this computer, and what `SSL_CERT_FILE` or `NODE_EXTRA_CA_CERTS` name.
    #[default]
    Auto,
    /// One bundle file.
    File(PathBuf),
    /// Only what the image brings.
    None,
}

/// What holds for one server.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// `memory_limit`, such as `512m`.
    pub memory: String,
    /// `cpu_limit`, such as `1.0`.
    pub cpu: String,
    /// `network_mode`: `bridge`, `none`, `host` or a network's name.
    pub network: String,
    /// `isolation.image`; wins over the table.
    pub image: Option<String>,
    /// `default_images`, merged over the shipped map.
    pub default_images: IndexMap<String, String>,
    /// `registry`, put before bare image names.
    pub registry: String,
    /// Global `extra_args`, then those of the server.
    pub extra_args: Vec<String>,
    /// `isolation.volumes`: `source:target[:ro|rw]`.
    pub volumes: Vec<String>,
    /// `isolation.working_dir`, a folder in the container.
    pub working_dir: Option<String>,
    /// `isolation.allow_unsafe`: refusals that this server lifts, by name.
    pub allow_unsafe: BTreeSet<String>,
    /// `isolation.allow_scripts`: packages may run code while they are installed.
    pub allow_scripts: bool,
    /// `isolation.packages`: what to install for `python -m …` and `node FILE`.
    pub packages: Vec<String>,
    /// `ca_certificates`.
    pub certificates: Certificates,
    /// `log_driver`; unset means that the engine keeps nothing.
    pub log_driver: Option<String>,
    /// `log_max_size`, such as `10m`: the size of one file of the log driver.
    pub log_max_size: Option<String>,
    /// `log_max_files`: how many of them it keeps.
    pub log_max_files: Option<String>,
    /// `isolation.user`, numbers only (`1000` or `1000:1000`).
    pub user: Option<String>,
    /// `isolation.pids_limit`.
    pub pids_limit: Option<u32>,
    /// `isolation.tmpfs_size`, the size of HOME.
    pub tmpfs_size: Option<String>,
    /// `isolation.read_only`; unset means yes.
    pub read_only: Option<bool>,
    /// `isolation.cap_add`.
    pub cap_add: Vec<String>,
    /// `isolation.shm_size`.
    pub shm_size: Option<String>,
    /// Proxy and index addresses of this computer: neutral variables that preparing and running both need.
    pub neutral_env: Vec<(String, String)>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            memory: "512m".to_owned(),
            cpu: "1.0".to_owned(),
            network: "bridge".to_owned(),
            image: None,
            default_images: crate::launcher::table::shipped_images(),
            registry: "docker.io".to_owned(),
            extra_args: Vec::new(),
            volumes: Vec::new(),
            working_dir: None,
            allow_unsafe: BTreeSet::new(),
            allow_scripts: false,
            packages: Vec::new(),
            certificates: Certificates::default(),
            log_driver: None,
            log_max_size: None,
            log_max_files: None,
            user: None,
            pids_limit: None,
            tmpfs_size: None,
            read_only: None,
            cap_add: Vec::new(),
            shm_size: None,
            neutral_env: Vec::new(),
        }
    }
}
