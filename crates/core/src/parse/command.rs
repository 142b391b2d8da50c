//! Command lines: the server's own, or the line that adds it to some client.

use mcpproxy_clients::Entry;

use super::{Draft, ParseProblem, is_address, json, shell};

/// Signs of a prompt in front of a line.
const PROMPTS: &[&str] = &["$", "%", ">", "PS>", "❯", "➜"];
/// Flags of clients' words that have a value which means nothing here.
const PASSED_OVER: &[&str] =
    &["-s", "--scope", "--profile", "--timeout", "--description", "--startup-timeout"];

pub(super) fn drafts(text: &str, home: &str) -> Result<Vec<Draft>, ParseProblem> {
    let text: String = text
        .lines()
        .map(|line| {
            let line = line.trim_start();
            let stripped = PROMPTS.iter().find_map(|prompt| line.strip_prefix(prompt)?.strip_prefix(' '));
            stripped.unwrap_or(line)
        })
        .collect::<Vec<_>>()
        .join("\n");
    let mut drafts = Vec::new();
    for words in shell::commands(&text, home)? {
        drafts.extend(draft(words)?);
    }
    Ok(drafts)
}

/// One command line.
fn draft(mut words: Vec<String>) -> Result<Vec<Draft>, ParseProblem> {
    let env = assignments(&mut words);
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let program = first.rsplit(['/', '\\']).next().unwrap_or(first).to_ascii_lowercase();
    let program = program.strip_suffix(".exe").unwrap_or(&program);
    let line: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut drafts = match (program, &line[1..]) {
        (
            "claude" | "codex" | "gemini" | "qwen" | "amp" | "droid" | "auggie",
            ["mcp", "add-json", rest @ ..],
        ) => add_json(rest)?,
        ("claude" | "codex" | "gemini" | "qwen" | "amp" | "droid" | "auggie", ["mcp", "add", rest @ ..])
        | ("mcpproxy", ["servers" | "server" | "upstream", "add", rest @ ..]) => vec![add(rest)?],
        ("mcpproxy", ["servers" | "server" | "upstream", "add-json", rest @ ..]) => add_json(rest)?,
        ("code" | "code-insiders" | "cursor" | "codium", ["--add-mcp", text, ..]) => json::drafts(text)?,
        ("claude" | "codex" | "gemini" | "mcpproxy", ["mcp" | "servers" | "upstream", ..]) => {
            return Err(ParseProblem::about("paste_not_a_server", line.join(" ")));
        }
        (
            "cd" | "export" | "set" | "setx" | "source" | "sudo" | "curl" | "wget" | "brew" | "apt" | "git",
            _,
        ) => {
            return Err(ParseProblem::about("paste_not_a_server", first.clone()));
        }
        _ if is_address(first) && line.len() == 1 => vec![super::address(first)],
        _ => vec![plain(&words)],
    };
    for draft in &mut drafts {
        // What stands in front of the line is meant for what it starts; what the line itself says wins.
        let own = std::mem::take(&mut draft.entry.env);
        draft.entry.env = env.clone();
        draft.entry.env.extend(own);
    }
    Ok(drafts)
}

/// Takes `NAME=value` from the front, and an `env` before it.
fn assignments(words: &mut Vec<String>) -> indexmap::IndexMap<String, String> {
    let mut env = indexmap::IndexMap::new();
    if words.first().is_some_and(|word| word == "env") && words.get(1).is_some_and(|word| word.contains('='))
    {
        words.remove(0);
    }
    while let Some((name, value)) = words.first().and_then(|word| assignment(word)) {
        env.insert(name, value);
        words.remove(0);
    }
    env
}

fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let usable = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    usable.then(|| (name.to_owned(), value.to_owned()))
}

/// A command as it stands. Variables that `docker run` would take from the shell have to be given here.
fn plain(words: &[String]) -> Draft {
    let mut entry = Entry { command: words.first().cloned(), ..Entry::default() };
    entry.args = words.get(1..).unwrap_or_default().to_vec();
    let mut missing = Vec::new();
    if matches!(entry.program().as_deref(), Some("docker" | "podman" | "nerdctl")) {
        let mut before = "";
        for word in &entry.args {
            let name = match before {
                "-e" | "--env" => Some(word.as_str()),
                _ => word.strip_prefix("--env="),
            };
            missing.extend(name.filter(|name| !name.contains('=')).map(str::to_owned));
            before = word;
        }
    }
    Draft { entry, missing, ..Draft::default() }
}

/// `add-json NAME '{…}'`, wherever its flags stand.
fn add_json(rest: &[&str]) -> Result<Vec<Draft>, ParseProblem> {
    let mut name = None;
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        match *word {
            flag if PASSED_OVER.contains(&flag) => {
                words.next();
            }
            flag if flag.starts_with('-') => {}
            text if text.trim_start().starts_with('{') => {
                let mut drafts = json::drafts(text)?;
                if let [only] = drafts.as_mut_slice() {
                    only.name = name.or(only.name.take());
                }
                return Ok(drafts);
            }
            word => name = Some(word.to_owned()),
        }
    }
    Err(ParseProblem::about("paste_not_a_server", rest.join(" ")))
}

/// `add [flags] NAME [--] COMMAND…`, or with an address in the place of the command.
fn add(rest: &[&str]) -> Result<Draft, ParseProblem> {
    let mut draft = Draft::default();
    let mut words = rest.iter().copied().peekable();
    let mut transport = None;
    while let Some(word) = words.next() {
        let (flag, joined) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(value)),
            _ => (word, None),
        };
        match flag {
            "--" => break,
            "-e" | "--env" => {
                // One flag may stand before several assignments.
                let first = joined.or_else(|| words.next());
                let mut given: Vec<&str> = first.into_iter().collect();
                while let Some(more) =
                    words.next_if(|word| draft.name.is_none() && assignment(word).is_some())
                {
                    given.push(more);
                }
                for pair in given {
                    match assignment(pair) {
                        Some((name, value)) => drop(draft.entry.env.insert(name, value)),
                        None => draft.missing.push(pair.to_owned()),
                    }
                }
            }
            "-H" | "--header" => {
                let pair = joined.or_else(|| words.next()).unwrap_or_default();
                if let Some((name, value)) = pair.split_once(':') {
                    draft.entry.headers.insert(name.trim().to_owned(), value.trim().to_owned());
                }
            }
            "-t" | "--transport" | "--type" => transport = joined.or_else(|| words.next()),
            "--url" => draft.entry.url = joined.or_else(|| words.next()).map(str::to_owned),
            "--command" => {
                draft.entry.command = joined.or_else(|| words.next()).map(str::to_owned);
            }
            flag if PASSED_OVER.contains(&flag) => {
                if joined.is_none() {
                    words.next();
                }
            }
            flag if flag.starts_with('-') => draft.problems.push(ParseProblem::about("paste_flag", flag)),
            _ if draft.name.is_none() => draft.name = Some(word.to_owned()),
            _ if is_address(word) => draft.entry.url = Some(word.to_owned()),
            _ => {
                draft.entry.command = Some(word.to_owned());
                break;
            }
        }
    }
    let mut command: Vec<String> = words.map(str::to_owned).collect();
    if draft.entry.command.is_none() && draft.entry.url.is_none() && !command.is_empty() {
        draft.entry.command = Some(command.remove(0));
    }
    draft.entry.args = command;
    draft.entry.sse = transport == Some("sse");
    if draft.entry.command.is_none() && draft.entry.url.is_none() {
        return Err(ParseProblem::about("paste_not_a_server", rest.join(" ")));
    }
    // A trailing argument list may hold flags of a client behind an address.
    if draft.entry.command.is_none() {
        draft.entry.args.clear();
    }
    Ok(draft)
}
