//! What of this computer a server gets: what is run, what `volumes` and flags name, and hints for the rest.

use crate::facts::{Facts, Kind, Os};
use crate::flags::Flags;
use crate::launcher::Recipe;
use crate::mounts::{self, Allowed, Ask, path};
use crate::plan::{Mount, MountSource, Note};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::relaxation::{self, Relaxation};
use crate::spec::{ServerSpec, Text};

/// Files of AI clients: who can write them can start programs on this computer.
const CLIENT_FILES: &[&str] =
    &[".mcp.json", ".cursor/mcp.json", ".vscode/mcp.json", "claude_desktop_config.json", "mcp_config.json"];

/// The folders of one server.
#[derive(Default)]
pub(super) struct Folders {
    pub(super) mounts: Vec<Mount>,
    /// Whose files they are: of the first that can be written, else of the first.
    pub(super) owner: Option<(u32, u32)>,
    pub(super) relaxations: Vec<Relaxation>,
    pub(super) notes: Vec<Note>,
}

/// Collects and checks them.
pub(super) fn collect(
    recipe: &mut Recipe,
    policy: &Policy,
    flags: &Flags,
    facts: &Facts,
) -> Result<Folders, Refusal> {
    let mut folders = Folders::default();
    let mut writer = None;
    for line in &policy.volumes {
        let ask = Ask::read(line, facts.system.os)?;
        folders.add_asked(&ask, &mut writer, policy, facts)?;
    }
    for ask in &flags.volumes {
        folders.add_asked(ask, &mut writer, policy, facts)?;
    }
    folders.add_run(recipe, policy, facts)?;
    for folder in recipe.prepare.iter().flat_map(|step| &step.folders) {
        if facts.engine.remote {
            return Err(Refusal::RemoteFolder { path: folder.clone() });
        }
        folders.relaxations.extend(mounts::check(folder, facts, &policy.allow_unsafe)?);
    }
    folders.owner = writer.or(folders.owner);
    Ok(folders)
}

impl Folders {
    fn add_asked(
        &mut self,
        ask: &Ask,
        writer: &mut Option<(u32, u32)>,
        policy: &Policy,
        facts: &Facts,
    ) -> Result<(), Refusal> {
        let allowed = mounts::allow(ask, facts, &policy.allow_unsafe)?;
        if self.mounts.iter().any(|mount| mount.target == allowed.mount.target) {
            let problem = format!("something else is mounted at {} already", allowed.mount.target);
            return Err(Refusal::Volume { volume: ask.written.clone(), problem });
        }
        let is_data = allowed.owner.is_some() || !matches!(allowed.mount.source, MountSource::Bind(_));
        if is_data || facts.engine.remote {
            let row = if ask.read_only { &relaxation::FOLDER_READ } else { &relaxation::FOLDER_WRITE };
            self.relaxations.push(Relaxation::asked(row, &ask.source));
        }
        if !ask.read_only {
            *writer = writer.or(allowed.owner);
        }
        self.put(allowed, &ask.source);
        Ok(())
    }

    /// The project that holds what is run, or only the files themselves.
    fn add_run(&mut self, recipe: &mut Recipe, policy: &Policy, facts: &Facts) -> Result<(), Refusal> {
        let run: Vec<String> = recipe
            .project
            .iter()
            .chain(&recipe.runs)
            .filter(|path| !self.shows(path, facts))
            .cloned()
            .collect();
        if let Some(path) = run.first().filter(|_| facts.engine.remote) {
            return Err(Refusal::RemoteFolder { path: path.clone() });
        }
        for source in run {
            // The project may have brought its files already.
            if self.shows(&source, facts) {
                continue;
            }
            let is_project = recipe.project.as_deref() == Some(source.as_str());
            let target = path::inside(&source, facts.system.os);
            let ask = Ask { written: source.clone(), source: source.clone(), target, read_only: true };
            match mounts::allow(&ask, facts, &policy.allow_unsafe) {
                Ok(allowed) => {
                    if is_project {
                        self.relaxations.push(Relaxation::asked(&relaxation::FOLDER_READ, &source));
                    }
                    self.put(allowed, &source);
                }
                // A project in the home folder itself: its files run, the folder stays outside.
                Err(_) if is_project => {
                    recipe.note("isolation-project-not-mounted", vec![("path", source.clone())]);
                    if let Some(prepare) = &mut recipe.prepare {
                        prepare.folders.retain(|folder| *folder != source);
                    }
                    recipe.cwd = None;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    fn put(&mut self, allowed: Allowed, source: &str) {
        self.owner = self.owner.or(allowed.owner);
        self.relaxations.extend(allowed.lifted);
        let path = || ("path", source.to_owned());
        if allowed.holds.iter().any(|name| name == ".env") {
            self.notes.push(Note { key: "isolation-env-file-visible", args: vec![path()] });
        }
        if let Some(file) = allowed.holds.iter().find(|name| CLIENT_FILES.contains(&name.as_str())) {
            self.notes.push(Note {
                key: "isolation-client-file-visible",
                args: vec![path(), ("file", file.clone())],
            });
        }
        self.mounts.push(allowed.mount);
    }

    /// Whether a path of this computer is visible at its own place.
    fn shows(&self, absolute: &str, facts: &Facts) -> bool {
        let target = path::inside(absolute, facts.system.os);
        self.mounts.iter().any(|mount| {
            let here = path::is_within(&target, &mount.target);
            let rest = target.strip_prefix(&mount.target).unwrap_or_default();
            let fact = facts.paths.get(absolute);
            match &mount.source {
                MountSource::Bind(source) => {
                    let inside = path::comparable(&format!("{source}{rest}"), facts.system.os);
                    here && fact
                        .is_some_and(|fact| path::comparable(&fact.canonical, facts.system.os) == inside)
                }
                _ => false,
            }
        })
    }
}

/// Rewrites arguments that name paths of this computer where they appear elsewhere inside, and says which line in
/// `volumes` is missing for those that appear nowhere.
pub(super) fn arguments(
    words: Vec<Text>,
    spec: &ServerSpec,
    folders: &Folders,
    facts: &Facts,
) -> (Vec<Text>, Vec<Note>) {
    let mut notes = Vec::new();
    let words = words.into_iter().map(|word| argument(word, folders, facts, &mut notes)).collect();
    for (name, value) in &spec.env {
        // The value may be a secret, so only the variable is named.
        let path = path::absolute(value.expose(), None, &facts.system);
        let is_outside = path.is_some_and(|path| {
            facts.paths.get(&path).is_some() && !folders.shows(&path, facts) && !is_of_every_image(&path)
        });
        if is_outside {
            notes.push(Note {
                key: "isolation-variable-path-not-mounted",
                args: vec![("name", name.clone())],
            });
        }
    }
    (words, notes)
}

fn argument(word: Text, folders: &Folders, facts: &Facts, notes: &mut Vec<Note>) -> Text {
    let Text::Plain(text) = &word else { return word };
    let (flag, value) = match text.split_once('=') {
        Some((flag, value)) if flag.starts_with('-') => (format!("{flag}="), value),
        _ => (String::new(), text.as_str()),
    };
    let Some(absolute) = path::absolute(value, None, &facts.system) else { return word };
    let Some(fact) = facts.paths.get(&absolute) else { return word };
    let inside = path::inside(&absolute, facts.system.os);
    // Another folder that the person mounted at this very place is meant, too.
    if folders.mounts.iter().any(|mount| path::is_within(&inside, &mount.target)) {
        let is_same = facts.system.os != Os::Windows && value.starts_with('/');
        return if is_same { word } else { Text::Plain(format!("{flag}{inside}")) };
    }
    if matches!(fact.kind, Kind::File | Kind::Folder) && !is_of_every_image(&absolute) {
        let line = format!("{absolute}:{inside}:ro");
        notes
            .push(Note { key: "isolation-path-not-mounted", args: vec![("path", absolute), ("line", line)] });
    }
    word
}

/// Places that every image has for itself.
fn is_of_every_image(path: &str) -> bool {
    ["/", "/tmp", "/dev/null"].contains(&path)
        || ["/bin", "/usr", "/lib"].iter().any(|own| path::is_within(path, own))
}
