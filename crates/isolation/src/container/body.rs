//! One planned container as the engine's request: the recipe, field by field.
//!
//! Everything here can be read by anybody who may inspect the container. Command, secrets and arguments are therefore
//! not in it; they travel in the preamble.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};

use super::delivery::{PROGRAM_DIR, PROGRAM_PATH};
use crate::engine::{
    ContainerCreateBody, DeviceMapping, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum,
    HostConfigLogConfig, Mount, MountBindOptions, MountBindOptionsPropagationEnum, MountType,
    MountVolumeOptions, PortBinding, ResourcesUlimits,
};
use crate::plan::{CERTIFICATES_DIR, Container, LogDriver, MountSource};

/// A tmpfs over what the image declares as a volume: else it would be a writable folder on the engine's disk.
const OVER_VOLUME: &str = "rw,nosuid,nodev,noexec,size=1m,nr_inodes=64,mode=1777";
/// The label with the hash of the request.
const SPEC_LABEL: &str = "com.mcpproxy.spec";

/// The names of the volumes that stand behind a container's mounts.
pub(super) struct Volumes<'a> {
    /// With the program that is PID 1.
    pub(super) program: &'a str,
    /// With the certificate bundle.
    pub(super) certificates: Option<&'a str>,
    /// With the server's packages.
    pub(super) packages: Option<&'a str>,
    /// Folders that the image declares as volumes.
    pub(super) of_image: &'a [String],
}

/// The request. `None` when packages are to be mounted and none are prepared.
pub(super) fn of(container: &Container, volumes: &Volumes<'_>) -> Option<ContainerCreateBody> {
    let environment = container.neutral_env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut body = ContainerCreateBody {
        image: Some(container.image.clone()),
        entrypoint: Some(vec![PROGRAM_PATH.to_owned()]),
        cmd: None,
        user: Some(container.user.to_string()),
        working_dir: Some(container.cwd.clone()).filter(|path| !path.is_empty()),
        env: Some(environment),
        hostname: container.hostname.clone(),
        open_stdin: Some(true),
        stdin_once: Some(true),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(false),
        // Checks of the image's would run programs within our limits; MCP's ping asks better.
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }),
        stop_signal: Some(container.stop_signal.clone()).filter(|signal| !signal.is_empty()),
        stop_timeout: Some(container.stop_timeout),
        exposed_ports: exposed(container),
        host_config: Some(host_config(container, volumes)?),
        ..ContainerCreateBody::default()
    };
    let mut labels: HashMap<String, String> = container.labels.clone().into_iter().collect();
    labels.insert(SPEC_LABEL.to_owned(), fingerprint(&body, &container.labels));
    body.labels = Some(labels);
    Some(body)
}

fn host_config(container: &Container, volumes: &Volumes<'_>) -> Option<HostConfig> {
    let limits = &container.limits;
    let host = |shared: bool| if shared { "host".to_owned() } else { String::new() };
    let namespaces = &container.host_namespaces;
    let mut security = container.security_options.clone();
    if container.no_new_privileges {
        security.push("no-new-privileges".to_owned());
    }
    Some(HostConfig {
        readonly_rootfs: Some(container.read_only_root),
        tmpfs: Some(tmpfs(container, volumes.of_image)),
        mounts: Some(mounts(container, volumes)?),
        cap_drop: filled(&container.capabilities.drop),
        cap_add: filled(&container.capabilities.add),
        privileged: Some(container.privileged),
        security_opt: Some(security),
        group_add: filled(&container.groups),
        pids_limit: Some(limits.pids),
        memory: Some(i64::try_from(limits.memory).unwrap_or(i64::MAX)),
        memory_swap: Some(limits.memory_swap),
        nano_cpus: limits.nano_cpus,
        cpu_shares: limits.cpu_shares,
        shm_size: Some(i64::try_from(limits.shm_size).unwrap_or(i64::MAX)),
        oom_score_adj: Some(limits.oom_score_adj),
        ulimits: Some(limits.ulimits.iter().map(ulimit).collect()),
        network_mode: Some(container.network.mode()),
        dns: filled(&container.dns),
        dns_search: filled(&container.dns_search),
        dns_options: filled(&container.dns_options),
        extra_hosts: filled(&container.extra_hosts),
        port_bindings: bindings(container),
        pid_mode: Some(host(namespaces.pid)),
        uts_mode: Some(host(namespaces.uts)),
        userns_mode: Some(host(namespaces.user)),
        ipc_mode: Some(if namespaces.ipc { "host".to_owned() } else { "private".to_owned() }),
        cgroupns_mode: Some(if namespaces.cgroup {
            HostConfigCgroupnsModeEnum::HOST
        } else {
            HostConfigCgroupnsModeEnum::PRIVATE
        }),
        devices: Some(container.devices.iter().map(device).collect()),
        log_config: Some(log(&container.log)),
        auto_remove: Some(true),
        init: Some(false),
        ..HostConfig::default()
    })
}

fn log(driver: &LogDriver) -> HostConfigLogConfig {
    let config = match driver {
        LogDriver::Named { options, .. } if !options.is_empty() => {
            Some(options.clone().into_iter().collect())
        }
        LogDriver::None | LogDriver::Named { .. } => None,
    };
    HostConfigLogConfig { typ: Some(driver.name().to_owned()), config }
}

/// Empty lists stay away: for some fields the engine takes an empty list for an order.
fn filled(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}

fn tmpfs(container: &Container, of_image: &[String]) -> HashMap<String, String> {
    let mounted = |path: &str| container.mounts.iter().any(|mount| mount.target == path);
    let over =
        of_image.iter().filter(|path| !mounted(path)).map(|path| (path.clone(), OVER_VOLUME.to_owned()));
    let own = container.tmpfs.iter().map(|tmpfs| (tmpfs.target.clone(), tmpfs.options.clone()));
    over.chain(own).collect()
}

fn mounts(container: &Container, volumes: &Volumes<'_>) -> Option<Vec<Mount>> {
    let mut mounts = vec![volume(volumes.program, PROGRAM_DIR, true)];
    mounts.extend(volumes.certificates.map(|name| volume(name, CERTIFICATES_DIR, true)));
    for mount in &container.mounts {
        mounts.push(match &mount.source {
            MountSource::Bind(path) => bind(path, &mount.target, mount.read_only),
            MountSource::Volume(name) | MountSource::State(name) => {
                volume(name, &mount.target, mount.read_only)
            }
            MountSource::Packages => volume(volumes.packages?, &mount.target, mount.read_only),
        });
    }
    Some(mounts)
}

fn volume(name: &str, target: &str, read_only: bool) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name.to_owned()),
        target: Some(target.to_owned()),
        read_only: Some(read_only),
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }
}

/// Below API 1.44 a read-only bind leaves what is mounted beneath it writable, so that is hidden altogether.
fn bind(path: &str, target: &str, read_only: bool) -> Mount {
    Mount {
        typ: Some(MountType::BIND),
        source: Some(path.to_owned()),
        target: Some(target.to_owned()),
        read_only: Some(read_only),
        bind_options: Some(MountBindOptions {
            propagation: Some(MountBindOptionsPropagationEnum::RPRIVATE),
            non_recursive: Some(read_only),
            ..MountBindOptions::default()
        }),
        ..Mount::default()
    }
}

fn ulimit(limit: &crate::plan::Ulimit) -> ResourcesUlimits {
    ResourcesUlimits { name: Some(limit.name.clone()), soft: Some(limit.soft), hard: Some(limit.hard) }
}

fn device(device: &crate::plan::Device) -> DeviceMapping {
    DeviceMapping {
        path_on_host: Some(device.source.clone()),
        path_in_container: Some(device.target.clone()),
        cgroup_permissions: Some(device.permissions.clone()),
    }
}

fn exposed(container: &Container) -> Option<Vec<String>> {
    let ports: Vec<String> =
        container.ports.iter().map(|port| format!("{}/{}", port.container_port, port.protocol)).collect();
    (!ports.is_empty()).then_some(ports)
}

fn bindings(container: &Container) -> Option<HashMap<String, Option<Vec<PortBinding>>>> {
    let mut bindings: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for port in &container.ports {
        let binding = PortBinding {
            host_ip: Some(port.host_ip.clone()),
            host_port: port.host_port.map(|port| port.to_string()),
        };
        let of_port = bindings.entry(format!("{}/{}", port.container_port, port.protocol)).or_default();
        of_port.get_or_insert_default().push(binding);
    }
    (!bindings.is_empty()).then_some(bindings)
}

/// What the request amounts to, for comparing; the same plan has the same one.
fn fingerprint(body: &ContainerCreateBody, labels: &BTreeMap<String, String>) -> String {
    // A JSON value keeps its keys in order of insertion, which for maps of the request is none: sort them.
    let sorted = |map: Option<&HashMap<String, String>>| {
        map.map(|map| map.clone().into_iter().collect::<BTreeMap<_, _>>()).unwrap_or_default()
    };
    let tmpfs = sorted(body.host_config.as_ref().and_then(|host| host.tmpfs.as_ref()));
    let log = body.host_config.as_ref().and_then(|host| host.log_config.as_ref());
    let log = sorted(log.and_then(|log| log.config.as_ref()));
    let mut plain = body.clone();
    if let Some(host) = &mut plain.host_config {
        host.tmpfs = None;
        if let Some(log) = &mut host.log_config {
            log.config = None;
        }
    }
    let text = serde_json::json!([plain, tmpfs, log, labels]).to_string();
    Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
