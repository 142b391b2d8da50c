//! Shell scripts, programs of this computer, and interpreters whose files are arguments.

use crate::facts::{Binary, Kind};
use crate::refusal::Refusal;
use crate::spec::Text;

use super::command::{Command, is_drive_path};
use super::node::code_files;
use super::prepare::{Prepare, Script};
use super::recipe::{Context, Recipe};
use super::table::{self, Family, Row};
use super::unwrap::shell_line;
use super::{command, recipe::by_row};

/// A command that no row knows: a program of this computer if it is a path, else a word of the image.
pub(super) fn choose(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let is_path = command.program.contains('/') || is_drive_path(&command.program);
    let found = context.existing(&command.program).filter(|_| is_path);
    let Some((absolute, fact)) = found else {
        return match context.absolute(&command.program).filter(|_| is_path && context.policy.image.is_none())
        {
            Some(path) => Err(Refusal::Missing { path }),
            None => Ok(unknown(context, command)),
        };
    };
    if fact.kind == Kind::Folder {
        return Err(Refusal::Command { command: command.name.clone(), problem: "it is a folder".to_owned() });
    }
    match fact.binary.clone() {
        Some(Binary::MachO) => Err(Refusal::OtherSystem { path: absolute, system: "macOS" }),
        Some(Binary::Pe) => Err(Refusal::OtherSystem { path: absolute, system: "Windows" }),
        Some(Binary::Script(words)) => interpreted(context, command, &words),
        binary => {
            let mut recipe = Recipe::direct(&command.name, &[table::BINARY], Vec::new());
            if binary == Some(Binary::DynamicElf) && context.policy.image.is_none() {
                recipe.image = Some(table::DEBIAN.to_owned());
                recipe.note("isolation-image-glibc", vec![("path", absolute.clone())]);
            }
            let program = context.run_file(&mut recipe, absolute);
            recipe.argv = std::iter::once(program).chain(command.args.iter().cloned()).collect();
            Ok(recipe)
        }
    }
}

/// A script with a first line of its own: `#!/usr/bin/env python3` is `python3 FILE`.
fn interpreted(context: &Context<'_>, script: &Command, first_line: &[String]) -> Result<Recipe, Refusal> {
    let mut words: Vec<Text> = first_line.iter().map(Text::plain).collect();
    words.push(Text::plain(&script.program));
    words.extend(script.args.iter().cloned());
    let spec = crate::spec::ServerSpec {
        command: first_line.first().cloned().unwrap_or_default(),
        args: words.split_off(1),
        ..context.spec.clone()
    };
    let inner = Command::read(&spec, context.os(), &|_| false)?;
    // A script whose interpreter is no row runs by that interpreter, if the image has it.
    match table::find(&inner.name) {
        Some(row) => by_row(context, &inner, row),
        None => {
            let mut recipe = Recipe::direct(&script.name, &[table::BINARY], Vec::new());
            let argv = inner.args.iter().map(|word| match context.file(word.expose()) {
                Some((absolute, _)) => context.run_file(&mut recipe, absolute),
                None => word.clone(),
            });
            recipe.argv = std::iter::once(Text::plain(&inner.program)).chain(argv).collect();
            Ok(recipe)
        }
    }
}

fn unknown(context: &Context<'_>, command: &Command) -> Recipe {
    let mut recipe = Recipe::direct(&command.name, &[table::BINARY], Vec::new());
    if context.policy.image.is_none() {
        recipe.note("isolation-command-unknown", vec![("command", command.name.clone())]);
    }
    recipe.argv =
        std::iter::once(Text::plain(&command.program)).chain(command.args.iter().cloned()).collect();
    recipe
}

/// `sh FILE`, `bash -c SCRIPT`. Alpine has no bash, and a script that starts Python or Node needs their image.
pub(super) fn shell(context: &Context<'_>, command: &Command, row: &'static Row) -> Result<Recipe, Refusal> {
    if command.args.is_empty() {
        return Err(Refusal::NothingToRun { command: command.name.clone() });
    }
    let mut recipe = Recipe::direct(&command.name, &[command.name.as_str(), row.key], Vec::new());
    let mut argv = vec![Text::plain(if row.key == "bash" { "bash" } else { "sh" })];
    if let Some(line) = shell_line(&command.args) {
        let script = command.args.get(line).map(Text::expose).unwrap_or_default();
        if let Some(row) = mentioned(script) {
            recipe.image_keys.insert(0, row.key.to_owned());
            recipe.note("isolation-image-by-script", vec![("launcher", row.names[0].to_owned())]);
            recipe.fetches = matches!(row.family, Family::Npx | Family::Uvx | Family::Uv | Family::Pipx);
        }
        recipe.project = folder_entered(context, script);
        argv.extend(command.args.iter().cloned());
    } else {
        let file = command.args.iter().position(|word| !word.expose().starts_with(['-', '+']));
        let Some(file) = file else { return Err(Refusal::NothingToRun { command: command.name.clone() }) };
        argv.extend(command.args[..file].iter().cloned());
        argv.push(super::python::main_file(context, &mut recipe, &command.args[file])?);
        argv.extend(command.args[file + 1..].iter().cloned());
    }
    let is_alpine =
        |key: &String| context.policy.default_images.get(key).is_some_and(|image| image.contains("alpine"));
    let first_key = recipe.image_keys.iter().find(|key| context.policy.default_images.contains_key(*key));
    if row.key == "bash" && context.policy.image.is_none() && first_key.is_none_or(is_alpine) {
        recipe.image = Some(table::DEBIAN.to_owned());
        recipe.note("isolation-image-bash", vec![("image", table::DEBIAN.to_owned())]);
    }
    recipe.argv = argv;
    Ok(recipe)
}

/// The first launcher that a script mentions.
fn mentioned(script: &str) -> Option<&'static Row> {
    let ours =
        |family| !matches!(family, Family::Shell | Family::Container | Family::Host | Family::Interpreter);
    script
        .split(|letter: char| letter.is_whitespace() || ";&|()\"'`".contains(letter))
        .filter(|word| !word.is_empty())
        .find_map(|word| table::find(&command::base_name(word, crate::facts::Os::Linux)))
        .filter(|row| ours(row.family))
}

/// `cd FOLDER && …` with a project in it.
fn folder_entered(context: &Context<'_>, script: &str) -> Option<String> {
    let rest = script.trim_start().strip_prefix("cd ")?;
    let folder = rest.split(['&', ';', '\n']).next()?.trim().trim_matches(['"', '\'']);
    context.absolute(folder).filter(|absolute| context.is_project(absolute))
}

/// `java -jar FILE`, `ruby FILE`, `go run P`: the words stay, files among them are mounted.
pub(super) fn interpreter(
    context: &Context<'_>,
    command: &Command,
    row: &'static Row,
) -> Result<Recipe, Refusal> {
    if command.args.is_empty() {
        return Err(Refusal::NothingToRun { command: command.name.clone() });
    }
    if matches!(command.name.as_str(), "tsx" | "ts-node") {
        return Ok(typescript(context, command));
    }
    let mut recipe = Recipe::direct(&command.name, &[command.name.as_str(), row.key], Vec::new());
    recipe.fetches = row.family != Family::Interpreter;
    let mut argv = vec![Text::plain(&command.name)];
    if row.key == "java" {
        argv.push(Text::plain("-XX:MaxRAMPercentage=70"));
    }
    for word in &command.args {
        let file = context.file(word.expose()).filter(|_| !word.expose().starts_with('-'));
        argv.push(match file {
            // Only the first file is the program; what follows is its data and needs a line in `volumes`.
            Some((absolute, _)) if recipe.runs.is_empty() => context.run_file(&mut recipe, absolute),
            _ => word.clone(),
        });
    }
    recipe.argv = argv;
    Ok(recipe)
}

/// TypeScript runners are packages themselves.
fn typescript(context: &Context<'_>, command: &Command) -> Recipe {
    let mut recipe = Recipe::direct(&command.name, &["npx", "node"], Vec::new());
    recipe.argv = code_files(context, &mut recipe, &command.args);
    let mut args = vec![Text::plain(&command.name), Text::plain(&command.name)];
    if command.name == "ts-node" {
        args.push(Text::plain("typescript"));
    }
    recipe.prepare = Some(Prepare { script: Script::Npm, args, env: Vec::new(), folders: Vec::new() });
    recipe.package = Some(command.name.clone());
    recipe
}
