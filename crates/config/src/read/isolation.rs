//! `docker_isolation` and a server's `isolation`.

use super::fields::{Fields, Reader};
use super::top::ANY_TIMEOUT;
use super::tree::Node;
use crate::known;
use crate::{CaCertificates, IsolationConfig, ServerIsolation, WarningKind};

/// What `mode` says; where it is written it stands above `enabled`.
#[derive(Clone, Copy)]
enum Mode {
    Docker,
    Sandbox,
    None,
}

const MODES: &[(&str, Mode)] = &[("docker", Mode::Docker), ("sandbox", Mode::Sandbox), ("none", Mode::None)];

/// The names of refusals that `allow_unsafe` may lift are not checked here: the policy that refuses knows them.
pub(crate) fn global(reader: &mut Reader<'_>, node: &Node) -> IsolationConfig {
    let default = IsolationConfig::default();
    let mut fields = Fields::open(reader, node, "docker_isolation", &known::ISOLATION);
    let mut default_images = default.default_images;
    for (runtime, image) in fields.map("default_images") {
        default_images.insert(runtime, image);
    }
    IsolationConfig {
        enabled: switch(&mut fields).unwrap_or(default.enabled),
        memory_limit: fields.size("memory_limit").unwrap_or(default.memory_limit),
        cpu_limit: fields.cpus("cpu_limit").unwrap_or(default.cpu_limit),
        timeout: fields.duration("timeout", ANY_TIMEOUT).unwrap_or(default.timeout),
        network_mode: network(&mut fields).unwrap_or(default.network_mode),
        registry: fields.filled_text("registry").unwrap_or(default.registry),
        default_images,
        extra_args: fields.list("extra_args"),
        ca_certificates: certificates(&mut fields),
        log_driver: fields.filled_text("log_driver"),
        log_max_size: fields.filled_text("log_max_size"),
        log_max_files: fields.filled_text("log_max_files"),
        endpoint: fields.filled_text("endpoint"),
    }
}

pub(crate) fn of_server(reader: &mut Reader<'_>, node: &Node) -> ServerIsolation {
    let mut fields = Fields::open(reader, node, "isolation", &known::SERVER_ISOLATION);
    ServerIsolation {
        enabled: switch(&mut fields),
        image: fields.filled_text("image"),
        network_mode: network(&mut fields),
        working_dir: fields.filled_text("working_dir"),
        memory_limit: fields.size("memory_limit"),
        cpu_limit: fields.cpus("cpu_limit"),
        volumes: fields.list("volumes"),
        extra_args: fields.list("extra_args"),
        allow_unsafe: fields.list("allow_unsafe"),
        allow_scripts: fields.flag("allow_scripts").unwrap_or(false),
        packages: fields.list("packages"),
        user: fields.filled_text("user"),
        timeout: fields.duration("timeout", ANY_TIMEOUT),
        pids_limit: fields.small_number("pids_limit", 1..=4_194_304),
        tmpfs_size: fields.size("tmpfs_size"),
        read_only: fields.flag("read_only"),
        cap_add: fields.list("cap_add"),
        shm_size: fields.size("shm_size"),
        log_driver: fields.filled_text("log_driver"),
        log_max_size: fields.filled_text("log_max_size"),
        log_max_files: fields.filled_text("log_max_files"),
        extra: super::server::unread(node, &known::SERVER_ISOLATION),
    }
}

/// `enabled`, unless `mode` has decided.
fn switch(fields: &mut Fields<'_, '_, '_>) -> Option<bool> {
    let enabled = fields.flag("enabled");
    match fields.word("mode", MODES) {
        Some(Mode::Docker) => Some(true),
        Some(Mode::None) => Some(false),
        Some(Mode::Sandbox) => {
            let (path, offset) = (fields.path_of("mode"), fields.get("mode").map_or(0, |node| node.start));
            fields.reader.warn(WarningKind::ModeUnavailable, path, offset);
            enabled
        }
        None => enabled,
    }
}

fn network(fields: &mut Fields<'_, '_, '_>) -> Option<String> {
    let network = fields.filled_text("network_mode")?;
    let good = !network.contains(char::is_whitespace);
    if !good && let Some(node) = fields.get("network_mode") {
        fields.wrong("network_mode", node, "bridge, none, host or the name of a network", None);
    }
    good.then_some(network)
}

fn certificates(fields: &mut Fields<'_, '_, '_>) -> CaCertificates {
    match fields.filled_text("ca_certificates").as_deref() {
        None | Some("auto") => CaCertificates::Auto,
        Some("none") => CaCertificates::None,
        Some(path) => CaCertificates::Path(fields.reader.expand(path)),
    }
}
