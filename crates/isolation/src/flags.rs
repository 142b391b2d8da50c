//! `extra_args` read as the docker command reads the flags of `docker run`. Each flag is a row: what it takes and
//! what it becomes. A flag without a row is refused by name, so nothing that we do not know reaches the engine.

mod apply;
mod table;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::mounts::Ask;
use crate::plan::{Device, HostNamespaces, Network, Note, Port, Tmpfs, Ulimit};
use crate::refusal::Refusal;
use crate::relaxation::Relaxation;
use crate::spec::Text;

pub use apply::CAPABILITIES;
pub(crate) use apply::{capability, lift, network};
use table::{Flag, Takes};

/// What the flags ask for, each field absent when no flag named it.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `-e NAME=VALUE`.
    pub env: Vec<(String, Text)>,
    /// `-v`, `--mount`: still to be held against the mount policy.
    pub volumes: Vec<Ask>,
    /// `--tmpfs`.
    pub tmpfs: Vec<Tmpfs>,
    /// `-w`.
    pub cwd: Option<String>,
    /// `-u`.
    pub user: Option<String>,
    /// `--group-add`.
    pub groups: Vec<String>,
    /// `-h`.
    pub hostname: Option<String>,
    /// `--dns`.
    pub dns: Vec<String>,
    /// `--dns-search`.
    pub dns_search: Vec<String>,
    /// `--dns-option`.
    pub dns_options: Vec<String>,
    /// `--add-host`.
    pub extra_hosts: Vec<String>,
    /// `-m`.
    pub memory: Option<u64>,
    /// `--memory-swap`.
    pub memory_swap: Option<i64>,
    /// `--cpus`.
    pub nano_cpus: Option<i64>,
    /// `-c`.
    pub cpu_shares: Option<i64>,
    /// `--pids-limit`.
    pub pids: Option<i64>,
    /// `--shm-size`.
    pub shm_size: Option<u64>,
    /// `--ulimit`.
    pub ulimits: Vec<Ulimit>,
    /// `--oom-score-adj`.
    pub oom_score_adj: Option<i64>,
    /// `--stop-signal`.
    pub stop_signal: Option<String>,
    /// `--stop-timeout`.
    pub stop_timeout: Option<i64>,
    /// `--network`.
    pub network: Option<Network>,
    /// `-p`.
    pub ports: Vec<Port>,
    /// `--cap-add`.
    pub cap_add: Vec<String>,
    /// `-l`, kept under `user.`.
    pub labels: Vec<(String, String)>,
    /// `--device`.
    pub devices: Vec<Device>,
    /// `--privileged`.
    pub privileged: bool,
    /// `--pid host` and the like.
    pub namespaces: HostNamespaces,
    /// `--security-opt`.
    pub security_options: Vec<String>,
    /// `--security-opt no-new-privileges=false`.
    pub new_privileges: bool,
    /// What `allow_unsafe` lifted.
    pub lifted: Vec<Relaxation>,
    /// Remarks.
    pub notes: Vec<Note>,
}

/// Reads the flags of `extra_args`.
pub fn read(args: &[String], facts: &Facts, lifts: &BTreeSet<String>) -> Result<Flags, Refusal> {
    let mut flags = Flags::default();
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let Some(body) = word.strip_prefix('-').filter(|body| !body.is_empty() && *body != "-") else {
            return Err(Refusal::Flag {
                flag: word.clone(),
                reason: "it is no flag; the image and the command come from the server's own settings"
                    .to_owned(),
            });
        };
        let mut next = || words.next().cloned();
        match body.strip_prefix('-') {
            Some(long) => long_flag(long, &mut next, facts, lifts, &mut flags)?,
            None => short_flags(body, &mut next, facts, lifts, &mut flags)?,
        }
    }
    Ok(flags)
}

/// Whether a long flag of `docker run` takes no value; unknown ones are taken to have one.
pub fn is_switch(long: &str) -> bool {
    table::long(long).is_some_and(|flag| flag.takes == Takes::Nothing)
}

fn long_flag(
    body: &str,
    next: &mut dyn FnMut() -> Option<String>,
    facts: &Facts,
    lifts: &BTreeSet<String>,
    flags: &mut Flags,
) -> Result<(), Refusal> {
    let (name, glued) = match body.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (body, None),
    };
    let flag = table::long(name).ok_or_else(|| Refusal::UnknownFlag { flag: format!("--{name}") })?;
    let value = match (flag.takes, glued) {
        (Takes::Nothing, Some(value)) => match value.as_str() {
            "true" | "1" | "t" | "T" | "TRUE" | "True" => String::new(),
            // A switch turned off is a flag not given; only those that weaken when off say something.
            "false" | "0" | "f" | "F" | "FALSE" | "False" => return apply::switched_off(flag, flags),
            _ => return Err(refused(flag, "its value must be true or false")),
        },
        (Takes::Nothing, None) => String::new(),
        (Takes::Value, Some(value)) => value,
        (Takes::Value, None) => next().ok_or_else(|| refused(flag, "its value is missing"))?,
    };
    apply::apply(flag, &value, facts, lifts, flags)
}

/// `-it`, `-eA=B`, `-p 8080:80`: switches may be grouped, the first flag with a value takes the rest.
fn short_flags(
    group: &str,
    next: &mut dyn FnMut() -> Option<String>,
    facts: &Facts,
    lifts: &BTreeSet<String>,
    flags: &mut Flags,
) -> Result<(), Refusal> {
    let mut rest = group.chars();
    while let Some(letter) = rest.next() {
        let flag = table::short(letter).ok_or_else(|| Refusal::UnknownFlag { flag: format!("-{letter}") })?;
        if flag.takes == Takes::Nothing {
            apply::apply(flag, "", facts, lifts, flags)?;
            continue;
        }
        let glued = rest.as_str();
        let value = match glued.strip_prefix('=').unwrap_or(glued) {
            "" if glued.is_empty() => next().ok_or_else(|| refused(flag, "its value is missing"))?,
            value => value.to_owned(),
        };
        return apply::apply(flag, &value, facts, lifts, flags);
    }
    Ok(())
}

fn refused(flag: &Flag, reason: &str) -> Refusal {
    Refusal::Flag { flag: format!("--{}", flag.long), reason: reason.to_owned() }
}
