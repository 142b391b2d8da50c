//! What one flag becomes. Values are read here; mounts are only collected, and held against their policy later.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::mounts::Ask;
use crate::plan::{Device, Network, Note, Port, Tmpfs, Ulimit};
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation, Row};
use crate::sizes;
use crate::spec::Text;

use super::table::{Becomes, Flag};
use super::{Flags, refused};

/// Capabilities that the recipe gives back on request.
pub const CAPABILITIES: &[&str] =
    &["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "NET_BIND_SERVICE", "NET_RAW"];

const KEY: &str = "extra_args";

pub(super) fn switched_off(flag: &Flag, flags: &mut Flags) -> Result<(), Refusal> {
    if matches!(flag.long, "read-only" | "interactive") {
        let note = "isolation-flag-ignored";
        flags.notes.push(Note { key: note, args: vec![("flag", format!("--{}=false", flag.long))] });
    }
    Ok(())
}

pub(super) fn apply(
    flag: &'static Flag,
    value: &str,
    facts: &Facts,
    lifts: &BTreeSet<String>,
    flags: &mut Flags,
) -> Result<(), Refusal> {
    let text = || value.to_owned();
    match flag.becomes {
        Becomes::Ignored => {}
        Becomes::Terminal => flags.notes.push(Note { key: "isolation-terminal-stripped", args: Vec::new() }),
        Becomes::Refused(reason) => return Err(refused(flag, reason)),
        Becomes::Env => flags.env.push(variable(flag, value)?),
        Becomes::Label => {
            let (name, value) = value.split_once('=').unwrap_or((value, ""));
            flags.labels.push((format!("user.{name}"), value.to_owned()));
        }
        Becomes::Volume => flags.volumes.push(Ask::read(value, facts.system.os)?),
        Becomes::Mount => mount(flag, value, flags)?,
        Becomes::Tmpfs => flags.tmpfs.push(tmpfs(value)?),
        Becomes::Cwd => flags.cwd = Some(text()),
        Becomes::User => flags.user = Some(text()),
        Becomes::Group => flags.groups.push(text()),
        Becomes::Hostname => flags.hostname = Some(text()),
        Becomes::Dns => flags.dns.push(text()),
        Becomes::DnsSearch => flags.dns_search.push(text()),
        Becomes::DnsOption => flags.dns_options.push(text()),
        Becomes::Host => flags.extra_hosts.push(text()),
        Becomes::Memory => flags.memory = Some(sizes::memory(KEY, value)?),
        Becomes::MemorySwap => {
            flags.memory_swap = Some(if value == "-1" { -1 } else { sizes::size(KEY, value)?.cast_signed() });
        }
        Becomes::Cpus => flags.nano_cpus = Some(sizes::cpus(KEY, value)?),
        Becomes::CpuShares => flags.cpu_shares = Some(sizes::number(KEY, value, 0, 262_144)?),
        // The kernel's "no limit" is what the limit is there to prevent.
        Becomes::Pids => flags.pids = Some(sizes::number(KEY, value, 1, 65_536)?),
        Becomes::ShmSize => flags.shm_size = Some(sizes::size(KEY, value)?),
        Becomes::Ulimit => flags.ulimits.push(ulimit(flag, value)?),
        // Below zero the host would kill other programs first.
        Becomes::OomScore => flags.oom_score_adj = Some(sizes::number(KEY, value, 0, 1000)?),
        Becomes::StopSignal => flags.stop_signal = Some(text()),
        Becomes::StopTimeout => flags.stop_timeout = Some(sizes::number(KEY, value, 0, 60)?),
        Becomes::Network => flags.network = Some(network(value, lifts, &mut flags.lifted)?),
        Becomes::Port => {
            let port = port(flag, value, lifts, &mut flags.lifted)?;
            flags.ports.push(port);
        }
        Becomes::CapAdd => {
            let capability = capability(value, lifts, &mut flags.lifted)?;
            flags.cap_add.push(capability);
        }
        Becomes::SecurityOption => security_option(flag, value, lifts, flags)?,
        Becomes::Privileged => {
            lift(
                &relaxation::PRIVILEGED,
                "--privileged",
                "it takes the wall away",
                lifts,
                &mut flags.lifted,
            )?;
            flags.privileged = true;
        }
        Becomes::Pid => {
            let on = namespace(flag, value, &relaxation::HOST_PID, lifts, &mut flags.lifted)?;
            flags.namespaces.pid |= on;
        }
        Becomes::Ipc => {
            let on = namespace(flag, value, &relaxation::HOST_IPC, lifts, &mut flags.lifted)?;
            flags.namespaces.ipc |= on;
        }
        Becomes::Uts => {
            let on = namespace(flag, value, &relaxation::HOST_UTS, lifts, &mut flags.lifted)?;
            flags.namespaces.uts |= on;
        }
        Becomes::Userns => {
            let on = namespace(flag, value, &relaxation::HOST_USERNS, lifts, &mut flags.lifted)?;
            flags.namespaces.user |= on;
        }
        Becomes::Cgroupns => {
            let on = namespace(flag, value, &relaxation::HOST_CGROUP, lifts, &mut flags.lifted)?;
            flags.namespaces.cgroup |= on;
        }
        Becomes::Device => {
            lift(
                &relaxation::DEVICE,
                &format!("--device {value}"),
                "it is a device",
                lifts,
                &mut flags.lifted,
            )?;
            flags.devices.push(device(value));
        }
    }
    Ok(())
}

/// Refuses unless `allow_unsafe` has the word, and records that it had.
pub(crate) fn lift(
    row: &'static Row,
    what: &str,
    reason: &str,
    lifts: &BTreeSet<String>,
    lifted: &mut Vec<Relaxation>,
) -> Result<(), Refusal> {
    if !lifts.contains(row.name) {
        return Err(Refusal::Unsafe { what: what.to_owned(), reason: reason.to_owned(), lift: row.name });
    }
    lifted.push(Relaxation::asked(row, what));
    Ok(())
}

/// `network_mode` and `--network` are read alike.
pub(crate) fn network(
    value: &str,
    lifts: &BTreeSet<String>,
    lifted: &mut Vec<Relaxation>,
) -> Result<Network, Refusal> {
    let bad = || Refusal::Value {
        key: "network_mode",
        value: value.to_owned(),
        expected: "bridge, none, host or the name of a network",
        example: "bridge".to_owned(),
    };
    Ok(match value.trim() {
        "" | "bridge" | "default" => Network::Bridge,
        "none" => Network::None,
        "host" => Network::Host,
        container if container.starts_with("container:") => {
            let reason = "it joins the network of another container";
            lift(&relaxation::FOREIGN_NETWORK, &format!("network {container}"), reason, lifts, lifted)?;
            Network::Container(container["container:".len()..].to_owned())
        }
        name if crate::mounts::is_volume_name(name) => Network::Named(name.to_owned()),
        _ => return Err(bad()),
    })
}

/// `cap_add` and `--cap-add` are read alike.
pub(crate) fn capability(
    value: &str,
    lifts: &BTreeSet<String>,
    lifted: &mut Vec<Relaxation>,
) -> Result<String, Refusal> {
    let upper = value.trim().to_ascii_uppercase();
    let name = upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned();
    if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') {
        let expected = "the name of a capability";
        return Err(Refusal::Value {
            key: "cap_add",
            value: value.to_owned(),
            expected,
            example: "CHOWN".to_owned(),
        });
    }
    if CAPABILITIES.contains(&name.as_str()) {
        lifted.push(Relaxation::asked(&relaxation::CAPABILITY, &name));
    } else {
        let reason = "it is a right over the computer, not over the container";
        lift(&relaxation::STRONG_CAPABILITY, &format!("capability {name}"), reason, lifts, lifted)?;
    }
    Ok(name)
}

fn variable(flag: &Flag, value: &str) -> Result<(String, Text), Refusal> {
    match value.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), Text::secret(value))),
        Some(_) => Err(refused(flag, "the variable has no name")),
        None => Err(refused(flag, &format!("write \"{value}\": \"${{env:{value}}}\" into env instead"))),
    }
}

/// `type=bind,source=…,target=…,readonly`.
fn mount(flag: &Flag, value: &str, flags: &mut Flags) -> Result<(), Refusal> {
    let (mut kind, mut source, mut target, mut read_only) = ("volume", None, None, None);
    for field in value.split(',') {
        let (name, value) = field.split_once('=').unwrap_or((field, "true"));
        match name {
            "type" => kind = value,
            "source" | "src" => source = Some(value),
            "target" | "dst" | "destination" => target = Some(value),
            "readonly" | "ro" => read_only = Some(value != "false" && value != "0"),
            "bind-propagation" if matches!(value, "private" | "rprivate") => {}
            "consistency" | "volume-nocopy" | "bind-nonrecursive" => {}
            "tmpfs-size" | "tmpfs-mode" if kind == "tmpfs" => {}
            "volume-opt" | "volume-driver" => {
                return Err(refused(flag, "options can make a volume out of any folder of the computer"));
            }
            other => return Err(refused(flag, &format!("its option {other} is not known here"))),
        }
    }
    let Some(target) = target else { return Err(refused(flag, "it has no target")) };
    if kind == "tmpfs" {
        let size = value.split(',').find_map(|field| field.strip_prefix("tmpfs-size="));
        let size = size.map_or(String::new(), |size| format!(":size={size}"));
        flags.tmpfs.push(tmpfs(&format!("{target}{size}"))?);
        return Ok(());
    }
    let Some(source) = source else { return Err(refused(flag, "an unnamed volume is never removed")) };
    let is_name = crate::mounts::is_volume_name(source);
    if !matches!((kind, is_name), ("bind", false) | ("volume", true)) {
        return Err(refused(flag, "its type and its source do not fit together"));
    }
    let ask = Ask {
        written: format!("--mount {value}"),
        source: source.to_owned(),
        target: target.to_owned(),
        // Unlike docker, without a word it cannot be written: the rule of `volumes` holds here too.
        read_only: read_only.unwrap_or(true),
    };
    ask.check_target()?;
    flags.volumes.push(ask);
    Ok(())
}

/// `TARGET[:OPTIONS]`; what is left unsaid is as strict as ours.
fn tmpfs(value: &str) -> Result<Tmpfs, Refusal> {
    let (target, options) = value.split_once(':').unwrap_or((value, ""));
    let ask = Ask {
        written: format!("--tmpfs {value}"),
        source: String::new(),
        target: target.to_owned(),
        read_only: false,
    };
    ask.check_target()?;
    let mut size = 64 << 20;
    let mut mode = "1777".to_owned();
    let mut exec = "exec";
    for option in options.split(',').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("size", bytes)) => size = sizes::size(KEY, bytes)?,
            Some(("mode", bits)) if bits.chars().all(|bit| ('0'..='7').contains(&bit)) => {
                mode = bits.to_owned()
            }
            None if option == "noexec" => exec = "noexec",
            None if matches!(option, "rw" | "exec" | "nosuid" | "nodev") => {}
            _ => {
                let problem = format!("its option {option} is not known here");
                return Err(Refusal::Volume { volume: ask.written, problem });
            }
        }
    }
    let options = format!("rw,nosuid,nodev,{exec},size={size},nr_inodes=16k,mode={mode}");
    Ok(Tmpfs { target: ask.target, options })
}

fn ulimit(flag: &Flag, value: &str) -> Result<Ulimit, Refusal> {
    let bad = || refused(flag, "write it as nofile=1024:4096");
    let (name, limits) = value.split_once('=').ok_or_else(bad)?;
    if !matches!(name, "core" | "cpu" | "data" | "fsize" | "memlock" | "nofile" | "stack") {
        return Err(refused(flag, &format!("{name} is not limited here")));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let soft: i64 = soft.parse().map_err(|_| bad())?;
    let hard: i64 = hard.parse().map_err(|_| bad())?;
    if name == "core" && (soft, hard) != (0, 0) {
        return Err(refused(flag, "core dumps hold the secrets of a server; core stays 0"));
    }
    Ok(Ulimit { name: name.to_owned(), soft, hard })
}

/// `127.0.0.1:HOST:CONTAINER[/tcp]`; any other address opens the server to the network.
fn port(
    flag: &Flag,
    value: &str,
    lifts: &BTreeSet<String>,
    lifted: &mut Vec<Relaxation>,
) -> Result<Port, Refusal> {
    let bad = || refused(flag, "write it as 127.0.0.1:8080:80");
    let (address, protocol) = value.rsplit_once('/').unwrap_or((value, "tcp"));
    if !matches!(protocol, "tcp" | "udp") {
        return Err(bad());
    }
    let mut parts = address.rsplitn(3, ':');
    let container_port = parts.next().and_then(|port| port.parse().ok()).ok_or_else(bad)?;
    let host_port = match parts.next() {
        None | Some("") => None,
        Some(port) => Some(port.parse().map_err(|_| bad())?),
    };
    let host_ip = parts.next().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if matches!(host_ip.as_str(), "127.0.0.1" | "::1") {
        lifted.push(Relaxation::asked(&relaxation::PORT, value));
    } else {
        let reason = "the port would be open to the network; write 127.0.0.1: before it";
        lift(&relaxation::OPEN_PORT, &format!("-p {value}"), reason, lifts, lifted)?;
    }
    Ok(Port { host_ip, host_port, container_port, protocol: protocol.to_owned() })
}

fn namespace(
    flag: &Flag,
    value: &str,
    row: &'static Row,
    lifts: &BTreeSet<String>,
    lifted: &mut Vec<Relaxation>,
) -> Result<bool, Refusal> {
    match value {
        "" | "private" | "none" => Ok(false),
        "host" => {
            lift(row, &format!("--{}=host", flag.long), "it shares this with the computer", lifts, lifted)?;
            Ok(true)
        }
        _ => Err(refused(flag, "only private is used here")),
    }
}

fn security_option(
    flag: &Flag,
    value: &str,
    lifts: &BTreeSet<String>,
    flags: &mut Flags,
) -> Result<(), Refusal> {
    let (name, rest) = value.split_once(['=', ':']).unwrap_or((value, ""));
    let what = format!("--security-opt {value}");
    let row = match (name, rest) {
        ("no-new-privileges", "" | "true") => return Ok(()),
        ("no-new-privileges", _) => {
            let reason = "programs inside could gain rights";
            lift(&relaxation::NEW_PRIVILEGES, &what, reason, lifts, &mut flags.lifted)?;
            flags.new_privileges = true;
            return Ok(());
        }
        ("seccomp", "unconfined") => &relaxation::SECCOMP,
        ("seccomp" | "systempaths" | "unmask" | "mask", _) => {
            return Err(refused(flag, "the filter and the hidden paths of the engine are kept"));
        }
        ("apparmor", "docker-default" | "default" | "runtime/default") => return Ok(()),
        ("apparmor", _) => &relaxation::APPARMOR,
        ("label", _) => &relaxation::SELINUX,
        _ => return Err(refused(flag, &format!("{name} is not known here"))),
    };
    lift(row, &what, "it takes a part of the wall away", lifts, &mut flags.lifted)?;
    flags.security_options.push(value.replacen(':', "=", 1));
    Ok(())
}

fn device(value: &str) -> Device {
    let mut parts = value.splitn(3, ':');
    let source = parts.next().unwrap_or_default().to_owned();
    let target = parts.next().unwrap_or(&source).to_owned();
    let permissions = parts.next().unwrap_or("rwm").to_owned();
    Device { source, target, permissions }
}
