//! What of this computer a container may see: `volumes` lines read, and each source held against the policy.

mod denied;
pub mod path;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::facts::{Facts, Kind, Os};
use crate::plan::{Mount, MountSource};
use crate::refusal::Refusal;
use crate::relaxation::Relaxation;

pub use denied::{Denied, denied, listed};

/// One mount as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The whole line, for messages.
    pub written: String,
    /// A path of this computer, or the name of a volume.
    pub source: String,
    /// The folder in the container.
    pub target: String,
    /// Whether it can be written.
    pub read_only: bool,
}

/// A mount that the policy lets through.
#[derive(Debug, Clone)]
pub struct Allowed {
    /// The mount.
    pub mount: Mount,
    /// What `allow_unsafe` had to lift for it.
    pub lifted: Vec<Relaxation>,
    /// Owner of the source, where that decides the user inside; none for trust stores and volumes.
    pub owner: Option<(u32, u32)>,
    /// What the folder holds that a person should know of.
    pub holds: Vec<String>,
}

impl Ask {
    /// Reads `source:target[:ro|rw]`. Without a suffix it is read-only.
    pub fn read(line: &str, os: Os) -> Result<Self, Refusal> {
        let bad = |problem: &str| Refusal::Volume { volume: line.to_owned(), problem: problem.to_owned() };
        // The colon of a drive letter is no separator.
        let drive = if os == Os::Windows && crate::launcher::is_drive_path(line) { 2 } else { 0 };
        let (source, rest) = match line[drive..].split_once(':') {
            Some((source, rest)) => (format!("{}{source}", &line[..drive]), rest),
            None => return Err(bad("it has no target")),
        };
        let (target, options) = rest.split_once(':').unwrap_or((rest, ""));
        if source.is_empty() {
            return Err(bad("it has no source"));
        }
        let mut read_only = true;
        for option in options.split(',').filter(|option| !option.is_empty()) {
            match option {
                "ro" | "readonly" => read_only = true,
                "rw" => read_only = false,
                // What VM engines once needed, and what is the rule here anyway.
                "cached" | "delegated" | "consistent" | "rprivate" | "private" | "nocopy" => {}
                "z" | "Z" => return Err(bad("relabelling files for SELinux is not done here")),
                _ => return Err(bad(&format!("{option} is neither ro nor rw"))),
            }
        }
        let ask = Self { written: line.to_owned(), source, target: target.to_owned(), read_only };
        ask.check_target()?;
        Ok(ask)
    }

    /// Targets that would hide what the recipe relies on.
    pub fn check_target(&self) -> Result<(), Refusal> {
        let bad = |problem: String| Refusal::Volume { volume: self.written.clone(), problem };
        if !self.target.starts_with('/') {
            return Err(bad("its target must begin with /".to_owned()));
        }
        let target = path::comparable(&self.target, Os::Linux);
        const TAKEN: [&str; 6] = ["/proc", "/sys", "/dev", "/.mcpproxy", "/.mcpproxy-ca", "/run/secrets"];
        if target == "/" || TAKEN.iter().any(|taken| path::is_within(&target, taken)) {
            return Err(bad(format!("nothing can be mounted at {target}")));
        }
        Ok(())
    }
}

/// Whether a source names a volume of the engine rather than a path.
pub fn is_volume_name(source: &str) -> bool {
    let mut letters = source.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
}

/// Holds one asked mount against the policy.
pub fn allow(ask: &Ask, facts: &Facts, lifts: &BTreeSet<String>) -> Result<Allowed, Refusal> {
    let target = path::comparable(&ask.target, Os::Linux);
    if is_volume_name(&ask.source) && !is_drive(&ask.source, facts.system.os) {
        if ask.source.starts_with("mcpproxy-") {
            let problem = "volumes whose name begins with mcpproxy- are ours".to_owned();
            return Err(Refusal::Volume { volume: ask.written.clone(), problem });
        }
        let mount =
            Mount { source: MountSource::Volume(ask.source.clone()), target, read_only: ask.read_only };
        return Ok(Allowed { mount, lifted: Vec::new(), owner: None, holds: Vec::new() });
    }
    if facts.engine.remote {
        return on_remote_engine(ask, target, lifts);
    }
    let absolute = path::absolute(&ask.source, None, &facts.system).ok_or_else(|| Refusal::Volume {
        volume: ask.written.clone(),
        problem: "its source must be a whole path or the name of a volume".to_owned(),
    })?;
    let lifted = check(&absolute, facts, lifts)?;
    let Some(fact) = facts.paths.get(&absolute) else {
        return Err(Refusal::FolderMissing { path: absolute });
    };
    let is_trust_store = denied::is_trust_store(&fact.canonical, fact.kind, facts.system.os);
    let mount = Mount { source: MountSource::Bind(fact.canonical.clone()), target, read_only: ask.read_only };
    let owner = fact.owner.filter(|_| !is_trust_store);
    Ok(Allowed { mount, lifted, owner, holds: fact.holds.clone() })
}

/// Checks a path of this computer, as written and where it leads. Returns what `allow_unsafe` lifted.
pub fn check(absolute: &str, facts: &Facts, lifts: &BTreeSet<String>) -> Result<Vec<Relaxation>, Refusal> {
    let fact = facts.paths.get(absolute);
    if facts.system.os == Os::Windows && absolute.starts_with(r"\\") && !denied::is_pipe(absolute) {
        let problem = "folders of other computers cannot be mounted".to_owned();
        return Err(Refusal::Volume { volume: absolute.to_owned(), problem });
    }
    let canonical = fact.map_or(absolute, |fact| fact.canonical.as_str());
    let kind = fact.map(|fact| fact.kind);
    if kind.is_some_and(|kind| denied::is_trust_store(canonical, kind, facts.system.os)) {
        return Ok(Vec::new());
    }
    let mut hits = denied(absolute, kind, facts);
    hits.extend(denied(canonical, kind, facts));
    if let Some(fact) = fact
        && let Some(socket) = fact.holds.iter().find(|name| denied::is_engine_socket(name))
    {
        hits.push(Denied::holds(socket));
    }
    hits.sort_by_key(Denied::rank);
    let covered = |hit: &Denied| {
        let has = |name: &str| lifts.contains(name);
        // Who opens a whole tree has said yes to what lies in it.
        has(hit.row.name) || has("root") || (hit.encloses && has("home"))
    };
    if let Some(hit) = hits.iter().find(|hit| !covered(hit)) {
        return Err(Refusal::Unsafe {
            what: absolute.to_owned(),
            reason: hit.reason.clone(),
            lift: hit.row.name,
        });
    }
    let mut lifted: Vec<Relaxation> = Vec::new();
    for hit in hits {
        if !lifted.iter().any(|relaxed| relaxed.row == hit.row) {
            lifted.push(Relaxation::asked(hit.row, absolute));
        }
    }
    Ok(lifted)
}

fn is_drive(source: &str, os: Os) -> bool {
    os == Os::Windows && source.len() == 1
}

/// Only the other computer knows its paths, so nothing can be checked: the person must have said so.
fn on_remote_engine(ask: &Ask, target: String, lifts: &BTreeSet<String>) -> Result<Allowed, Refusal> {
    let row = &crate::relaxation::REMOTE_FOLDER;
    if !lifts.contains(row.name) || !ask.source.starts_with('/') {
        return Err(Refusal::RemoteFolder { path: ask.source.clone() });
    }
    let mount = Mount { source: MountSource::Bind(ask.source.clone()), target, read_only: ask.read_only };
    let lifted = vec![Relaxation::asked(row, &ask.source)];
    Ok(Allowed { mount, lifted, owner: None, holds: Vec::new() })
}

/// Whether something is a folder or a plain file, which is all that can be mounted without a lift.
pub fn is_mountable(kind: Kind) -> bool {
    matches!(kind, Kind::File | Kind::Folder)
}
