//! The choice of a row: what runs, in which image, what is prepared first, and which files of this computer it is.

use crate::facts::{Facts, Kind, Os, PathFact};
use crate::mounts::path;
use crate::plan::Note;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::spec::{ServerSpec, Text};

use super::command::Command;
use super::own_container::{self, OwnContainer};
use super::prepare::Prepare;
use super::table::{self, Family};
use super::{node, program, python, uv};

/// Names in a folder that make it a project.
const PROJECT_FILES: &[&str] = &["pyproject.toml", "package.json"];

/// What the choice may ask.
pub struct Context<'a> {
    /// The server.
    pub spec: &'a ServerSpec,
    /// Its settings.
    pub policy: &'a Policy,
    /// The world.
    pub facts: &'a Facts,
    /// The folder that relative paths start from.
    pub folder: Option<String>,
}

/// What runs, before the policy on mounts, limits and network is applied.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The launcher as a person would name it.
    pub launcher: String,
    /// Keys into `default_images`, best first.
    pub image_keys: Vec<String>,
    /// An image that the command itself asks for, such as another Python version.
    pub image: Option<String>,
    /// The package as written.
    pub package: Option<String>,
    /// The command: whole, or what follows the prepared entry.
    pub argv: Vec<Text>,
    /// What is fetched before.
    pub prepare: Option<Prepare>,
    /// Files of this computer that are run.
    pub runs: Vec<String>,
    /// The project folder that a run file belongs to.
    pub project: Option<String>,
    /// The folder the process starts in, if the command says so.
    pub cwd: Option<String>,
    /// Variables that wrappers set.
    pub env: Vec<(String, Text)>,
    /// Neutral variables of this runtime.
    pub variables: Vec<(String, String)>,
    /// Downloads what it runs by itself, at each start.
    pub fetches: bool,
    /// Brings its own container.
    pub own_container: Option<OwnContainer>,
    /// Remarks.
    pub notes: Vec<Note>,
}

impl Recipe {
    /// A recipe that runs a command as it is, in the image of the first known key.
    pub fn direct(launcher: &str, keys: &[&str], argv: Vec<Text>) -> Self {
        Self {
            launcher: launcher.to_owned(),
            image_keys: keys.iter().map(|&key| key.to_owned()).collect(),
            image: None,
            package: None,
            argv,
            prepare: None,
            runs: Vec::new(),
            project: None,
            cwd: None,
            env: Vec::new(),
            variables: Vec::new(),
            fetches: false,
            own_container: None,
            notes: Vec::new(),
        }
    }

    /// Adds a remark.
    pub fn note(&mut self, key: &'static str, args: Vec<(&'static str, String)>) {
        self.notes.push(Note { key, args });
    }
}

impl Context<'_> {
    /// The operating system of this computer.
    pub fn os(&self) -> Os {
        self.facts.system.os
    }

    /// A path of this computer as it is looked up.
    pub fn absolute(&self, text: &str) -> Option<String> {
        path::absolute(text, self.folder.as_deref(), &self.facts.system)
    }

    /// A path that exists on this computer, and what lies there.
    pub fn existing(&self, text: &str) -> Option<(String, &PathFact)> {
        let absolute = self.absolute(text)?;
        let fact = self.facts.paths.get(&absolute)?;
        Some((absolute, fact))
    }

    /// A file that exists on this computer.
    pub fn file(&self, text: &str) -> Option<(String, &PathFact)> {
        self.existing(text).filter(|(_, fact)| fact.kind == Kind::File)
    }

    /// Where a path of this computer appears in the container.
    pub fn inside(&self, absolute: &str) -> String {
        path::inside(absolute, self.os())
    }

    /// The nearest folder above a file that holds a project.
    pub fn project_of(&self, absolute: &str) -> Option<String> {
        let mut folder = path::parent(absolute, self.os());
        for _ in 0..4 {
            let here = folder?;
            if self.is_project(&here) {
                return Some(here);
            }
            folder = path::parent(&here, self.os());
        }
        None
    }

    /// Whether a folder holds a project file.
    pub fn is_project(&self, absolute: &str) -> bool {
        self.facts
            .paths
            .get(absolute)
            .is_some_and(|fact| fact.holds.iter().any(|name| PROJECT_FILES.contains(&name.as_str())))
    }

    /// Whether a folder holds a file of this name.
    pub fn holds(&self, absolute: &str, name: &str) -> bool {
        self.facts.paths.get(absolute).is_some_and(|fact| fact.holds.iter().any(|held| held == name))
    }

    /// Puts a file that is run into the recipe and returns the word for it inside.
    pub fn run_file(&self, recipe: &mut Recipe, absolute: String) -> Text {
        let word = Text::plain(self.inside(&absolute));
        if recipe.project.is_none() {
            recipe.project = self.project_of(&absolute);
        }
        recipe.runs.push(absolute);
        word
    }
}

/// Chooses the row for a server.
pub fn choose(spec: &ServerSpec, policy: &Policy, facts: &Facts) -> Result<Recipe, Refusal> {
    let working_dir = spec.working_dir.as_ref().and_then(|folder| folder.to_str());
    let folder = working_dir.and_then(|folder| path::absolute(folder, None, &facts.system));
    let mut context = Context { spec, policy, facts, folder };
    let exists = |text: &str| context.existing(text).is_some();
    let command = Command::read(spec, facts.system.os, &exists)?;
    if let Some(folder) = &command.folder {
        context.folder = context.absolute(folder).or(context.folder);
    }
    let mut recipe = match table::find(&command.name) {
        Some(row) => by_row(&context, &command, row)?,
        None => program::choose(&context, &command)?,
    };
    let mut env = command.env.clone();
    env.append(&mut recipe.env);
    recipe.env = env;
    let key = recipe.image_keys.first().map(String::as_str).unwrap_or_default();
    for (name, value) in table::variables(key) {
        recipe.variables.push(((*name).to_owned(), (*value).to_owned()));
    }
    Ok(recipe)
}

pub(super) fn by_row(
    context: &Context<'_>,
    command: &Command,
    row: &'static table::Row,
) -> Result<Recipe, Refusal> {
    match row.family {
        Family::Uvx => uv::uvx(context, command, &command.args, "uvx"),
        Family::Uv => uv::uv(context, command),
        Family::Pipx => uv::pipx(context, command),
        Family::Python => python::choose(context, command),
        Family::Npx => node::runner(context, command, &command.args, "npx"),
        Family::Npm => node::npm(context, command),
        Family::NodeRunner => node::other_runner(context, command),
        Family::Bun => node::bun(context, command),
        Family::Node => node::node(context, command),
        Family::Deno | Family::Fetcher | Family::Interpreter => program::interpreter(context, command, row),
        Family::Shell => program::shell(context, command, row),
        Family::Container => {
            let mut recipe = Recipe::direct(&command.name, &[row.key], Vec::new());
            let (own, notes) = own_container::read(command);
            recipe.own_container = Some(own);
            recipe.notes = notes;
            Ok(recipe)
        }
        Family::Host => Err(Refusal::NeedsHost { command: command.name.clone() }),
    }
}
