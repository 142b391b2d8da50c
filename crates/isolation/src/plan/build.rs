//! The pure function: what is configured and what the world offers become a plan, or a refusal that says why not.

use std::collections::BTreeMap;

use crate::arguments;
use crate::docker_line;
use crate::facts::{Facts, Transport};
use crate::flags::{self, Flags};
use crate::launcher::{self, Launch, Recipe, Runtime, table};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};
use crate::sizes;
use crate::spec::{ServerSpec, Text};

use super::container::{
    Capabilities, Container, Limits, LogDriver, Mount, MountSource, Network, Role, Tmpfs, Ulimit, User,
};
use super::{
    CERTIFICATES_DIR, CERTIFICATES_FILE, DATA_DIR, HOME_DIR, Note, Placement, Plan, STATE_DATA_DIR,
    STATE_DIR, folders, image, labels, prepare, user,
};

/// Plans where and how a server runs.
pub fn plan(spec: &ServerSpec, policy: &Policy, facts: &Facts) -> Result<Plan, Refusal> {
    check_lifts(policy)?;
    let mut recipe = launcher::choose(spec, policy, facts)?;
    if let Some(own) = recipe.own_container.take() {
        return Ok(own_container(spec, recipe, own));
    }
    let flags = flags::read(&policy.extra_args, facts, &policy.allow_unsafe)?;
    let mut relaxations = flags.lifted.clone();
    let mut notes = flags.notes.clone();

    let network = match flags.network.clone() {
        Some(network) => network,
        None => flags::network(&policy.network, &policy.allow_unsafe, &mut relaxations)?,
    };
    relaxations.extend(network_relaxation(&network));
    let limits = limits(policy, &flags, &mut relaxations)?;
    let folders = folders::collect(&mut recipe, policy, &flags, facts)?;
    let written_user = flags.user.as_deref().or(policy.user.as_deref());
    let chosen = user::choose(written_user, folders.owner, facts)?;
    check_tcp_engine(&network, recipe.prepare.is_some(), policy, facts, &mut relaxations)?;

    let (image, image_key) = image::choose(&recipe, policy, facts.engine.podman);
    let known = recipe.package.as_deref().and_then(|package| table::known(package_name(package)));
    let keeps_data = known.is_some_and(|known| known.keeps_data);
    let mut mounts = folders.mounts.clone();
    if chosen.binds_read_only {
        mounts.iter_mut().for_each(|mount| mount.read_only |= matches!(mount.source, MountSource::Bind(_)));
    }
    own_mounts(&mut mounts, recipe.prepare.is_some(), keeps_data, spec, facts)?;
    if keeps_data {
        relaxations.push(Relaxation {
            row: &relaxation::KEEPS_DATA,
            value: STATE_DIR.to_owned(),
            because: recipe.package.clone(),
        });
    }

    let (argv, hints) = folders::arguments(std::mem::take(&mut recipe.argv), spec, &folders, facts);
    let cwd = working_dir(policy, &flags, &recipe, &mounts, keeps_data)?;
    let mut neutral_env = neutral_variables(&recipe, facts);
    let mut env = variables(spec, &recipe, &flags);
    prepare::addresses(policy, &mut neutral_env, &mut env);
    for (name, value) in known.map(|known| known.env).unwrap_or_default() {
        if !env.iter().any(|(set, _)| set == name) {
            neutral_env.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let container = Container {
        role: Role::Server,
        image,
        argv: arguments::mask(&argv),
        env,
        neutral_env,
        user: chosen.user,
        groups: flags.groups.clone(),
        cwd,
        hostname: hostname(spec, &flags, &network),
        tmpfs: tmpfs(policy, &flags, &limits, chosen.user, &recipe)?,
        mounts,
        limits,
        capabilities: capabilities(policy, &flags, &mut relaxations)?,
        no_new_privileges: !flags.new_privileges,
        security_options: flags.security_options.clone(),
        privileged: flags.privileged,
        host_namespaces: flags.namespaces,
        devices: flags.devices.clone(),
        read_only_root: policy.read_only.unwrap_or(true),
        log: log_driver(policy, &mut relaxations),
        dns: flags.dns.clone(),
        dns_search: flags.dns_search.clone(),
        dns_options: flags.dns_options.clone(),
        extra_hosts: flags.extra_hosts.clone(),
        ports: flags.ports.clone(),
        labels: with_user_labels(labels(&facts.instance, &spec.name, Role::Server.label()), &flags),
        stop_signal: flags.stop_signal.clone().unwrap_or_else(|| "SIGTERM".to_owned()),
        stop_timeout: flags.stop_timeout.unwrap_or(10),
        network,
    };
    if !container.read_only_root {
        relaxations.push(Relaxation::asked(&relaxation::WRITABLE_ROOT, "false"));
    }
    if policy.allow_scripts && recipe.prepare.is_some() {
        relaxations.push(Relaxation::asked(&relaxation::SCRIPTS, "true"));
    }
    if recipe.fetches {
        notes.push(Note { key: "isolation-fetches", args: vec![("launcher", recipe.launcher.clone())] });
    }
    relaxations.extend(folders.relaxations);
    relaxations.extend(chosen.relaxations);
    notes.extend(recipe.notes.clone());
    notes.extend(folders.notes);
    notes.extend(chosen.notes);
    notes.extend(hints);
    notes.extend(engine_notes(facts));

    let command: Vec<Text> =
        std::iter::once(Text::plain(&spec.command)).chain(spec.args.iter().cloned()).collect();
    let docker_run_args = docker_line::arguments(&container, &arguments::mask(&command));
    let prepared = recipe.prepare.as_ref().map(|step| prepare::container(step, &container, policy, facts));
    let prepared_key = recipe.prepare.as_ref().map(|step| prepare::key(step, &container, policy, facts));
    Ok(Plan {
        server: spec.name.clone(),
        placement: Placement::Container,
        launch: if prepared.is_some() { Launch::Prepared } else { Launch::Direct },
        containers: std::iter::once(container).chain(prepared).collect(),
        relaxations,
        notes,
        docker_run_args,
        prepared_key,
        runtime: Runtime { image_key, launcher: recipe.launcher, package: recipe.package.map(shown_package) },
        certificates: facts.certificates.clone(),
        image_is_chosen: policy.image.is_some(),
    })
}

fn check_lifts(policy: &Policy) -> Result<(), Refusal> {
    let unknown = policy.allow_unsafe.iter().find(|name| relaxation::lift(name).is_none());
    unknown.map_or(Ok(()), |name| {
        Err(Refusal::UnknownLift { name: name.clone(), known: relaxation::lifts().join(", ") })
    })
}

fn own_container(spec: &ServerSpec, recipe: Recipe, own: launcher::OwnContainer) -> Plan {
    Plan {
        server: spec.name.clone(),
        placement: Placement::Host,
        containers: Vec::new(),
        relaxations: Vec::new(),
        notes: recipe.notes,
        docker_run_args: own.args.iter().map(|word| word.shown().to_owned()).collect(),
        prepared_key: None,
        runtime: Runtime { image_key: String::new(), launcher: recipe.launcher, package: None },
        launch: Launch::OwnContainer(own),
        certificates: None,
        image_is_chosen: false,
    }
}

fn network_relaxation(network: &Network) -> Option<Relaxation> {
    match network {
        Network::Host => Some(Relaxation::asked(&relaxation::NETWORK_HOST, "host")),
        Network::Named(name) => Some(Relaxation::asked(&relaxation::NETWORK_NAMED, name)),
        // A foreign container's network was lifted by name already.
        Network::None | Network::Bridge | Network::Container(_) => None,
    }
}

/// An engine that listens on plain TCP belongs to whoever reaches the port, and a bridged container reaches every
/// port of this computer but those on its loopback.
fn check_tcp_engine(
    network: &Network,
    prepares: bool,
    policy: &Policy,
    facts: &Facts,
    relaxations: &mut Vec<Relaxation>,
) -> Result<(), Refusal> {
    let Transport::Tcp { host, tls: false } = &facts.engine.transport else { return Ok(()) };
    let name = host.trim_matches(['[', ']']);
    let is_loopback = name == "localhost" || name == "::1" || name.starts_with("127.");
    let is_reachable = match network {
        Network::None => prepares && !is_loopback,
        Network::Host => true,
        Network::Bridge | Network::Named(_) | Network::Container(_) => !is_loopback,
    };
    if !is_reachable {
        return Ok(());
    }
    let reason = "the container could reach it and own the computer; use TLS, or network_mode none";
    flags::lift(
        &relaxation::TCP_ENGINE,
        &format!("the engine at {host}"),
        reason,
        &policy.allow_unsafe,
        relaxations,
    )
}

fn limits(policy: &Policy, flags: &Flags, relaxations: &mut Vec<Relaxation>) -> Result<Limits, Refusal> {
    let memory = match flags.memory {
        Some(memory) => memory,
        None => sizes::memory("memory_limit", &policy.memory)?,
    };
    let nano_cpus = match flags.nano_cpus {
        Some(nano) => nano,
        None => sizes::cpus("cpu_limit", &policy.cpu)?,
    };
    let same = i64::try_from(memory).unwrap_or(i64::MAX);
    let memory_swap = flags.memory_swap.unwrap_or(same);
    if memory_swap != same {
        relaxations.push(Relaxation::asked(&relaxation::SWAP, memory_swap.to_string()));
    }
    let pids = flags.pids.or(policy.pids_limit.map(i64::from)).unwrap_or(256).max(1);
    if pids > 256 {
        relaxations.push(Relaxation::asked(&relaxation::PIDS, pids.to_string()));
    }
    let shm_size = match (flags.shm_size, &policy.shm_size) {
        (Some(size), _) => size,
        (None, Some(text)) => sizes::size("shm_size", text)?,
        (None, None) => 64 << 20,
    };
    // Core dumps hold secrets; a file that grows for ever fills the disk.
    let mut ulimits: Vec<Ulimit> = [("core", 0), ("nofile", 4096), ("fsize", 2 << 30)]
        .map(|(name, limit)| Ulimit { name: name.to_owned(), soft: limit, hard: limit })
        .into();
    for asked in &flags.ulimits {
        relaxations.push(Relaxation::asked(&relaxation::ULIMIT, format!("{}={}", asked.name, asked.hard)));
        ulimits.retain(|own| own.name != asked.name);
        ulimits.push(asked.clone());
    }
    let oom_score_adj = flags.oom_score_adj.unwrap_or(500);
    let cpu_shares = flags.cpu_shares;
    Ok(Limits {
        memory,
        memory_swap,
        nano_cpus: Some(nano_cpus),
        cpu_shares,
        pids,
        shm_size,
        ulimits,
        oom_score_adj,
    })
}

fn capabilities(
    policy: &Policy,
    flags: &Flags,
    relaxations: &mut Vec<Relaxation>,
) -> Result<Capabilities, Refusal> {
    let mut add = flags.cap_add.clone();
    for name in &policy.cap_add {
        add.push(flags::capability(name, &policy.allow_unsafe, relaxations)?);
    }
    add.sort();
    add.dedup();
    Ok(Capabilities { drop: vec!["ALL".to_owned()], add })
}

/// Volumes of our own, and what the person mounted over them.
fn own_mounts(
    mounts: &mut Vec<Mount>,
    is_prepared: bool,
    keeps_data: bool,
    spec: &ServerSpec,
    facts: &Facts,
) -> Result<(), Refusal> {
    let own = [
        (is_prepared, DATA_DIR, MountSource::Packages, true),
        (keeps_data, STATE_DIR, MountSource::State(super::state_volume(&facts.instance, &spec.name)), false),
        // The bundle's own folder cannot be taken: `volumes` refuses it.
    ];
    for (is_wanted, target, source, read_only) in own {
        if !is_wanted {
            continue;
        }
        let taken = mounts.iter().find(|mount| crate::mounts::path::is_within(&mount.target, target));
        match (taken, &source) {
            // Who mounts a folder of their own for the data keeps it there.
            (Some(mount), MountSource::State(_)) if mount.target == STATE_DIR => {}
            (Some(mount), _) => {
                let problem = format!("the server's packages are mounted at {target}; choose another folder");
                return Err(Refusal::Volume { volume: mount.target.clone(), problem });
            }
            (None, _) => mounts.push(Mount { source, target: target.to_owned(), read_only }),
        }
    }
    Ok(())
}

fn working_dir(
    policy: &Policy,
    flags: &Flags,
    recipe: &Recipe,
    mounts: &[Mount],
    keeps_data: bool,
) -> Result<String, Refusal> {
    if let Some(written) = flags.cwd.as_ref().or(policy.working_dir.as_ref()) {
        if !written.starts_with('/') {
            return Err(Refusal::Value {
                key: "working_dir",
                value: written.clone(),
                expected: "a folder in the container",
                example: "/app".to_owned(),
            });
        }
        return Ok(written.clone());
    }
    let is_mounted =
        |folder: &String| mounts.iter().any(|m| crate::mounts::path::is_within(folder, &m.target));
    let default = if keeps_data { STATE_DATA_DIR } else { HOME_DIR };
    Ok(recipe.cwd.clone().filter(is_mounted).unwrap_or_else(|| default.to_owned()))
}

/// Folders in memory count as memory, so together they stay below half of it: full ones then answer "no space"
/// instead of ending the server.
fn tmpfs(
    policy: &Policy,
    flags: &Flags,
    limits: &Limits,
    user: User,
    recipe: &Recipe,
) -> Result<Vec<Tmpfs>, Refusal> {
    const MIB: u64 = 1 << 20;
    let temporary = (limits.memory / 8).clamp(MIB, 256 * MIB);
    let home = match &policy.tmpfs_size {
        Some(text) => sizes::size("tmpfs_size", text)?,
        // What is downloaded at each start has to lie somewhere.
        None if recipe.fetches => (limits.memory / 2).clamp(2 * MIB, 2048 * MIB),
        None => (limits.memory / 4).clamp(2 * MIB, 1024 * MIB),
    };
    let (home, temporary) = (sizes::flag(home), sizes::flag(temporary));
    let User { uid, gid } = user;
    let own = [
        ("/tmp", format!("rw,nosuid,nodev,exec,size={temporary},nr_inodes=16k,mode=1777")),
        (HOME_DIR, format!("rw,nosuid,nodev,exec,size={home},nr_inodes=64k,uid={uid},gid={gid},mode=700")),
        ("/run/secrets", format!("rw,nosuid,nodev,noexec,size=1m,nr_inodes=64,uid={uid},gid={gid},mode=700")),
    ];
    let mut all: Vec<Tmpfs> = flags.tmpfs.clone();
    for (target, options) in own {
        if !all.iter().any(|asked| asked.target == target) {
            all.push(Tmpfs { target: target.to_owned(), options });
        }
    }
    Ok(all)
}

/// Variables that everybody may read. `PATH` stays the image's own.
fn neutral_variables(recipe: &Recipe, facts: &Facts) -> Vec<(String, String)> {
    let fixed =
        [("HOME", HOME_DIR), ("USER", "mcp"), ("LOGNAME", "mcp"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")];
    let mut all: Vec<(String, String)> =
        fixed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    all.extend(recipe.variables.iter().cloned());
    all.extend(certificate_variables(facts));
    all
}

/// What points each ecosystem at the delivered bundle.
pub(super) fn certificate_variables(facts: &Facts) -> Vec<(String, String)> {
    if facts.certificates.is_none() {
        return Vec::new();
    }
    debug_assert!(CERTIFICATES_FILE.starts_with(CERTIFICATES_DIR));
    let mut all: Vec<(String, String)> = [
        "SSL_CERT_FILE",
        "PIP_CERT",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "GIT_SSL_CAINFO",
        "CURL_CA_BUNDLE",
    ]
    .map(|name| (name.to_owned(), CERTIFICATES_FILE.to_owned()))
    .into();
    // The second is the newer name of the first.
    all.extend(["UV_NATIVE_TLS", "UV_SYSTEM_CERTS"].map(|name| (name.to_owned(), "true".to_owned())));
    all
}

/// Variables of the server: its own, those of wrappers, those of flags; later ones win. All are secrets.
fn variables(spec: &ServerSpec, recipe: &Recipe, flags: &Flags) -> Vec<(String, Text)> {
    let mut all: Vec<(String, Text)> = Vec::new();
    for (name, value) in spec.env.iter().chain(&recipe.env).chain(&flags.env) {
        all.retain(|(known, _)| known != name);
        all.push((name.clone(), Text::secret(value.expose())));
    }
    all
}

fn hostname(spec: &ServerSpec, flags: &Flags, network: &Network) -> Option<String> {
    let is_own =
        matches!(network, Network::None | Network::Bridge | Network::Named(_)) && !flags.namespaces.uts;
    is_own.then(|| flags.hostname.clone().unwrap_or_else(|| super::slug(&spec.name, 63)))
}

fn log_driver(policy: &Policy, relaxations: &mut Vec<Relaxation>) -> LogDriver {
    match policy.log_driver.as_deref() {
        None | Some("" | "none") => LogDriver::None,
        Some(name) => {
            relaxations.push(Relaxation::asked(&relaxation::LOG_DRIVER, name));
            LogDriver::Named(name.to_owned())
        }
    }
}

fn with_user_labels(mut labels: BTreeMap<String, String>, flags: &Flags) -> BTreeMap<String, String> {
    labels.extend(flags.labels.iter().cloned());
    labels
}

/// Limits that the engine accepts and does not keep.
fn engine_notes(facts: &Facts) -> Vec<Note> {
    let engine = &facts.engine;
    [
        (engine.memory_limit, "isolation-memory-not-limited"),
        (engine.swap_limit || !engine.memory_limit, "isolation-swap-not-limited"),
        (engine.pids_limit, "isolation-pids-not-limited"),
        (engine.cpu_limit, "isolation-cpu-not-limited"),
        (engine.seccomp, "isolation-calls-not-filtered"),
    ]
    .into_iter()
    .filter(|(holds, _)| !holds)
    .map(|(_, key)| Note { key, args: Vec::new() })
    .collect()
}

/// `mcp-server-git==1.2`, `@scope/name@1.2`: without the version.
fn package_name(package: &str) -> &str {
    let from = usize::from(package.starts_with('@'));
    let end = package[from..].find(['@', '=', '<', '>', '~', '!', '[']).map_or(package.len(), |at| at + from);
    &package[..end]
}

fn shown_package(package: String) -> String {
    arguments::mask_address(&package).unwrap_or(package)
}
