//! What a server can reach, in sentences: keys of the catalogue and what fills them, grouped as the window shows
//! them. Read from the plan alone, so that what a person reads is what runs.

use crate::docker_line;
use crate::launcher::Launch;
use crate::plan::{Container, Mount, MountSource, Network, Plan, STATE_DATA_DIR, STATE_DIR, short_name};
use crate::sizes;

#[cfg(test)]
mod tests;

/// The group that a sentence belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Which files it sees.
    Files,
    /// What it reaches.
    Network,
    /// Which secrets it gets.
    Secrets,
    /// What it may use.
    Limits,
    /// As whom it runs.
    Identity,
    /// In which image, and why.
    Image,
    /// A default that was relaxed.
    Relaxed,
    /// Something to know or to mend.
    Warning,
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Its key in the catalogue.
    pub key: &'static str,
    /// What fills it.
    pub args: Vec<(&'static str, String)>,
    /// Its group.
    pub kind: Kind,
}

impl Sentence {
    fn new(kind: Kind, key: &'static str, args: Vec<(&'static str, String)>) -> Self {
        Self { key, args, kind }
    }
}

/// Every sentence about a plan, in the order of the groups.
pub fn explain(plan: &Plan) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    match (&plan.launch, plan.server_container()) {
        (Launch::OwnContainer(own), _) => {
            let args = vec![("command", own.tool.clone())];
            sentences.push(Sentence::new(Kind::Identity, "explain-own-container", args));
        }
        (_, Some(container)) => {
            files(container, &mut sentences);
            network(container, &mut sentences);
            secrets(container, &mut sentences);
            limits(container, &mut sentences);
            identity(container, &mut sentences);
            image(plan, container, &mut sentences);
        }
        (Launch::Direct | Launch::Prepared, None) => {}
    }
    for relaxation in &plan.relaxations {
        let because = relaxation.because.clone();
        let mut args = vec![("value", relaxation.value.clone()), ("key", relaxation.row.key.to_owned())];
        args.extend(because.map(|package| ("package", package)));
        sentences.push(Sentence::new(Kind::Relaxed, relaxation.row.sentence, args));
    }
    sentences.extend(plan.notes.iter().map(|note| Sentence::new(Kind::Warning, note.key, note.args.clone())));
    sentences
}

/// The equal `docker run` line, ready for a shell, secrets masked.
pub fn docker_run_line(plan: &Plan) -> String {
    docker_line::line(&plan.docker_run_args)
}

fn files(container: &Container, sentences: &mut Vec<Sentence>) {
    let mut push = |key, args| sentences.push(Sentence::new(Kind::Files, key, args));
    let mut sees_none = true;
    for Mount { source, target, read_only } in &container.mounts {
        match source {
            MountSource::Bind(path) => {
                sees_none = false;
                let key = if *read_only { "explain-files-read" } else { "explain-files-write" };
                push(key, vec![("path", path.clone()), ("target", target.clone())]);
            }
            MountSource::Volume(name) => {
                let key = if *read_only { "explain-volume-read" } else { "explain-volume-write" };
                push(key, vec![("name", name.clone()), ("target", target.clone())]);
            }
            // The volume's own root belongs to root; what the server may write lies in a folder of it.
            MountSource::State(_) if target == STATE_DIR => {
                push("explain-files-keeps", vec![("target", STATE_DATA_DIR.to_owned())]);
            }
            MountSource::State(_) => push("explain-files-keeps", vec![("target", target.clone())]),
            MountSource::Packages => {}
        }
    }
    if sees_none {
        sentences.insert(0, Sentence::new(Kind::Files, "explain-files-none", Vec::new()));
    }
}

fn network(container: &Container, sentences: &mut Vec<Sentence>) {
    let (key, args) = match &container.network {
        Network::None => ("explain-network-none", Vec::new()),
        Network::Bridge => ("explain-network-bridge", Vec::new()),
        Network::Host => ("explain-network-host", Vec::new()),
        Network::Named(name) => ("explain-network-named", vec![("name", name.clone())]),
        Network::Container(name) => ("explain-network-container", vec![("name", name.clone())]),
    };
    sentences.push(Sentence::new(Kind::Network, key, args));
    for port in &container.ports {
        let host_port = port.host_port.map_or_else(|| "*".to_owned(), |port| port.to_string());
        let ip = if port.host_ip.is_empty() { "0.0.0.0" } else { &port.host_ip };
        let args = vec![("address", format!("{ip}:{host_port}")), ("port", port.container_port.to_string())];
        sentences.push(Sentence::new(Kind::Network, "explain-network-port", args));
    }
}

fn secrets(container: &Container, sentences: &mut Vec<Sentence>) {
    let names: Vec<&str> = container.env.iter().map(|(name, _)| name.as_str()).collect();
    let sentence = match names.as_slice() {
        [] => Sentence::new(Kind::Secrets, "explain-secrets-none", Vec::new()),
        names => Sentence::new(Kind::Secrets, "explain-secrets-some", vec![("names", names.join(", "))]),
    };
    sentences.push(sentence);
    let hidden = container.argv.iter().filter(|word| word.is_secret()).count();
    if hidden > 0 {
        let args = vec![("count", hidden.to_string())];
        sentences.push(Sentence::new(Kind::Secrets, "explain-secrets-arguments", args));
    }
}

fn limits(container: &Container, sentences: &mut Vec<Sentence>) {
    let limits = &container.limits;
    let cpus = limits.nano_cpus.map_or_else(String::new, |nano| (nano as f64 / 1e9).to_string());
    let args =
        vec![("memory", sizes::shown(limits.memory)), ("cpus", cpus), ("processes", limits.pids.to_string())];
    sentences.push(Sentence::new(Kind::Limits, "explain-limits", args));
}

fn identity(container: &Container, sentences: &mut Vec<Sentence>) {
    let strict = container.read_only_root && container.no_new_privileges && !container.privileged;
    let key = match (container.user.uid, strict) {
        (0, true) => "explain-user-root",
        (_, true) => "explain-user",
        // The relaxation that takes a part away says which.
        (0, false) => "explain-user-root-relaxed",
        (_, false) => "explain-user-relaxed",
    };
    sentences.push(Sentence::new(Kind::Identity, key, vec![("user", container.user.to_string())]));
}

fn image(plan: &Plan, container: &Container, sentences: &mut Vec<Sentence>) {
    let image = short_name(&container.image).to_owned();
    let launcher = plan.runtime.launcher.clone();
    let key = if plan.image_is_chosen { "explain-image-chosen" } else { "explain-image" };
    sentences.push(Sentence::new(Kind::Image, key, vec![("image", image), ("launcher", launcher)]));
    if plan.prepare_container().is_some() {
        let (key, args) = match plan.runtime.package.clone() {
            Some(package) => ("explain-prepared", vec![("package", package)]),
            None => ("explain-prepared-project", Vec::new()),
        };
        sentences.push(Sentence::new(Kind::Image, key, args));
    }
}
