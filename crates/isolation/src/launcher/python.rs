//! `python -m MODULE`, `python FILE`, `python -c CODE`.

use crate::refusal::Refusal;
use crate::spec::Text;

use super::command::Command;
use super::prepare::{Prepare, Script};
use super::recipe::{Context, Recipe};

/// Interpreter options that take the next word.
const VALUES: &[&str] = &["-W", "-X", "--check-hash-based-pycs"];

/// Files whose presence says what a project needs.
const REQUIREMENTS: &[&str] = &["uv.lock", "requirements.txt", "pyproject.toml"];

pub(super) fn choose(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let mut recipe = Recipe::direct(&command.name, &[command.name.as_str(), "python"], Vec::new());
    let mut at = 0;
    let mut words = Vec::new();
    // `-m` and `-c` end the interpreter's options; in a group such as `-um` they come last.
    let ends = |word: &str| !word.starts_with("--") && (word.ends_with('m') || word.ends_with('c'));
    while let Some(word) = command.args.get(at) {
        let text = word.expose();
        if !text.starts_with('-') || text == "-" || ends(text) {
            break;
        }
        let takes = 1 + usize::from(VALUES.contains(&text));
        words.extend(command.args[at..(at + takes).min(command.args.len())].iter().cloned());
        at += takes;
    }
    let rest = command.args.get(at..).unwrap_or_default();
    let Some(first) = rest.first() else {
        return Err(Refusal::NothingToRun { command: command.name.clone() });
    };
    if first.expose().starts_with('-') {
        if rest.len() < 2 && first.expose() != "-" {
            return Err(Refusal::NothingToRun { command: format!("{} {}", command.name, first.shown()) });
        }
        recipe.project = context.folder.clone().filter(|folder| context.is_project(folder));
        recipe.cwd = recipe.project.as_ref().map(|folder| context.inside(folder));
        words.extend(rest[..2.min(rest.len())].iter().cloned());
        words.extend(argument_files(context, &mut recipe, rest.get(2..).unwrap_or_default()));
    } else {
        words.push(main_file(context, &mut recipe, first)?);
        words.extend(argument_files(context, &mut recipe, &rest[1..]));
    }
    prepare(context, &mut recipe);
    // `python3.12` is no name that every Python image knows; the version chose the image, not the file in it.
    let program = if command.name == "python3" { "python3" } else { "python" };
    recipe.argv = match recipe.prepare {
        Some(_) => words,
        None => std::iter::once(Text::plain(program)).chain(words).collect(),
    };
    Ok(recipe)
}

/// The file that is run. A path of this computer must exist; a bare relative name may mean a file of the image.
pub(super) fn main_file(context: &Context<'_>, recipe: &mut Recipe, word: &Text) -> Result<Text, Refusal> {
    let text = word.expose();
    if let Some((absolute, _)) = context.existing(text) {
        return Ok(context.run_file(recipe, absolute));
    }
    match context.absolute(text) {
        // A custom image may bring the file itself.
        Some(absolute) if context.policy.image.is_none() && context.policy.volumes.is_empty() => {
            Err(Refusal::Missing { path: absolute })
        }
        _ => Ok(word.clone()),
    }
}

/// Arguments that name a script to run (`mcp run server.py`, `fastmcp run server.py:app`) are run too.
pub(super) fn argument_files(context: &Context<'_>, recipe: &mut Recipe, words: &[Text]) -> Vec<Text> {
    words
        .iter()
        .map(|word| {
            let text = word.expose();
            let (path, object) = match text.rsplit_once(".py:") {
                Some((path, object)) => (format!("{path}.py"), format!(":{object}")),
                None => (text.to_owned(), String::new()),
            };
            if !path.ends_with(".py") || path.starts_with('-') {
                return word.clone();
            }
            match context.file(&path) {
                Some((absolute, _)) => {
                    let inside = context.run_file(recipe, absolute);
                    Text::plain(format!("{}{object}", inside.expose()))
                }
                None => word.clone(),
            }
        })
        .collect()
}

/// Packages that the person listed, or that the project lists, are installed first. A custom image is taken to
/// hold what its server needs.
fn prepare(context: &Context<'_>, recipe: &mut Recipe) {
    let listed = &context.policy.packages;
    let project = recipe
        .project
        .clone()
        .filter(|folder| REQUIREMENTS.iter().any(|name| context.holds(folder, name)))
        .filter(|_| context.policy.image.is_none());
    if listed.is_empty() && project.is_none() {
        return;
    }
    let inside = project.as_ref().map(|folder| context.inside(folder)).unwrap_or_default();
    let mut args = vec![Text::Plain(inside), Text::plain("python")];
    args.extend(listed.iter().map(Text::plain));
    recipe.prepare = Some(Prepare {
        script: Script::UvProject,
        args,
        env: Vec::new(),
        folders: project.into_iter().collect(),
    });
}

/// Whether a package is written as a path of this computer.
pub(super) fn looks_like_a_path(text: &str) -> bool {
    text.starts_with(['/', '.', '~']) || super::command::is_drive_path(text) || text.starts_with("file://")
}
