//! `npx`, `npm exec`, `pnpm dlx`, `yarn dlx`, `bunx`: which packages and which of their commands; `node FILE`.

use crate::refusal::Refusal;
use crate::spec::Text;

use super::command::Command;
use super::prepare::{Prepare, Script};
use super::python::{looks_like_a_path, main_file};
use super::recipe::{Context, Recipe};
use super::words::{Split, split_posix};

const VALUES: &[&str] = &[
    "--loglevel",
    "--cache",
    "--userconfig",
    "--globalconfig",
    "-w",
    "--workspace",
    "--node-options",
    "--script-shell",
    "--node-arg",
    "-n",
    "--prefix",
    "-C",
    "--dir",
    "--cwd",
    "--config",
];

/// Options of `node` that take the next word.
const NODE_VALUES: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "-C",
    "--conditions",
    "--env-file",
    "--title",
];

/// `npx [-y] [-p PACKAGE] P ARGS`, and everything that reads like it.
pub(super) fn runner(
    context: &Context<'_>,
    command: &Command,
    args: &[Text],
    launcher: &str,
) -> Result<Recipe, Refusal> {
    let mut packages: Vec<String> = Vec::new();
    let mut env = Vec::new();
    let mut at = 0;
    let mut line = None;
    while let Some(word) = args.get(at).map(Text::expose) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        at += 1;
        let known =
            matches!(name, "-p" | "--package" | "-c" | "--call" | "--registry") || VALUES.contains(&name);
        if !known {
            continue;
        }
        let value = match glued {
            Some(value) => value,
            None => {
                at += 1;
                let value = args.get(at - 1).map(|word| word.expose().to_owned());
                value.ok_or_else(|| command.unclear(&format!("{name} needs a value")))?
            }
        };
        match name {
            "-p" | "--package" => packages.push(value),
            "-c" | "--call" => line = Some(value),
            "--registry" => env.push(("npm_config_registry".to_owned(), Text::secret(value))),
            _ => {}
        }
    }
    let mut words: Vec<Text> = args.get(at..).unwrap_or_default().to_vec();
    if let Some(line) = line {
        words = match split_posix(&line) {
            Split::Simple(words) => words.into_iter().map(Text::Plain).collect(),
            Split::Script | Split::Unclosed => return Err(command.unclear("-c needs one simple command")),
        };
    }
    let Some(first) = words.first().map(|word| word.expose().to_owned()) else {
        return Err(Refusal::NothingToRun { command: launcher.to_owned() });
    };
    let (packages, bin) = if packages.is_empty() { (vec![first], String::new()) } else { (packages, first) };
    let mut rest = words.split_off(1);
    // Unlike npx, npm reads one `--` between the package and its arguments itself.
    if launcher == "npm exec"
        && let Some(end) = rest.iter().position(|word| word.expose() == "--")
    {
        rest.remove(end);
    }
    installed(context, command, launcher, packages, &bin, rest, env)
}

fn installed(
    context: &Context<'_>,
    command: &Command,
    launcher: &str,
    packages: Vec<String>,
    bin: &str,
    rest: Vec<Text>,
    env: Vec<(String, Text)>,
) -> Result<Recipe, Refusal> {
    if let Some(local) = packages.iter().find(|package| looks_like_a_path(package)) {
        return Err(command.unclear(&format!("{local} is a folder of this computer; run its file with node")));
    }
    if !context.policy.allow_scripts
        && let Some(package) = packages.iter().find(|package| comes_by_git(package))
    {
        return Err(Refusal::NeedsScripts { package: shown_source(package) });
    }
    let tool = launcher.split(' ').next().unwrap_or(launcher);
    let mut recipe = Recipe::direct(launcher, &[tool, "npx", "node"], Vec::new());
    recipe.argv = rest
        .into_iter()
        .map(|word| match context.file(word.expose()).filter(|_| is_code(word.expose())) {
            Some((absolute, _)) => context.run_file(&mut recipe, absolute),
            None => word,
        })
        .collect();
    recipe.package = packages.first().cloned();
    let mut args = vec![Text::plain(bin)];
    args.extend(packages.iter().map(Text::plain));
    recipe.prepare = Some(Prepare { script: Script::Npm, args, env, folders: Vec::new() });
    Ok(recipe)
}

/// `npm exec P`, `npm x P`; anything else of npm works on a project: `npm --prefix D run SCRIPT`, `npm start`.
pub(super) fn npm(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let (folder, verb) = verb(command);
    match command.arg(verb) {
        Some("exec" | "x") => runner(context, command, &command.args[verb + 1..], "npm exec"),
        Some(_) => in_project(context, command, folder, &["npm", "node"]),
        None => Err(Refusal::NothingToRun { command: "npm".to_owned() }),
    }
}

/// `pnpm dlx P`, `pnpx P`, `yarn dlx P`: the same packages come by npm, which every Node image has.
pub(super) fn other_runner(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    if command.name == "pnpx" {
        return runner(context, command, &command.args, "pnpx");
    }
    let (folder, verb) = verb(command);
    match command.arg(verb) {
        Some("dlx") => runner(context, command, &command.args[verb + 1..], &format!("{} dlx", command.name)),
        Some(_) => in_project(context, command, folder, &[command.name.as_str(), "node"]),
        None => Err(Refusal::NothingToRun { command: command.name.clone() }),
    }
}

/// `bunx P` and `bun x P` are Node packages unless `--bun` insists; the rest needs Bun's own image.
pub(super) fn bun(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let insists = command.args.iter().any(|word| word.expose() == "--bun");
    let (start, is_runner) = match (command.name.as_str(), command.arg(0)) {
        ("bunx", _) => (0, true),
        (_, Some("x")) => (1, true),
        _ => (0, false),
    };
    if is_runner && !insists {
        return runner(context, command, &command.args[start..], "bunx");
    }
    if command.args.is_empty() {
        return Err(Refusal::NothingToRun { command: command.name.clone() });
    }
    let mut recipe = Recipe::direct(&command.name, &["bun"], Vec::new());
    recipe.fetches = is_runner;
    let mut argv = vec![Text::plain(&command.name)];
    argv.extend(code_files(context, &mut recipe, &command.args));
    recipe.argv = argv;
    Ok(recipe)
}

/// `node [OPTIONS] FILE ARGS`.
pub(super) fn node(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let mut recipe = Recipe::direct(&command.name, &[command.name.as_str(), "node"], Vec::new());
    let mut argv = vec![Text::plain("node")];
    let mut at = 0;
    let mut has_code = false;
    while let Some(word) = command.args.get(at) {
        let text = word.expose();
        if !text.starts_with('-') || text == "-" {
            break;
        }
        has_code |= matches!(text, "-e" | "--eval" | "-p" | "--print" | "-");
        let takes = 1 + usize::from(
            NODE_VALUES.contains(&text) || matches!(text, "-e" | "--eval" | "-p" | "--print"),
        );
        argv.extend(code_files(
            context,
            &mut recipe,
            &command.args[at..(at + takes).min(command.args.len())],
        ));
        at += takes;
    }
    match command.args.get(at) {
        Some(file) if !has_code => {
            argv.push(main_file(context, &mut recipe, file)?);
            argv.extend(command.args[at + 1..].iter().cloned());
        }
        None if !has_code => return Err(Refusal::NothingToRun { command: "node".to_owned() }),
        _ => argv.extend(command.args.get(at..).unwrap_or_default().iter().cloned()),
    }
    if !context.policy.packages.is_empty() {
        recipe.note("isolation-packages-ignored", vec![("launcher", "node".to_owned())]);
    }
    recipe.argv = argv;
    Ok(recipe)
}

/// Words that name code files of this computer are mounted.
pub(super) fn code_files(context: &Context<'_>, recipe: &mut Recipe, words: &[Text]) -> Vec<Text> {
    words
        .iter()
        .map(|word| match context.file(word.expose()).filter(|_| is_code(word.expose())) {
            Some((absolute, _)) => context.run_file(recipe, absolute),
            None => word.clone(),
        })
        .collect()
}

/// The project folder that an option names, and the place of the first word that is no option.
fn verb(command: &Command) -> (Option<String>, usize) {
    let mut folder = None;
    let mut at = 0;
    while let Some(word) = command.arg(at).filter(|word| word.starts_with('-')) {
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let takes_next = glued.is_none() && VALUES.contains(&name);
        if matches!(name, "--prefix" | "-C" | "--dir" | "--cwd") {
            folder = glued.or_else(|| command.arg(at + 1).map(str::to_owned));
        }
        at += if takes_next { 2 } else { 1 };
    }
    (folder, at)
}

fn in_project(
    context: &Context<'_>,
    command: &Command,
    folder: Option<String>,
    keys: &[&str],
) -> Result<Recipe, Refusal> {
    let mut recipe = Recipe::direct(&command.name, keys, Vec::new());
    let absolute =
        folder.as_deref().and_then(|folder| context.absolute(folder)).or_else(|| context.folder.clone());
    if let Some(project) = absolute.filter(|absolute| context.is_project(absolute)) {
        recipe.cwd = Some(context.inside(&project));
        recipe.project = Some(project);
    } else if let Some(path) = folder.clone() {
        return Err(Refusal::Missing { path });
    }
    let inside = recipe.cwd.clone();
    let words = command.args.iter().map(|word| match (&inside, &folder) {
        (Some(inside), Some(folder)) if word.expose() == folder => Text::plain(inside),
        _ => word.clone(),
    });
    recipe.argv = std::iter::once(Text::plain(&command.name)).chain(words).collect();
    Ok(recipe)
}

/// Whether npm fetches a package as sources and runs their script `prepare`, which it does in spite of
/// `--ignore-scripts`: an address of git, `github:owner/name`, or `owner/name`, which means the same.
fn comes_by_git(package: &str) -> bool {
    const HOSTS: [&str; 4] = ["github:", "gitlab:", "bitbucket:", "gist:"];
    let whole = package.to_ascii_lowercase();
    // `name@github:owner/name`: what follows a name is the source, and what is no name is one as a whole.
    let end = whole.get(1..).and_then(|rest| rest.find('@')).map(|at| at + 1);
    let (name, rest) = end.map_or((whole.as_str(), None), |at| (&whole[..at], Some(&whole[at + 1..])));
    let is_name = name.starts_with('@') || !name.contains(['/', ':']);
    let source = if is_name { rest.unwrap_or_default() } else { whole.as_str() };
    let plain = source.split(['#', '?']).next().unwrap_or(source);
    if source.starts_with("https://") || source.starts_with("http://") {
        return ![".tgz", ".tar.gz", ".tar"].iter().any(|ending| plain.ends_with(ending));
    }
    // `git@host:owner/name` looks like a name and its version.
    whole.starts_with("git@")
        || HOSTS.iter().any(|host| source.starts_with(host))
        || (source.contains('/') && !source.starts_with("npm:"))
}

/// An address may hold a password.
fn shown_source(package: &str) -> String {
    crate::arguments::mask_address(package).unwrap_or_else(|| package.to_owned())
}

fn is_code(word: &str) -> bool {
    [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"].iter().any(|ending| word.ends_with(ending))
}
