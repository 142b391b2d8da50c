//! Servers whose command is `docker`, `podman` or `nerdctl`: they run on the host and keep their own settings, but
//! they must end with us, and `-t` would corrupt the protocol.

use mcpproxy_secrets::Secret;

use crate::plan::Note;
use crate::spec::{MASK, Text};

use super::command::Command;

/// The command of a server that brings its own container.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnContainer {
    /// The program as written: `docker`, or a path to it.
    pub program: String,
    /// Its base name: `docker`, `podman`, `nerdctl`, `docker-compose`.
    pub tool: String,
    /// Its words, without `-t`.
    pub args: Vec<Text>,
    /// Variables that wrappers set.
    pub env: Vec<(String, Text)>,
    /// Where `--cidfile` and labels can be put in: right after `run` or `create`. None for every other word, which
    /// can only be ended with its process group.
    pub flags_at: Option<usize>,
}

/// Global options of these tools that take the next word.
const GLOBAL_VALUES: &[&str] = &[
    "--config",
    "-c",
    "--context",
    "-H",
    "--host",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--connection",
    "--url",
    "--root",
    "--namespace",
    "-n",
    "--address",
    "-a",
];

/// Short flags of `run` that take a value; in a group, what follows one of them is its value.
const RUN_VALUES: &str = "aceuhlmpvw";

pub(super) fn read(command: &Command) -> (OwnContainer, Vec<Note>) {
    let mut notes = Vec::new();
    let flags_at = flags_position(&command.args);
    let mut args = command.args.clone();
    if let Some(start) = flags_at
        && strip_terminal(&mut args, start)
    {
        notes.push(Note { key: "isolation-terminal-stripped", args: Vec::new() });
    }
    let args = mask_variables(&crate::arguments::mask(&args));
    let own = OwnContainer {
        program: command.program.clone(),
        tool: command.name.clone(),
        args,
        env: command.env.clone(),
        flags_at,
    };
    (own, notes)
}

/// Values of `-e NAME=VALUE` are never shown, whatever the name.
fn mask_variables(args: &[Text]) -> Vec<Text> {
    let mut after_flag = false;
    let mask = |word: &Text| {
        let text = word.expose();
        let is_variable =
            after_flag || text.starts_with("--env=") || (text.starts_with("-e") && text.len() > 2);
        after_flag = matches!(text, "-e" | "--env");
        let from = text
            .strip_prefix("--env=")
            .or_else(|| text.strip_prefix("-e"))
            .map_or(0, |r| text.len() - r.len());
        match text[from..].split_once('=').filter(|_| is_variable) {
            Some((name, _)) => {
                let shown = format!("{}{name}={MASK}", &text[..from]);
                Text::Partly { shown, value: Secret::new(text) }
            }
            None => word.clone(),
        }
    };
    args.iter().map(mask).collect()
}

/// The place after `run`, `create`, `container run`, `container create`.
fn flags_position(args: &[Text]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = args.get(at).map(Text::expose) {
        match word {
            "run" | "create" => return Some(at + 1),
            "container" => at += 1,
            option if GLOBAL_VALUES.contains(&option) => at += 2,
            option if option.starts_with('-') => at += 1,
            _ => return None,
        }
    }
    None
}

/// Takes `-t` and `--tty` out of the flags of `run`, also out of groups such as `-it`.
fn strip_terminal(args: &mut Vec<Text>, start: usize) -> bool {
    let mut at = start;
    let mut stripped = false;
    while let Some(word) = args.get(at).map(|word| word.expose().to_owned()) {
        if !word.starts_with('-') || word == "-" || word == "--" {
            break;
        }
        if let Some(long) = word.strip_prefix("--") {
            if matches!(long, "tty" | "tty=true") {
                args.remove(at);
                stripped = true;
            } else {
                at += if long.contains('=') || crate::flags::is_switch(long) { 1 } else { 2 };
            }
            continue;
        }
        let group = &word[1..];
        let value_at = group.find(|letter| RUN_VALUES.contains(letter));
        let (switches, rest) = group.split_at(value_at.unwrap_or(group.len()));
        let takes_next = rest.len() == 1;
        if switches.contains('t') {
            stripped = true;
            let left = format!("{}{rest}", switches.replace('t', ""));
            if left.is_empty() {
                args.remove(at);
                continue;
            }
            args[at] = Text::plain(format!("-{left}"));
        }
        at += if takes_next { 2 } else { 1 };
    }
    stripped
}
