//! What a server is to be: the part of the configuration that decides its process, and nothing else. A server is
//! restarted exactly when its blueprint differs, whatever else in the file was touched.
mod images;

use std::{path::PathBuf, time::Duration};

use indexmap::IndexMap;
use mcpproxy_config::{CaCertificates, Config, IsolationConfig, ServerConfig, Transport};
use mcpproxy_isolation::policy::{Certificates, Policy};

use images::images;

use crate::Placement;

/// One server as it is to be run or reached. Strings are as written: references are resolved at each start.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Blueprint {
    pub name: String,
    pub target: Target,
    /// How long it may take from its start to its answer to `initialize`.
    pub timeout: Duration,
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Target {
    /// In a container of ours.
    Container(Process, Box<Policy>),
    /// On this computer.
    Host(Process),
    /// Its command starts a container itself.
    OwnContainer(Process),
    /// Elsewhere.
    Remote(Endpoint),
}

/// A command to run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Process {
    pub command: String,
    pub args: Vec<String>,
    pub env: IndexMap<String, String>,
    pub working_dir: Option<PathBuf>,
}

/// An address to reach.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Endpoint {
    pub url: String,
    pub headers: IndexMap<String, String>,
    pub protocol: mcpproxy_config::Protocol,
}

impl Blueprint {
    /// The blueprint of one server.
    pub(crate) fn new(config: &Config, server: &ServerConfig) -> Self {
        let placement = placement(config, server);
        let process = || Process {
            command: server.command.clone().unwrap_or_default(),
            args: server.args.clone(),
            env: server.env.clone(),
            working_dir: server.working_dir.clone(),
        };
        let init_timeout = server.init_timeout.unwrap_or(config.init_timeout);
        let (target, timeout) = match placement {
            Placement::Container => (
                Target::Container(process(), Box::new(policy(&config.isolation, server))),
                server.isolation.timeout.unwrap_or(config.isolation.timeout),
            ),
            Placement::Host => (Target::Host(process()), init_timeout),
            Placement::OwnContainer => (Target::OwnContainer(process()), init_timeout),
            Placement::Remote => (Target::Remote(endpoint(server)), init_timeout),
        };
        Self { name: server.name.clone(), target, timeout }
    }

    pub(crate) const fn placement(&self) -> Placement {
        match self.target {
            Target::Container(..) => Placement::Container,
            Target::Host(_) => Placement::Host,
            Target::OwnContainer(_) => Placement::OwnContainer,
            Target::Remote(_) => Placement::Remote,
        }
    }

    /// Whether it cannot run without an engine. It then waits, and never runs on the host instead.
    pub(crate) const fn needs_engine(&self) -> bool {
        matches!(self.target, Target::Container(..))
    }
}

/// Where a server belongs. First match decides.
pub(crate) fn placement(config: &Config, server: &ServerConfig) -> Placement {
    if server.transport() != Transport::Process {
        return Placement::Remote;
    }
    if server.command.as_deref().is_some_and(starts_containers) {
        return Placement::OwnContainer;
    }
    if config.isolation.enabled && server.isolation.enabled != Some(false) {
        return Placement::Container;
    }
    Placement::Host
}

/// Whether a server asks for isolation while the global switch, which gates it, is off.
pub(crate) fn isolation_ignored(config: &Config, server: &ServerConfig) -> bool {
    server.isolation.enabled == Some(true)
        && !config.isolation.enabled
        && placement(config, server) == Placement::Host
}

/// Whether a command is one that starts containers by itself: by its base name, so that a folder called
/// `docker-tools` decides nothing.
pub(crate) fn starts_containers(command: &str) -> bool {
    let base = command.trim().rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let base = [".exe", ".cmd", ".bat"].iter().find_map(|end| base.strip_suffix(end)).unwrap_or(&base);
    matches!(base, "docker" | "podman" | "nerdctl")
}

fn endpoint(server: &ServerConfig) -> Endpoint {
    Endpoint {
        url: server.url.clone().unwrap_or_default(),
        headers: server.headers.clone(),
        protocol: server.protocol,
    }
}

/// The server's own settings over the global ones; `extra_args` add up. What this computer adds (`neutral_env`) is
/// taken at each start, so that an answer which comes late restarts nobody.
fn policy(global: &IsolationConfig, server: &ServerConfig) -> Policy {
    let own = &server.isolation;
    let or = |own: &Option<String>, global: &String| own.clone().unwrap_or_else(|| global.clone());
    Policy {
        memory: or(&own.memory_limit, &global.memory_limit),
        cpu: or(&own.cpu_limit, &global.cpu_limit),
        network: or(&own.network_mode, &global.network_mode),
        image: own.image.clone(),
        default_images: images(&global.default_images, server),
        registry: global.registry.clone(),
        extra_args: [global.extra_args.as_slice(), own.extra_args.as_slice()].concat(),
        volumes: own.volumes.clone(),
        working_dir: own.working_dir.clone(),
        allow_unsafe: own.allow_unsafe.iter().cloned().collect(),
        allow_scripts: own.allow_scripts,
        packages: own.packages.clone(),
        certificates: match &global.ca_certificates {
            CaCertificates::Auto => Certificates::Auto,
            CaCertificates::Path(path) => Certificates::File(path.clone()),
            CaCertificates::None => Certificates::None,
        },
        log_driver: own.log_driver.clone().or_else(|| global.log_driver.clone()),
        log_max_size: own.log_max_size.clone().or_else(|| global.log_max_size.clone()),
        log_max_files: own.log_max_files.clone().or_else(|| global.log_max_files.clone()),
        user: own.user.clone(),
        pids_limit: own.pids_limit,
        tmpfs_size: own.tmpfs_size.clone(),
        read_only: own.read_only,
        cap_add: own.cap_add.clone(),
        shm_size: own.shm_size.clone(),
        neutral_env: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
