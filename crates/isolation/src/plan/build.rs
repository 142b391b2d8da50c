//! The pure function: what is configured and what the world offers become a plan, or a refusal that says why not.

use std::collections::BTreeMap;

use crate::arguments;
use crate::docker_line;
use crate::facts::Facts;
use crate::flags::{self, Flags};
use crate::launcher::{self, Launch, Recipe, Runtime, table};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};
use crate::spec::{ServerSpec, Text};

use super::hidden::Hidden;
use super::{
    Container, DATA_DIR, HOME_DIR, LogDriver, Mount, MountSource, Network, Note, Placement, Plan, Role,
    STATE_DATA_DIR, STATE_DIR, User, folders, image, labels, limits, log, network, prepare, user, variables,
};

/// Plans where and how a server runs.
pub fn plan(spec: &ServerSpec, policy: &Policy, facts: &Facts) -> Result<Plan, Refusal> {
    let hidden = Hidden::of(spec);
    build(spec, policy, facts, &hidden).map_err(|refusal| hidden.refusal(refusal))
}

fn build(spec: &ServerSpec, policy: &Policy, facts: &Facts, hidden: &Hidden<'_>) -> Result<Plan, Refusal> {
    check_lifts(policy)?;
    let mut recipe = launcher::choose(spec, policy, facts)?;
    recipe.argv = hidden.words(&recipe.argv);
    if let Some(step) = &mut recipe.prepare {
        step.args = hidden.words(&step.args);
    }
    if let Some(own) = recipe.own_container.take() {
        return Ok(own_container(spec, recipe, own));
    }
    let flags = flags::read(&policy.extra_args, facts, &policy.allow_unsafe)?;
    let (relaxations, notes) = (flags.lifted.clone(), flags.notes.clone());
    let mut draft = Draft { spec, policy, facts, recipe, flags, relaxations, notes };
    let (image, image_key) = image::choose(&draft.recipe, policy, facts.engine.podman);
    let server = draft.server(image)?;
    let Draft { recipe, relaxations, mut notes, .. } = draft;
    notes.extend(recipe.notes);
    notes.extend(engine_notes(facts));

    let command = std::iter::once(Text::plain(&spec.command)).chain(spec.args.iter().cloned());
    let docker_run_args = docker_line::arguments(&server, &arguments::mask(&command.collect::<Vec<_>>()));
    let prepared_key = recipe.prepare.as_ref().map(|step| prepare::key(step, &server, policy, facts));
    let prepare = recipe.prepare.as_ref().map(|step| prepare::container(step, &server, policy, facts));
    Ok(Plan {
        server: spec.name.clone(),
        placement: Placement::Container,
        launch: if prepare.is_some() { Launch::Prepared } else { Launch::Direct },
        containers: std::iter::once(server).chain(prepare).collect(),
        relaxations,
        notes,
        docker_run_args,
        prepared_key,
        runtime: Runtime {
            image_key,
            launcher: recipe.launcher,
            package: recipe.package.map(|package| hidden.text(&shown_package(package))),
        },
        certificates: facts.certificates.clone(),
        image_is_chosen: policy.image.is_some(),
    })
}

/// A plan in the making: what it is made from, and what people will have to know of it.
struct Draft<'a> {
    spec: &'a ServerSpec,
    policy: &'a Policy,
    facts: &'a Facts,
    recipe: Recipe,
    flags: Flags,
    relaxations: Vec<Relaxation>,
    notes: Vec<Note>,
}

impl Draft<'_> {
    /// The container that the server runs in.
    fn server(&mut self, image: String) -> Result<Container, Refusal> {
        let (spec, policy, facts) = (self.spec, self.policy, self.facts);
        let prepares = self.recipe.prepare.is_some();
        let (network, note) =
            network::choose(&spec.name, policy, &self.flags, prepares, facts, &mut self.relaxations)?;
        self.notes.extend(note);
        let limits = limits::limits(policy, &self.flags, &mut self.relaxations)?;
        let capabilities = limits::capabilities(policy, &self.flags, &mut self.relaxations)?;
        let known = self.recipe.package.as_deref().and_then(|package| table::known(package_name(package)));
        let (mounts, user, argv) = self.files(known.is_some_and(|known| known.keeps_data))?;
        let mut neutral_env = variables::neutral(&self.recipe, self.facts);
        let env = self.environment(known, &mut neutral_env);
        let (log, note) = log::driver(policy)?;
        self.notes.extend(note);
        self.remark(&log);
        let flags = &self.flags;
        Ok(Container {
            role: Role::Server,
            image,
            argv: arguments::mask(&argv),
            env,
            neutral_env,
            user,
            groups: flags.groups.clone(),
            cwd: working_dir(policy, flags, &self.recipe, &mounts)?,
            hostname: hostname(spec, flags, &network),
            tmpfs: limits::tmpfs(policy, flags, &limits, user, self.recipe.fetches)?,
            mounts,
            limits,
            capabilities,
            no_new_privileges: !flags.new_privileges,
            security_options: flags.security_options.clone(),
            privileged: flags.privileged,
            host_namespaces: flags.namespaces,
            devices: flags.devices.clone(),
            read_only_root: policy.read_only.unwrap_or(true),
            log,
            dns: flags.dns.clone(),
            dns_search: flags.dns_search.clone(),
            dns_options: flags.dns_options.clone(),
            extra_hosts: flags.extra_hosts.clone(),
            ports: flags.ports.clone(),
            labels: with_user_labels(labels(&facts.instance, &spec.name, Role::Server.label()), flags),
            stop_signal: flags.stop_signal.clone().unwrap_or_else(|| "SIGTERM".to_owned()),
            stop_timeout: flags.stop_timeout.unwrap_or(10),
            network,
        })
    }

    /// What is mounted, as whom the server runs because of it, and its arguments with the paths that they then have.
    fn files(&mut self, keeps_data: bool) -> Result<(Vec<Mount>, User, Vec<Text>), Refusal> {
        let (policy, facts) = (self.policy, self.facts);
        let folders = folders::collect(&mut self.recipe, policy, &self.flags, facts)?;
        let written = self.flags.user.as_deref().or(policy.user.as_deref());
        let chosen = user::choose(written, folders.owner, facts)?;
        let mut mounts = folders.mounts.clone();
        if chosen.binds_read_only {
            mounts
                .iter_mut()
                .for_each(|mount| mount.read_only |= matches!(mount.source, MountSource::Bind(_)));
        }
        own_mounts(&mut mounts, self.recipe.prepare.is_some(), keeps_data, self.spec, facts)?;
        if keeps_data {
            let because = self.recipe.package.clone();
            let value = STATE_DATA_DIR.to_owned();
            self.relaxations.push(Relaxation { row: &relaxation::KEEPS_DATA, value, because });
        }
        let argv = std::mem::take(&mut self.recipe.argv);
        let (argv, hints) = folders::arguments(argv, self.spec, &folders, facts);
        self.relaxations.extend(folders.relaxations);
        self.relaxations.extend(chosen.relaxations);
        self.notes.extend(folders.notes.into_iter().chain(chosen.notes).chain(hints));
        Ok((mounts, chosen.user, argv))
    }

    /// The person's variables; what their package is known to need joins the neutral ones.
    fn environment(
        &self,
        known: Option<&table::Known>,
        neutral: &mut Vec<(String, String)>,
    ) -> Vec<(String, Text)> {
        let mut env = variables::secret(self.spec, &self.recipe, &self.flags);
        variables::addresses(self.policy, neutral, &mut env);
        for (name, value) in known.map(|known| known.env).unwrap_or_default() {
            if !env.iter().any(|(set, _)| set == name) {
                neutral.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        env
    }

    /// Relaxations that a plain setting asks for, and remarks on the launcher.
    fn remark(&mut self, log: &LogDriver) {
        let policy = self.policy;
        if let LogDriver::Named { name, .. } = log {
            self.relaxations.push(Relaxation::asked(&relaxation::LOG_DRIVER, name));
        }
        if policy.read_only == Some(false) {
            self.relaxations.push(Relaxation::asked(&relaxation::WRITABLE_ROOT, "false"));
        }
        if policy.allow_scripts && self.recipe.prepare.is_some() {
            self.relaxations.push(Relaxation::asked(&relaxation::SCRIPTS, "true"));
        }
        if self.recipe.fetches {
            let args = vec![("launcher", self.recipe.launcher.clone())];
            self.notes.push(Note { key: "isolation-fetches", args });
        }
    }
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

fn working_dir(policy: &Policy, flags: &Flags, recipe: &Recipe, mounts: &[Mount]) -> Result<String, Refusal> {
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
    let keeps_data = mounts.iter().any(|mount| matches!(mount.source, MountSource::State(_)));
    let default = if keeps_data { STATE_DATA_DIR } else { HOME_DIR };
    Ok(recipe.cwd.clone().filter(is_mounted).unwrap_or_else(|| default.to_owned()))
}

fn hostname(spec: &ServerSpec, flags: &Flags, network: &Network) -> Option<String> {
    let is_own =
        matches!(network, Network::None | Network::Bridge | Network::Named(_)) && !flags.namespaces.uts;
    is_own.then(|| flags.hostname.clone().unwrap_or_else(|| super::slug(&spec.name, 63)))
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
