//! What a container may use: memory, CPUs, processes, files, folders in memory, capabilities.

use crate::flags::{self, Flags};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};
use crate::sizes;

use super::{Capabilities, HOME_DIR, Limits, Tmpfs, Ulimit, User};

pub(super) fn limits(
    policy: &Policy,
    flags: &Flags,
    relaxations: &mut Vec<Relaxation>,
) -> Result<Limits, Refusal> {
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

pub(super) fn capabilities(
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

/// Folders in memory count as memory, so together they stay below half of it: full ones then answer "no space"
/// instead of ending the server.
pub(super) fn tmpfs(
    policy: &Policy,
    flags: &Flags,
    limits: &Limits,
    user: User,
    fetches: bool,
) -> Result<Vec<Tmpfs>, Refusal> {
    const MIB: u64 = 1 << 20;
    let temporary = (limits.memory / 8).clamp(MIB, 256 * MIB);
    let home = match &policy.tmpfs_size {
        Some(text) => sizes::size("tmpfs_size", text)?,
        // What is downloaded at each start has to lie somewhere.
        None if fetches => (limits.memory / 2).clamp(2 * MIB, 2048 * MIB),
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
