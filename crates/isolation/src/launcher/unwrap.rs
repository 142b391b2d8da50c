//! Wrappers that people and editors put round a launcher: `env`, `cmd /c`, `sh -c`, `nice`, version managers.
//! Each is taken off as its own command line says, so that the last inner command decides.

use crate::facts::Os;
use crate::refusal::Refusal;
use crate::spec::Text;

use super::command::Command;
use super::words::{Split, split_posix, split_windows};

/// Options of a wrapper: those that take a value in the next word, and what ends them.
struct Options {
    /// Such as `-n`, `--adjustment`.
    values: &'static [&'static str],
    /// Words between the options and the inner command, such as the duration of `timeout`.
    positional: usize,
}

const PLAIN: Options = Options { values: &[], positional: 0 };

/// Wrappers whose inner command follows their options.
const PREFIXES: &[(&str, Options)] = &[
    ("nice", Options { values: &["-n", "--adjustment"], positional: 0 }),
    ("ionice", Options { values: &["-c", "-n", "--class", "--classdata"], positional: 0 }),
    ("time", Options { values: &["-f", "-o", "--format", "--output"], positional: 0 }),
    ("exec", Options { values: &["-a"], positional: 0 }),
    ("command", PLAIN),
    ("nohup", PLAIN),
    ("setsid", PLAIN),
    ("caffeinate", Options { values: &["-t", "-w"], positional: 0 }),
    ("arch", Options { values: &["-e", "-d"], positional: 0 }),
    ("stdbuf", Options { values: &["-i", "-o", "-e", "--input", "--output", "--error"], positional: 0 }),
    ("timeout", Options { values: &["-k", "-s", "--kill-after", "--signal"], positional: 1 }),
    ("gtimeout", Options { values: &["-k", "-s", "--kill-after", "--signal"], positional: 1 }),
];

/// Version managers, by the word that introduces the inner command.
const MANAGERS: &[(&str, &[&str], Options)] = &[
    ("asdf", &["exec"], PLAIN),
    ("volta", &["run"], Options { values: &["--node", "--npm", "--pnpm", "--yarn"], positional: 0 }),
    ("fnm", &["exec"], Options { values: &["--using", "--fnm-dir", "--log-level"], positional: 0 }),
    ("nvm", &["exec", "run"], Options { values: &[], positional: 1 }),
    ("direnv", &["exec"], Options { values: &[], positional: 1 }),
    ("rbenv", &["exec"], PLAIN),
    ("pyenv", &["exec"], PLAIN),
    ("nodenv", &["exec"], PLAIN),
    ("conda", &["run"], CONDA),
    ("mamba", &["run"], CONDA),
    ("micromamba", &["run"], CONDA),
];
const CONDA: Options = Options { values: &["-n", "--name", "-p", "--prefix", "--cwd"], positional: 0 };

const ELEVATORS: &[&str] = &["sudo", "su", "doas", "runas", "pkexec", "gsudo", "run0"];
const INJECTORS: &[&str] = &["op", "doppler", "aws-vault", "dotenv", "infisical", "chamber", "envchain"];
const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ash", "ksh"];

/// Takes one wrapper off; false when there is none.
pub(super) fn step(command: &mut Command, os: Os) -> Result<bool, Refusal> {
    let name = command.name.clone();
    if ELEVATORS.contains(&name.as_str()) {
        return Err(Refusal::Elevates { command: name });
    }
    if INJECTORS.contains(&name.as_str()) && !command.args.is_empty() {
        return Err(command.unclear(
            "it fetches secrets on this computer, which the container cannot; \
             write them into env as ${keyring:NAME} and the inner command into command",
        ));
    }
    let inner = match name.as_str() {
        "env" => Some(env(command)?),
        "cmd" => Some(cmd(command)?),
        "powershell" | "pwsh" => Some(powershell(command)?),
        "wsl" => wsl(command),
        "mise" | "rtx" => mise(command),
        shell if SHELLS.contains(&shell) => shell_string(command)?,
        other => prefix(command, other).or_else(|| manager(command, other)),
    };
    let Some(words) = inner else { return Ok(false) };
    command.wrappers.push(name);
    let inner_os = if command.name == "wsl" { Os::Linux } else { os };
    command.set(words, inner_os).ok_or_else(|| command.unclear("there is no program in it"))?;
    Ok(true)
}

/// `env [-i] [-u NAME] [-C DIR] [-S STRING] [NAME=VALUE…] PROGRAM …`
fn env(command: &mut Command) -> Result<Vec<Text>, Refusal> {
    let mut words = command.args.clone();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.expose().to_owned();
        let next = words.get(at + 1).map(|next| next.expose().to_owned());
        if let Some(glued) = split_string(&text) {
            let (used, line) = match (glued, next) {
                (Some(line), _) => (at, line.to_owned()),
                (None, Some(line)) => (at + 1, line),
                (None, None) => return Err(command.unclear("env -S needs a line")),
            };
            let inner = split_as(&words[used], &line, command)?;
            words.splice(..=used, inner);
            at = 0;
        } else if matches!(text.as_str(), "-C" | "--chdir") {
            command.folder = next;
            at += 2;
        } else if matches!(text.as_str(), "-u" | "--unset") {
            at += 2;
        } else if text.starts_with('-') {
            at += 1;
        } else if let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.contains('/')) {
            command.env.push((name.to_owned(), Text::secret(value)));
            at += 1;
        } else {
            break;
        }
    }
    Ok(words.split_off(at.min(words.len())))
}

/// The option `-S`, alone or at the end of a group such as `-iS`, with the line that is glued to it.
fn split_string(text: &str) -> Option<Option<&str>> {
    let line = match text.strip_prefix("--split-string") {
        Some("") => "",
        Some(glued) => glued.strip_prefix('=')?,
        None => text.strip_prefix('-')?.trim_start_matches(['i', 'v']).strip_prefix('S')?,
    };
    Some((!line.is_empty()).then_some(line))
}

/// `cmd /d /s /c WORDS`: one string, or words that `cmd` would join.
fn cmd(command: &Command) -> Result<Vec<Text>, Refusal> {
    let run = command
        .args
        .iter()
        .position(|word| matches!(word.expose().to_lowercase().as_str(), "/c" | "/k" | "/r"));
    let Some(run) = run else { return Err(command.unclear("cmd without /c has nothing to run")) };
    let rest = &command.args[run + 1..];
    if let [line] = rest {
        let text = line.expose();
        // `cmd /s /c ""C:\a b\x.cmd" args"` wraps the whole line once more.
        let doubled = text.len() > 2 && text.starts_with("\"\"") && text.ends_with('"');
        let text = if doubled { &text[1..text.len() - 1] } else { text };
        return match split_windows(text) {
            Split::Simple(words) => Ok(same_secrecy(line, words)),
            Split::Script | Split::Unclosed => {
                Err(command.unclear("only one simple command can follow cmd /c in a Linux container"))
            }
        };
    }
    if rest.iter().any(|word| matches!(word.expose(), "&" | "&&" | "|" | "||" | ">" | "<")) {
        return Err(command.unclear("only one simple command can follow cmd /c in a Linux container"));
    }
    Ok(rest.to_vec())
}

/// `powershell -NoProfile -Command X`.
fn powershell(command: &Command) -> Result<Vec<Text>, Refusal> {
    const VALUES: &[&str] =
        &["-executionpolicy", "-ep", "-ex", "-version", "-windowstyle", "-workingdirectory", "-wd"];
    let mut at = 0;
    while let Some(word) = command.arg(at) {
        let lower = word.to_lowercase();
        if matches!(lower.as_str(), "-command" | "-c" | "-com") || !lower.starts_with('-') {
            at += usize::from(lower.starts_with('-'));
            break;
        }
        if matches!(lower.as_str(), "-file" | "-f" | "-encodedcommand" | "-enc" | "-e") {
            return Err(command.unclear("a PowerShell script cannot run in a Linux container"));
        }
        at += if VALUES.contains(&lower.as_str()) { 2 } else { 1 };
    }
    let rest = command.args.get(at..).unwrap_or_default();
    let words = match rest {
        [line] => match split_posix(line.expose().trim().trim_start_matches('&')) {
            Split::Simple(words) => same_secrecy(line, words),
            Split::Script | Split::Unclosed => {
                return Err(
                    command.unclear("only one simple command can follow -Command in a Linux container")
                );
            }
        },
        _ => rest.iter().filter(|word| word.expose() != "&").cloned().collect(),
    };
    Ok(words)
}

/// `sh -c "X"` where X is one simple command; anything else stays a script for the shell.
fn shell_string(command: &mut Command) -> Result<Option<Vec<Text>>, Refusal> {
    let Some(at) = shell_line(&command.args) else { return Ok(None) };
    let Some(line) = command.args.get(at).cloned() else {
        return Err(command.unclear("-c needs a command"));
    };
    let words = match split_posix(line.expose()) {
        Split::Simple(words) => words,
        Split::Script => return Ok(None),
        Split::Unclosed => return Err(command.unclear("a quote is not closed")),
    };
    let assignments = words
        .iter()
        .take_while(|word| {
            word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|letter| letter == '_' || letter.is_ascii_alphanumeric())
            })
        })
        .count();
    for word in &words[..assignments] {
        if let Some((name, value)) = word.split_once('=') {
            command.env.push((name.to_owned(), Text::secret(value)));
        }
    }
    let inner = same_secrecy(&line, words[assignments..].to_vec());
    // A builtin has no program outside the shell.
    let builtin =
        inner.first().is_none_or(|word| matches!(word.expose(), "cd" | "source" | "." | "eval" | "export"));
    Ok((!builtin).then_some(inner))
}

/// Where the command string of a shell stands, if `-c` is among its options.
pub(super) fn shell_line(args: &[Text]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = args.get(at).map(Text::expose) {
        if word == "--" || !word.starts_with(['-', '+']) || word.len() < 2 {
            return None;
        }
        if !word.starts_with("--") && word.contains('c') {
            // Further options may stand between `-c` and its string.
            return Some(
                at + 1 + args[at + 1..].iter().take_while(|next| next.expose().starts_with('-')).count(),
            );
        }
        at += if matches!(word, "-o" | "+o" | "-O" | "--rcfile" | "--init-file") { 2 } else { 1 };
    }
    None
}

/// `wsl [-d DISTRO] [-u USER] [--cd DIR] [-e|--exec|--] X`.
fn wsl(command: &mut Command) -> Option<Vec<Text>> {
    let mut at = 0;
    while let Some(word) = command.arg(at) {
        match word {
            "-d" | "--distribution" | "-u" | "--user" | "--shell-type" => at += 2,
            "--cd" => {
                command.folder = command.arg(at + 1).map(str::to_owned);
                at += 2;
            }
            "-e" | "--exec" | "--" => {
                at += 1;
                break;
            }
            other if other.starts_with('-') => at += 1,
            _ => break,
        }
    }
    command.args.get(at..).map(<[Text]>::to_vec)
}

/// `mise exec TOOL@VERSION… -- X`, `mise x -- X`.
fn mise(command: &Command) -> Option<Vec<Text>> {
    if !matches!(command.arg(0)?, "exec" | "x") {
        return None;
    }
    if let Some(end) = command.args.iter().position(|word| word.expose() == "--") {
        return Some(command.args[end + 1..].to_vec());
    }
    let tools = command.args[1..].iter().take_while(|word| word.expose().contains('@')).count();
    Some(command.args[1 + tools..].to_vec())
}

fn prefix(command: &Command, name: &str) -> Option<Vec<Text>> {
    let (_, options) = PREFIXES.iter().find(|(prefix, _)| *prefix == name)?;
    // `command -v`, `time` alone and the like run nothing; they stay what they are.
    Some(after_options(&command.args, options)).filter(|words| !words.is_empty())
}

fn manager(command: &Command, name: &str) -> Option<Vec<Text>> {
    let (_, verbs, options) = MANAGERS.iter().find(|(manager, ..)| *manager == name)?;
    if !verbs.contains(&command.arg(0)?) {
        return None;
    }
    Some(after_options(&command.args[1..], options)).filter(|words| !words.is_empty())
}

fn after_options(args: &[Text], options: &Options) -> Vec<Text> {
    let mut at = 0;
    while let Some(word) = args.get(at).map(Text::expose) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += if options.values.contains(&word) { 2 } else { 1 };
    }
    at += options.positional;
    let skips = usize::from(args.get(at).is_some_and(|word| word.expose() == "--"));
    args.get(at + skips..).unwrap_or_default().to_vec()
}

fn split_as(word: &Text, line: &str, command: &Command) -> Result<Vec<Text>, Refusal> {
    match split_posix(line) {
        Split::Simple(words) => Ok(same_secrecy(word, words)),
        Split::Script | Split::Unclosed => Err(command.unclear("env -S needs one simple command")),
    }
}

/// Words that came out of a secret string stay secret.
fn same_secrecy(from: &Text, words: Vec<String>) -> Vec<Text> {
    let wrap = if from.is_secret() { Text::secret } else { Text::plain };
    words.into_iter().map(wrap).collect()
}
