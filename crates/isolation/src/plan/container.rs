//! One container of a plan: each field names the field of the Engine API that it becomes.

use std::collections::BTreeMap;
use std::fmt;

use crate::spec::Text;

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs the server.
    Server,
    /// Fetches its packages, once.
    Prepare,
    /// Only carries files into a volume; never started.
    Helper,
    /// Will hold the network that a server joins.
    Holder,
}

impl Role {
    /// The value of the label `com.mcpproxy.kind`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Prepare => "prepare",
            Self::Helper => "helper",
            Self::Holder => "holder",
        }
    }
}

/// The user inside, always numbers: names would need a passwd entry in the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl User {
    /// The user of every container that needs no file of the person's.
    pub const NOBODY: Self = Self { uid: 65532, gid: 65532 };
    /// Root without any capability.
    pub const ROOT: Self = Self { uid: 0, gid: 0 };
}

impl fmt::Display for User {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.uid, self.gid)
    }
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// A path of this computer, canonical.
    Bind(String),
    /// A volume that the person named; its options must be checked before use.
    Volume(String),
    /// The volume with the server's packages; who prepares it knows its name.
    Packages,
    /// The server's own data, kept between restarts: the name of the volume.
    State(String),
}

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What.
    pub source: MountSource,
    /// Where in the container.
    pub target: String,
    /// Whether it can be written.
    pub read_only: bool,
}

/// A folder in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    /// Where.
    pub target: String,
    /// Mount options as the engine takes them.
    pub options: String,
}

/// A `ulimit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    /// Such as `nofile`.
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}

/// What a container may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of memory and swap together; the same number means no swap.
    pub memory_swap: i64,
    /// Billionths of a CPU; none means all.
    pub nano_cpus: Option<i64>,
    /// Relative weight of CPU.
    pub cpu_shares: Option<i64>,
    /// Processes and threads.
    pub pids: i64,
    /// Bytes of `/dev/shm`.
    pub shm_size: u64,
    /// Files, cores, file size.
    pub ulimits: Vec<Ulimit>,
    /// How gladly the host kills it when memory is short.
    pub oom_score_adj: i64,
}

/// The network of a container; `mode` is the one place that turns it into the engine's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    /// None but loopback.
    None,
    /// The engine's bridge: internet, local network and this computer.
    Bridge,
    /// This computer's own.
    Host,
    /// A network that the person made.
    Named(String),
    /// The network of another container.
    Container(String),
}

impl Network {
    /// `HostConfig.NetworkMode`.
    pub fn mode(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Bridge => "bridge".to_owned(),
            Self::Host => "host".to_owned(),
            Self::Named(name) => name.clone(),
            Self::Container(id) => format!("container:{id}"),
        }
    }
}

/// Capabilities of the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Always `ALL`, unless privileged.
    pub drop: Vec<String>,
    /// Named ones that the person gave back.
    pub add: Vec<String>,
}

/// Who keeps the output on the engine's disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogDriver {
    /// Nobody: what passes here is the protocol.
    None,
    /// What the person set.
    Named {
        /// The driver.
        name: String,
        /// How much it keeps: `HostConfig.LogConfig.Config`.
        options: BTreeMap<String, String>,
    },
}

impl LogDriver {
    /// `HostConfig.LogConfig.Type`.
    pub fn name(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Named { name, .. } => name,
        }
    }
}

/// Namespaces shared with the host; each true one needs its name in `allow_unsafe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostNamespaces {
    /// `--pid host`. The shim is then not PID 1 and must never signal "everybody".
    pub pid: bool,
    /// `--ipc host`.
    pub ipc: bool,
    /// `--uts host`.
    pub uts: bool,
    /// `--userns host`.
    pub user: bool,
    /// `--cgroupns host`.
    pub cgroup: bool,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// On the host.
    pub source: String,
    /// In the container.
    pub target: String,
    /// Some of `rwm`.
    pub permissions: String,
}

/// A port of the container that is open on this computer's loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Loopback address.
    pub host_ip: String,
    /// Port of the host, or any free one.
    pub host_port: Option<u16>,
    /// Port in the container.
    pub container_port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// One container.
#[derive(Debug, Clone)]
pub struct Container {
    /// What it is for.
    pub role: Role,
    /// Full image reference.
    pub image: String,
    /// What the shim executes (for a prepared server: what follows the entry). Never part of the API request.
    pub argv: Vec<Text>,
    /// Variables that travel in the shim's preamble; every value is a secret.
    pub env: Vec<(String, Text)>,
    /// Variables that everybody may see: `HOME`, `PATH`, caches, certificates.
    pub neutral_env: Vec<(String, String)>,
    /// User inside.
    pub user: User,
    /// Supplementary groups.
    pub groups: Vec<String>,
    /// Folder the process starts in.
    pub cwd: String,
    /// Host name; none where the network forbids one.
    pub hostname: Option<String>,
    /// Volumes and folders.
    pub mounts: Vec<Mount>,
    /// Folders in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Limits.
    pub limits: Limits,
    /// Network.
    pub network: Network,
    /// Capabilities.
    pub capabilities: Capabilities,
    /// `no-new-privileges`.
    pub no_new_privileges: bool,
    /// Further `SecurityOpt` values.
    pub security_options: Vec<String>,
    /// Full access to the host.
    pub privileged: bool,
    /// Namespaces shared with the host.
    pub host_namespaces: HostNamespaces,
    /// Devices of the host.
    pub devices: Vec<Device>,
    /// Whether the image's files cannot be changed.
    pub read_only_root: bool,
    /// Who keeps the output.
    pub log: LogDriver,
    /// `--dns`.
    pub dns: Vec<String>,
    /// `--dns-search`.
    pub dns_search: Vec<String>,
    /// `--dns-option`.
    pub dns_options: Vec<String>,
    /// `--add-host`.
    pub extra_hosts: Vec<String>,
    /// Ports on loopback.
    pub ports: Vec<Port>,
    /// Ownership and what the person added under `user.`.
    pub labels: BTreeMap<String, String>,
    /// Signal that asks it to end.
    pub stop_signal: String,
    /// Seconds until it is killed.
    pub stop_timeout: i64,
}
