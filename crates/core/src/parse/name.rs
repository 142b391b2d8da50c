//! A name for a server, from what it runs: the package, image, script or address without the words that all share.

use mcpproxy_clients::Entry;

/// Words that say nothing of a server.
const COMMON: &[&str] = &[
    "mcp",
    "server",
    "servers",
    "modelcontextprotocol",
    "api",
    "www",
    "index",
    "main",
    "app",
    "dist",
    "build",
    "src",
    "latest",
    "js",
    "py",
    "stdio",
    "http",
    "sse",
    "node",
    "python",
];
/// Flags of launchers and of `docker run` that have a value.
const VALUED: &[&str] = &[
    "-e",
    "--env",
    "--env-file",
    "-v",
    "--volume",
    "--mount",
    "--publish",
    "--network",
    "--net",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--entrypoint",
    "-l",
    "--label",
    "--memory",
    "--cpus",
    "--platform",
    "--add-host",
    "--pull",
    "--with",
    "--python",
    "--index-url",
    "--registry",
    "--directory",
    "--project",
    "-C",
    "--cwd",
];
/// Words that come between a launcher and what it runs.
const VERBS: &[&str] = &["run", "exec", "dlx", "x", "tool", "create", "i", "-m", "container"];

/// The suggestion; `free_name` makes it usable and unique.
pub(super) fn suggest(entry: &Entry) -> String {
    let Some(program) = entry.program() else {
        return entry.url.as_deref().map(of_address).unwrap_or_default();
    };
    let launcher = matches!(
        program.as_str(),
        "npx"
            | "bunx"
            | "uvx"
            | "pipx"
            | "uv"
            | "npm"
            | "pnpm"
            | "yarn"
            | "bun"
            | "deno"
            | "node"
            | "python"
            | "python3"
            | "docker"
            | "podman"
            | "nerdctl"
            | "tsx"
            | "ts-node"
            | "cmd"
            | "sh"
            | "bash"
    );
    if !launcher {
        return clean(&program);
    }
    let in_container = matches!(program.as_str(), "docker" | "podman" | "nerdctl");
    let mut valued = false;
    let mut named = None;
    let mut words = entry.args.iter();
    while let Some(word) = words.next() {
        if std::mem::take(&mut valued) {
            continue;
        }
        match word.as_str() {
            // The package stands behind the flag, its command in front of the arguments.
            "--from" | "-p" | "--package" => {
                let value = words.next();
                if !in_container && value.is_some() {
                    named = value;
                    break;
                }
            }
            "--name" => {
                named = words.next();
                break;
            }
            "/c" | "/C" => {}
            flag if VALUED.contains(&flag) => valued = true,
            "-m" => valued = in_container,
            flag if flag.starts_with('-') => {}
            verb if VERBS.contains(&verb) => {}
            // A launcher behind a launcher: `cmd /c npx …`.
            "npx" | "uvx" | "node" | "python" | "docker" => {}
            _ => {
                named = Some(word);
                break;
            }
        }
    }
    named.map_or(program.clone(), |word| {
        let name = clean(word);
        if name.is_empty() { program } else { name }
    })
}

/// A package, image or path without scope, version and common words.
fn clean(word: &str) -> String {
    let path = word.trim_start_matches("npm:").trim_start_matches("jsr:").trim_start_matches("git+");
    let parts: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    for (depth, part) in parts.iter().rev().enumerate() {
        let scope = part.starts_with('@');
        let part = part.trim_start_matches('@');
        let part = part.split(['@', '=', '<', '>', '[', '?', '#']).next().unwrap_or(part);
        let part = if scope { part } else { part.split(':').next().unwrap_or(part) };
        let stem = part.rsplit_once('.').filter(|(_, end)| end.len() <= 4).map_or(part, |(stem, _)| stem);
        let kept: Vec<&str> = stem
            .split(['-', '_', '.', ' '])
            .filter(|token| !token.is_empty() && !COMMON.contains(&token.to_ascii_lowercase().as_str()))
            .collect();
        if !kept.is_empty() {
            return kept.join("-").to_ascii_lowercase();
        }
        // Further out stand only the scope or folder; beyond that a host.
        if depth >= 3 {
            break;
        }
    }
    String::new()
}

/// A host without what all hosts share.
fn of_address(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or(host);
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.split('.').collect();
    let inner = if labels.len() > 1 { &labels[..labels.len() - 1] } else { &labels[..] };
    let kept = inner.iter().rev().find(|label| !COMMON.contains(label) && label.len() > 2);
    kept.or(inner.last()).map(|label| (*label).to_owned()).unwrap_or_default()
}
