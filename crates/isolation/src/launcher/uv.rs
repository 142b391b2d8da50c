//! `uvx`, `uv tool run`, `uv run` and `pipx run`: which package, which project, and what follows it.

use crate::refusal::Refusal;
use crate::spec::Text;

use super::command::Command;
use super::prepare::{Prepare, Script};
use super::python;
use super::recipe::{Context, Recipe};

const KEYS: &[&str] = &["uvx", "python"];

/// Options that take a value and change nothing that we keep.
const VALUES: &[&str] = &[
    "--cache-dir",
    "--config-file",
    "--refresh-package",
    "--upgrade-package",
    "-P",
    "--reinstall-package",
    "--link-mode",
    "--color",
    "--allow-insecure-host",
    "--keyring-provider",
    "--no-build-package",
    "--no-binary-package",
    "--config-setting",
    "-C",
    "--python-preference",
    "--python-platform",
    "--torch-backend",
    "--no-build-isolation-package",
    "--extra",
    "--group",
    "--no-group",
    "--only-group",
    "--package",
    "--env-file",
    "--no-extra",
    "--fork-strategy",
    "--pip-args",
];

/// Options that choose versions: handed to the preparing step as they are.
const KEPT: &[&str] = &["--prerelease", "--resolution", "--exclude-newer", "--index-strategy"];

/// Files that these tools would read on this computer.
const FILES: &[&str] = &[
    "--with-requirements",
    "--with-editable",
    "--constraints",
    "-c",
    "--overrides",
    "--build-constraints",
    "-b",
];

/// What the options before the package said.
#[derive(Default)]
struct Options {
    from: Option<String>,
    with: Vec<String>,
    python: Option<String>,
    index: Vec<(String, Text)>,
    kept: Vec<Text>,
    folder: Option<String>,
    module: bool,
    script: bool,
    no_project: bool,
    /// Where the first word that is no option stands.
    next: usize,
}

/// `uvx P ARGS`.
pub(super) fn uvx(
    context: &Context<'_>,
    command: &Command,
    args: &[Text],
    launcher: &str,
) -> Result<Recipe, Refusal> {
    let options = Options::read(command, args, 0, false)?;
    let Some(positional) = args.get(options.next).map(|word| word.expose().to_owned()) else {
        return Err(Refusal::NothingToRun { command: launcher.to_owned() });
    };
    let rest = args[options.next + 1..].to_vec();
    tool(context, launcher, options, &positional, rest)
}

/// `pipx run [--spec S] APP ARGS`.
pub(super) fn pipx(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    if command.arg(0) != Some("run") {
        if command.args.is_empty() {
            return Err(Refusal::NothingToRun { command: "pipx".to_owned() });
        }
        return Err(command.unclear("only `pipx run` starts a server"));
    }
    let options = Options::read(command, &command.args, 1, true)?;
    let Some(positional) = command.arg(options.next).map(str::to_owned) else {
        return Err(Refusal::NothingToRun { command: "pipx run".to_owned() });
    };
    let rest = command.args[options.next + 1..].to_vec();
    tool(context, "pipx", options, &positional, rest)
}

/// `uv [OPTIONS] run …`, `uv [OPTIONS] tool run …`.
pub(super) fn uv(context: &Context<'_>, command: &Command) -> Result<Recipe, Refusal> {
    let global = Options::read(command, &command.args, 0, false)?;
    match (command.arg(global.next), command.arg(global.next + 1)) {
        (Some("tool"), Some("run")) => uvx(context, command, &command.args[global.next + 2..], "uvx")
            .map(|recipe| Recipe { launcher: "uv tool run".to_owned(), ..recipe }),
        (Some("x"), _) => uvx(context, command, &command.args[global.next + 1..], "uvx"),
        (Some("run"), _) => run(context, command, global),
        (None, _) => Err(Refusal::NothingToRun { command: "uv".to_owned() }),
        _ => Err(command.unclear("only `uv run` and `uv tool run` start a server")),
    }
}

fn tool(
    context: &Context<'_>,
    launcher: &str,
    options: Options,
    positional: &str,
    rest: Vec<Text>,
) -> Result<Recipe, Refusal> {
    let written = options.from.clone().unwrap_or_else(|| positional.to_owned());
    let requirement = requirement(&written);
    let script = if options.from.is_some() { positional } else { requirement_name(&requirement) }.to_owned();
    let local = context.existing(&written).filter(|_| python::looks_like_a_path(&written));
    if needs_build(&requirement, local.is_some()) && !context.policy.allow_scripts {
        let package = crate::arguments::mask_address(&written).unwrap_or(written);
        return Err(Refusal::NeedsScripts { package });
    }
    let mut recipe = Recipe::direct(launcher, KEYS, rest);
    if launcher == "pipx" {
        recipe.image_keys.insert(0, "pipx".to_owned());
    }
    let mut folders = Vec::new();
    let requirement = match local {
        Some((absolute, _)) => {
            let inside = context.inside(&absolute);
            folders.push(absolute);
            inside
        }
        None => requirement,
    };
    let mut args = vec![Text::Plain(requirement), Text::Plain(script)];
    for package in &options.with {
        args.extend([Text::plain("--with"), Text::plain(package)]);
    }
    args.extend(options.kept);
    recipe.image = python_image(context, options.python.as_deref());
    if let (Some(version), None) = (&options.python, &recipe.image) {
        args.extend([Text::plain("--python"), Text::plain(version)]);
    }
    recipe.package = Some(written);
    recipe.prepare = Some(Prepare { script: Script::UvTool, args, env: options.index, folders });
    Ok(recipe)
}

/// `uv run [--directory D] [--with P] X ARGS`.
fn run(context: &Context<'_>, command: &Command, global: Options) -> Result<Recipe, Refusal> {
    let options = Options::read(command, &command.args, global.next + 1, false)?;
    let rest = &command.args[options.next.min(command.args.len())..];
    let Some(first) = rest.first() else {
        return Err(Refusal::NothingToRun { command: "uv run".to_owned() });
    };
    let asked = options.folder.as_ref().or(global.folder.as_ref());
    let folder = match asked {
        Some(folder) => {
            Some(context.absolute(folder).ok_or_else(|| Refusal::Missing { path: folder.clone() })?)
        }
        None => context.folder.clone(),
    };
    if let (Some(asked), Some(folder)) = (asked, &folder)
        && context.facts.paths.get(folder).is_none()
    {
        return Err(Refusal::Missing { path: asked.clone() });
    }
    let inner = Context { folder: folder.clone(), ..*context };
    let file = inner.file(first.expose()).filter(|_| first.expose().ends_with(".py") || options.script);
    let mut recipe = Recipe::direct("uv run", KEYS, Vec::new());
    recipe.image = python_image(context, options.python.as_deref().or(global.python.as_deref()));
    recipe.cwd = folder.as_ref().filter(|_| asked.is_some()).map(|folder| context.inside(folder));

    let is_script =
        options.script || file.as_ref().is_some_and(|(_, fact)| fact.holds.iter().any(|h| h == "pep723"));
    let project = folder
        .filter(|_| !options.no_project && !is_script)
        .and_then(|folder| {
            if inner.holds(&folder, "pyproject.toml") { Some(folder) } else { inner.project_of(&folder) }
        })
        .or_else(|| {
            let (file, _) = file.as_ref().filter(|_| !options.no_project && !is_script)?;
            inner.project_of(file)
        })
        .filter(|folder| inner.holds(folder, "pyproject.toml"));
    recipe.project.clone_from(&project);

    let mut folders: Vec<String> = project.iter().cloned().collect();
    let mut target = first.expose().to_owned();
    let mut words: Vec<Text> = Vec::new();
    if options.module {
        target = "python".to_owned();
        words.push(Text::plain("-m"));
        words.push(first.clone());
    } else if let Some((file, _)) = file {
        target = "python".to_owned();
        if is_script {
            folders.push(file.clone());
        }
        words.push(inner.run_file(&mut recipe, file));
    } else if options.script {
        return Err(Refusal::Missing { path: first.shown().to_owned() });
    }
    words.extend(python::argument_files(&inner, &mut recipe, &rest[1..]));
    recipe.argv = words;

    let project_word = match (&project, is_script) {
        (Some(project), false) => context.inside(project),
        (_, true) => recipe.runs.first().map(|file| context.inside(file)).unwrap_or_default(),
        (None, false) => String::new(),
    };
    let mut args = vec![Text::Plain(project_word), Text::Plain(target)];
    args.extend(options.with.iter().map(Text::plain));
    let mut index = global.index;
    index.extend(options.index);
    recipe.prepare = Some(Prepare { script: Script::UvProject, args, env: index, folders });
    Ok(recipe)
}

impl Options {
    /// Reads options from a place on, until a word that is none.
    fn read(command: &Command, args: &[Text], start: usize, pipx: bool) -> Result<Self, Refusal> {
        let mut read = Self { next: start, ..Self::default() };
        while let Some(word) = args.get(read.next).map(Text::expose) {
            if word == "--" {
                read.next += 1;
                break;
            }
            if !word.starts_with('-') || word == "-" {
                break;
            }
            let (name, glued) = match word.split_once('=') {
                Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word, None),
            };
            read.next += 1;
            let takes_value = VALUES.contains(&name)
                || KEPT.contains(&name)
                || FILES.contains(&name)
                || matches!(
                    name,
                    "--from" | "--spec" | "--with" | "-w" | "--python" | "-p" | "--directory" | "--project"
                )
                || (index_variable(name).is_some() && (name != "-i" || !pipx || glued.is_none()));
            let value = match (takes_value, glued) {
                (false, _) => {
                    match name {
                        "-m" | "--module" => read.module = true,
                        "-s" | "--script" => read.script = true,
                        "--no-project" => read.no_project = true,
                        _ => {}
                    }
                    continue;
                }
                (true, Some(value)) => value,
                (true, None) => {
                    let value = args.get(read.next).map(|word| word.expose().to_owned());
                    read.next += 1;
                    value.ok_or_else(|| command.unclear(&format!("{name} needs a value")))?
                }
            };
            read.take(command, name, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, command: &Command, name: &str, value: String) -> Result<(), Refusal> {
        match name {
            "--from" | "--spec" => self.from = Some(value),
            "--with" | "-w" => self.with.extend(value.split(',').map(|package| package.trim().to_owned())),
            "--python" | "-p" => self.python = Some(value),
            "--directory" | "--project" => self.folder = Some(value),
            kept if KEPT.contains(&kept) => self.kept.extend([Text::plain(kept), Text::Plain(value)]),
            file if FILES.contains(&file) => {
                return Err(command.unclear(&format!(
                    "{file} names a file of this computer; write its packages into isolation.packages"
                )));
            }
            other => {
                if let Some(variable) = index_variable(other) {
                    self.index.push((variable.to_owned(), Text::secret(value)));
                }
            }
        }
        Ok(())
    }
}

/// Index addresses travel as variables, since they may hold a password.
fn index_variable(option: &str) -> Option<&'static str> {
    match option {
        "--index-url" | "-i" | "--default-index" => Some("UV_DEFAULT_INDEX"),
        "--extra-index-url" | "--index" => Some("UV_INDEX"),
        "--find-links" | "-f" => Some("UV_FIND_LINKS"),
        _ => None,
    }
}

/// `name@1.2` becomes `name==1.2`; `name@latest` is what is newest when it is prepared.
fn requirement(written: &str) -> String {
    if written.contains("://") || written.contains(" @ ") || written.starts_with(['/', '.', '~']) {
        return written.to_owned();
    }
    match written.split_once('@') {
        Some((name, "latest" | "")) => name.to_owned(),
        Some((name, version)) => format!("{name}=={version}"),
        None => written.to_owned(),
    }
}

/// The bare name of a requirement, which is also the command it is expected to bring; nothing for an address.
fn requirement_name(requirement: &str) -> &str {
    if let Some((name, _)) = requirement.split_once(" @ ") {
        return name.trim();
    }
    if requirement.contains("://") || requirement.starts_with(['/', '.', '~']) {
        return "";
    }
    let end =
        requirement.find(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).unwrap_or(requirement.len());
    &requirement[..end]
}

/// Whether only building, and so running the package's own code, makes it installable.
fn needs_build(requirement: &str, local: bool) -> bool {
    let address = requirement.split_once(" @ ").map_or(requirement, |(_, address)| address);
    let is_wheel = address.split(['#', '?']).next().is_some_and(|path| path.ends_with(".whl"));
    !is_wheel && (local || address.contains("://") || address.starts_with("git+"))
}

/// `--python 3.12` chooses the image of that version, where the image is the official one.
fn python_image(context: &Context<'_>, version: Option<&str>) -> Option<String> {
    let version = version?.trim_start_matches("python").trim_start_matches("cpython@");
    let is_version = version.split('.').count() >= 2
        && version
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|digit| digit.is_ascii_digit()));
    if context.policy.image.is_some() || !is_version {
        return None;
    }
    let configured = KEYS.iter().find_map(|key| context.policy.default_images.get(*key))?;
    let (name, tag) = configured.split_once(':')?;
    let suffix = tag.find('-').map_or("", |at| &tag[at..]);
    let numbers = &tag[..tag.len() - suffix.len()];
    let starts = |whole: &str, part: &str| whole == part || whole.starts_with(&format!("{part}."));
    let fits = starts(numbers, version) || starts(version, numbers);
    (name == "python" && !fits).then(|| format!("python:{version}{suffix}"))
}
