//! What an engine says about itself, reduced to what decides how servers run in it.
use serde::Deserialize;

use super::endpoint::Endpoint;
use crate::facts::{EngineFacts, Transport};

/// The oldest API this program speaks: Engine 20.10.
pub const OLDEST_API: ApiVersion = ApiVersion(1, 41);
/// The newest API this program knows.
pub const NEWEST_API: ApiVersion = ApiVersion(1, 52);

/// A version of the engine's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(pub u16, pub u16);

impl ApiVersion {
    /// Reads `1.41`.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.trim().split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Who made the engine, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// The plain Docker Engine.
    Docker,
    /// Docker Desktop.
    DockerDesktop,
    /// OrbStack.
    OrbStack,
    /// Colima.
    Colima,
    /// Rancher Desktop.
    RancherDesktop,
    /// A Lima machine.
    Lima,
    /// Podman through its Docker API.
    Podman,
}

impl Product {
    /// The name as its makers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::DockerDesktop => "Docker Desktop",
            Self::OrbStack => "OrbStack",
            Self::Colima => "Colima",
            Self::RancherDesktop => "Rancher Desktop",
            Self::Lima => "Lima",
            Self::Podman => "Podman",
        }
    }

    /// True when the engine runs in a virtual machine that shares folders of this computer.
    pub const fn in_machine(self) -> bool {
        matches!(
            self,
            Self::DockerDesktop | Self::OrbStack | Self::Colima | Self::RancherDesktop | Self::Lima
        )
    }
}

/// Which limits the engine enforces; a false one would be dropped in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Memory.
    pub memory: bool,
    /// Memory and swap together.
    pub swap: bool,
    /// Number of processes.
    pub pids: bool,
    /// Processor time.
    pub cpu: bool,
}

impl Limits {
    /// The names of the limits that do not hold.
    pub fn missing(self) -> Vec<&'static str> {
        [(self.memory, "memory"), (self.swap, "swap"), (self.pids, "processes"), (self.cpu, "cpu")]
            .into_iter()
            .filter_map(|(holds, name)| (!holds).then_some(name))
            .collect()
    }
}

/// An engine that answered, and what matters about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Where it answered.
    pub endpoint: Endpoint,
    /// Its own identity: two paths to one engine have the same.
    pub id: String,
    /// Its version, such as `28.3.0`.
    pub version: String,
    /// The API version spoken with it.
    pub api: ApiVersion,
    /// Who made it.
    pub product: Product,
    /// The system it reports to run on, such as `Debian GNU/Linux 12`.
    pub system: String,
    /// The architecture of its programs, in Go's words: `amd64`, `arm64`.
    pub arch: String,
    /// True when it runs without root on its host.
    pub rootless: bool,
    /// True when it maps users of containers to others on its host.
    pub userns: bool,
    /// Which limits it enforces.
    pub limits: Limits,
    /// True when it sees other files than this computer.
    pub remote: bool,
    /// Its security options, as reported.
    pub security: Vec<String>,
    /// True when it was installed as a snap, which takes protections away.
    pub snap: bool,
    /// Control groups: 1 or 2.
    pub cgroup: u8,
    /// Memory in bytes.
    pub memory_total: u64,
    /// Processors.
    pub cpus: u32,
}

impl EngineInfo {
    /// Product and version for people: `OrbStack, engine 28.3`.
    pub fn title(&self) -> String {
        format!("{}, engine {}", self.product.name(), self.version)
    }
}

impl From<&EngineInfo> for EngineFacts {
    fn from(info: &EngineInfo) -> Self {
        let (transport, socket) = match &info.endpoint {
            Endpoint::Unix(path) => (Transport::Unix, Some(path.display().to_string())),
            Endpoint::Pipe(name) => (Transport::Pipe, Some(name.clone())),
            Endpoint::Tcp { host, .. } => (Transport::Tcp { host: host.clone(), tls: false }, None),
        };
        Self {
            api: (info.api.0, info.api.1),
            arch: info.arch.clone(),
            transport,
            socket,
            rootless: info.rootless,
            userns_remap: info.userns,
            desktop: matches!(info.product, Product::DockerDesktop | Product::OrbStack),
            podman: info.product == Product::Podman,
            remote: info.remote,
            memory_limit: info.limits.memory,
            swap_limit: info.limits.swap,
            pids_limit: info.limits.pids,
            cpu_limit: info.limits.cpu,
            seccomp: info.security.iter().any(|option| option.contains("name=seccomp")),
        }
    }
}

/// `GET /version`, as far as it is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Version {
    pub(crate) version: String,
    pub(crate) api_version: String,
    #[serde(rename = "MinAPIVersion")]
    pub(crate) min_api_version: String,
    pub(crate) os: String,
    pub(crate) arch: String,
    pub(crate) components: Vec<Component>,
}

/// One part of an engine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Component {
    pub(crate) name: String,
}

/// `GET /info`, as far as it is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Info {
    #[serde(rename = "ID")]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) operating_system: String,
    #[serde(rename = "OSType")]
    pub(crate) os_type: String,
    pub(crate) architecture: String,
    pub(crate) docker_root_dir: String,
    pub(crate) memory_limit: bool,
    pub(crate) swap_limit: bool,
    pub(crate) pids_limit: bool,
    pub(crate) cpu_cfs_quota: bool,
    pub(crate) cgroup_version: String,
    pub(crate) security_options: Option<Vec<String>>,
    pub(crate) mem_total: u64,
    #[serde(rename = "NCPU")]
    pub(crate) ncpu: u32,
}

/// The version to speak with an engine, or which side is too old.
pub(crate) enum Agreement {
    Speak(ApiVersion),
    EngineTooOld(ApiVersion),
    WeAreTooOld(ApiVersion),
    Unreadable,
}

/// The newest version both sides know.
pub(crate) fn agree(version: &Version, pinned: Option<ApiVersion>) -> Agreement {
    let Some(theirs) = ApiVersion::parse(&version.api_version) else { return Agreement::Unreadable };
    if theirs < OLDEST_API {
        return Agreement::EngineTooOld(theirs);
    }
    let newest = pinned.filter(|pin| (OLDEST_API..=NEWEST_API).contains(pin)).unwrap_or(NEWEST_API);
    let spoken = theirs.min(newest);
    match ApiVersion::parse(&version.min_api_version) {
        Some(least) if spoken < least => Agreement::WeAreTooOld(least),
        _ => Agreement::Speak(spoken),
    }
}

/// Joins what the engine told into the facts; `hint` is the product whose address was used.
pub(crate) fn gather(
    endpoint: Endpoint,
    hint: Option<Product>,
    api: ApiVersion,
    version: Version,
    info: Info,
) -> EngineInfo {
    let security = info.security_options.clone().unwrap_or_default();
    let secured = |name: &str| {
        security.iter().any(|option| option.split(',').any(|part| part == format!("name={name}")))
    };
    let arch = if version.arch.is_empty() { go_arch(&info.architecture) } else { version.arch.clone() };
    EngineInfo {
        remote: endpoint.is_remote(),
        id: if info.id.is_empty() { format!("{}@{endpoint}", info.name) } else { info.id.clone() },
        api,
        product: product(&version, &info, hint),
        system: info.operating_system,
        arch,
        rootless: secured("rootless"),
        userns: secured("userns"),
        limits: Limits {
            memory: info.memory_limit,
            swap: info.swap_limit,
            pids: info.pids_limit,
            cpu: info.cpu_cfs_quota,
        },
        snap: info.docker_root_dir.starts_with("/var/snap/"),
        cgroup: if info.cgroup_version == "2" { 2 } else { 1 },
        memory_total: info.mem_total,
        cpus: info.ncpu,
        version: version.version,
        security,
        endpoint,
    }
}

fn product(version: &Version, info: &Info, hint: Option<Product>) -> Product {
    if version.components.iter().any(|part| part.name.contains("Podman")) {
        return Product::Podman;
    }
    match info.operating_system.as_str() {
        "Docker Desktop" => return Product::DockerDesktop,
        "OrbStack" => return Product::OrbStack,
        _ => {}
    }
    match info.name.as_str() {
        "colima" => Product::Colima,
        name if name.starts_with("colima-") => Product::Colima,
        name if name.starts_with("lima-rancher-desktop") => Product::RancherDesktop,
        name if name.starts_with("lima-") => Product::Lima,
        // An address that only one product uses tells the rest.
        _ => hint.filter(|product| product.in_machine()).unwrap_or(Product::Docker),
    }
}

/// The kernel's word for an architecture in Go's words.
fn go_arch(machine: &str) -> String {
    match machine {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(api: &str, least: &str) -> Version {
        Version { api_version: api.into(), min_api_version: least.into(), ..Version::default() }
    }

    #[test]
    fn both_sides_speak_the_newest_version_they_share() {
        assert!(matches!(agree(&version("1.41", "1.12"), None), Agreement::Speak(ApiVersion(1, 41))));
        assert!(matches!(agree(&version("1.60", "1.44"), None), Agreement::Speak(NEWEST_API)));
        assert!(matches!(
            agree(&version("1.50", "1.24"), Some(ApiVersion(1, 43))),
            Agreement::Speak(ApiVersion(1, 43))
        ));
    }

    #[test]
    fn a_side_that_is_too_old_is_named() {
        assert!(matches!(agree(&version("1.40", ""), None), Agreement::EngineTooOld(ApiVersion(1, 40))));
        assert!(matches!(agree(&version("1.99", "1.70"), None), Agreement::WeAreTooOld(ApiVersion(1, 70))));
        assert!(matches!(agree(&version("soon", ""), None), Agreement::Unreadable));
    }

    #[test]
    fn limits_that_do_not_hold_are_listed() {
        let limits = Limits { memory: false, swap: true, pids: true, cpu: false };
        assert_eq!(limits.missing(), ["memory", "cpu"]);
    }

    #[test]
    fn the_engine_tells_product_and_mode() {
        let info: Info = serde_json::from_str(
            r#"{"ID":"A:B","OperatingSystem":"Docker Desktop","SecurityOptions":["name=seccomp,profile=default","name=rootless","name=userns"],
                "MemoryLimit":true,"CgroupVersion":"2","NCPU":4,"MemTotal":8,"DockerRootDir":"/var/snap/docker/x"}"#,
        )
        .unwrap();
        let facts = gather(
            Endpoint::unix("/x"),
            None,
            OLDEST_API,
            Version { arch: "arm64".into(), ..Version::default() },
            info,
        );
        assert_eq!(facts.product, Product::DockerDesktop);
        assert!(facts.rootless && facts.userns && facts.snap && !facts.remote);
        assert_eq!((facts.cgroup, facts.arch.as_str(), facts.limits.missing().len()), (2, "arm64", 3));
    }
}
