//! The container that fetches packages once: the same walls, with network, without secrets and without files of the
//! person's but the project whose packages it installs.

use sha2::{Digest, Sha256};

use crate::arguments::mask;
use crate::facts::Facts;
use crate::launcher::Prepare;
use crate::mounts::path;
use crate::policy::Policy;
use crate::spec::Text;

use super::container::{Capabilities, Container, LogDriver, Mount, MountSource, Network, Role, Tmpfs, User};
use super::{DATA_DIR, HOME_DIR, STATE_DIR, labels, variables};

/// Changes when what a script writes into `/mcpproxy` changes, so that older volumes are not taken for prepared.
const LAYOUT: &str = "2";

/// The preparing container of a server.
pub(super) fn container(step: &Prepare, server: &Container, policy: &Policy, facts: &Facts) -> Container {
    let words = ["/bin/sh", "-c", step.script.text(), "prepare"];
    let mut neutral_env: Vec<(String, String)> = vec![
        ("HOME".to_owned(), HOME_DIR.to_owned()),
        ("TMPDIR".to_owned(), "/tmp".to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
    ];
    neutral_env.extend(step.script.variables().iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    neutral_env.extend(variables::of_certificates(facts));
    if policy.allow_scripts {
        neutral_env.push(("MCPPROXY_ALLOW_SCRIPTS".to_owned(), "1".to_owned()));
    }
    let mut env = step.env.clone();
    variables::addresses(policy, &mut neutral_env, &mut env);
    let mut limits = server.limits.clone();
    limits.memory = limits.memory.max(2 << 30);
    limits.memory_swap = i64::try_from(limits.memory).unwrap_or(i64::MAX);
    limits.nano_cpus = None;
    limits.pids = limits.pids.max(1024);
    Container {
        role: Role::Prepare,
        image: server.image.clone(),
        argv: words.into_iter().map(Text::plain).chain(mask(&step.args)).collect(),
        env,
        neutral_env,
        // The volume belongs to root; without capabilities that is no more than its owner.
        user: User::ROOT,
        groups: Vec::new(),
        cwd: "/tmp".to_owned(),
        hostname: Some("prepare".to_owned()),
        mounts: mounts(step, server, facts),
        tmpfs: tmpfs(),
        limits,
        network: network(&server.network),
        capabilities: Capabilities { drop: vec!["ALL".to_owned()], add: reading(step, facts) },
        no_new_privileges: true,
        security_options: Vec::new(),
        privileged: false,
        host_namespaces: super::HostNamespaces::default(),
        devices: Vec::new(),
        read_only_root: true,
        log: LogDriver::None,
        dns: server.dns.clone(),
        dns_search: server.dns_search.clone(),
        dns_options: server.dns_options.clone(),
        extra_hosts: server.extra_hosts.clone(),
        ports: Vec::new(),
        labels: labels(&facts.instance, super::server_label(server), Role::Prepare.label()),
        stop_signal: "SIGTERM".to_owned(),
        stop_timeout: 2,
    }
}

/// What the prepared packages depend on; the image's digest is added by who knows it.
pub(super) fn key(step: &Prepare, server: &Container, policy: &Policy, facts: &Facts) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    };
    add(LAYOUT);
    add(&format!("{:?}", step.script));
    add(&server.image);
    add(&facts.engine.arch);
    add(if policy.allow_scripts { "scripts" } else { "no scripts" });
    step.args.iter().for_each(|word| add(word.expose()));
    for (name, value) in &step.env {
        add(name);
        add(value.expose());
    }
    for folder in &step.folders {
        let print = facts.paths.get(folder).and_then(|fact| fact.fingerprint.clone());
        add(&print.unwrap_or_default());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn mounts(step: &Prepare, server: &Container, facts: &Facts) -> Vec<Mount> {
    let mut mounts =
        vec![Mount { source: MountSource::Packages, target: DATA_DIR.to_owned(), read_only: false }];
    let state = server.mounts.iter().find(|mount| matches!(mount.source, MountSource::State(_)));
    mounts.extend(state.cloned());
    for folder in &step.folders {
        // The plan of the server has checked and mounted these; a package folder of `--from` only lies here.
        let Some(fact) = facts.paths.get(folder) else { continue };
        let target = path::inside(folder, facts.system.os);
        mounts.push(Mount { source: MountSource::Bind(fact.canonical.clone()), target, read_only: true });
    }
    debug_assert!(mounts.iter().all(|mount| mount.target != STATE_DIR || !mount.read_only));
    mounts
}

/// A person's folder is often closed to all but them, and root without capabilities is not them.
fn reading(step: &Prepare, facts: &Facts) -> Vec<String> {
    let needs = !facts.engine.rootless
        && step.folders.iter().any(|folder| {
            facts.paths.get(folder).and_then(|fact| fact.owner).is_some_and(|(uid, _)| uid != 0)
        });
    if needs { vec!["DAC_OVERRIDE".to_owned()] } else { Vec::new() }
}

/// Fetching needs a network; the person's own one where they named one, never the host's.
fn network(server: &Network) -> Network {
    match server {
        Network::Named(name) => Network::Named(name.clone()),
        Network::None | Network::Bridge | Network::Host | Network::Container(_) => Network::Bridge,
    }
}

fn tmpfs() -> Vec<Tmpfs> {
    [
        ("/tmp", "rw,nosuid,nodev,exec,size=1g,mode=1777"),
        (HOME_DIR, "rw,nosuid,nodev,exec,size=256m,mode=700"),
    ]
    .map(|(target, options)| Tmpfs { target: target.to_owned(), options: options.to_owned() })
    .into()
}
