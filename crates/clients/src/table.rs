//! The clients, as data: where each keeps its servers, how it writes one, and how it learns of a change.

use crate::{Surroundings, System};
use std::path::PathBuf;

/// One client.
#[derive(Debug)]
pub struct Client {
    /// The stable id, also the name of its key.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How its file is written.
    pub format: Format,
    /// The keys that lead to its servers.
    pub path: &'static [&'static str],
    /// How an entry with an address looks; none where the client takes only processes.
    pub http: Option<Http>,
    /// What an entry with a process needs beside `command` and `args`.
    pub stdio: Stdio,
    /// How it learns of a change: `quit_and_open`, `mcp_command`, `by_itself`, `start_entry`, `restart`, `refresh`.
    pub pickup: &'static str,
    /// Its files, the preferred one first.
    files: &'static [Place],
    /// Files or folders that show that the client is there, beside its file.
    traces: &'static [Place],
    /// Variables that its file may use as `${NAME}`.
    pub(crate) bare_variables: bool,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON; comments and trailing commas are read and kept.
    Json,
    /// TOML.
    Toml,
    /// YAML, as a map of servers or a list with names below a key at the top level.
    Yaml,
}

/// An entry with an address.
#[derive(Debug)]
pub struct Http {
    /// The key of the address.
    pub(crate) url: &'static str,
    /// The value of `type`, where the client wants one.
    pub(crate) kind: Option<&'static str>,
    /// The key of the headers, below another one where there is a dot.
    pub(crate) headers: &'static str,
    /// Further fields: key and JSON value.
    pub(crate) extra: &'static [(&'static str, &'static str)],
}

/// An entry with a process.
#[derive(Debug)]
pub struct Stdio {
    /// The key of the program.
    pub(crate) command: &'static str,
    /// Whether program and arguments are one list under that key.
    pub(crate) one_list: bool,
    /// Further fields: key and JSON value.
    pub(crate) extra: &'static [(&'static str, &'static str)],
}

/// A folder that a path begins at.
#[derive(Debug, Clone, Copy)]
enum Root {
    Home,
    /// `~/.config` everywhere.
    Config,
    /// The system's folder of applications' settings.
    Settings,
    /// `%LOCALAPPDATA%`.
    Local,
    /// The folder that a variable names; nothing without it.
    Variable(&'static str),
}

/// A place on some systems.
#[derive(Debug, Clone, Copy)]
struct Place {
    on: &'static [System],
    root: Root,
    path: &'static str,
}

const ALL: &[System] = &[System::Linux, System::MacOs, System::Windows];
const UNIX: &[System] = &[System::Linux, System::MacOs];
const WINDOWS: &[System] = &[System::Windows];

const fn at(root: Root, path: &'static str) -> Place {
    Place { on: ALL, root, path }
}

const fn only(on: &'static [System], root: Root, path: &'static str) -> Place {
    Place { on, root, path }
}

const STDIO: Stdio = Stdio { command: "command", one_list: false, extra: &[] };

const fn http(url: &'static str, kind: Option<&'static str>) -> Option<Http> {
    Some(Http { url, kind, headers: "headers", extra: &[] })
}

const fn json(
    id: &'static str,
    name: &'static str,
    http: Option<Http>,
    pickup: &'static str,
    files: &'static [Place],
    traces: &'static [Place],
) -> Client {
    Client {
        id,
        name,
        format: Format::Json,
        path: &["mcpServers"],
        http,
        stdio: STDIO,
        pickup,
        files,
        traces,
        bare_variables: false,
    }
}

/// All clients, the most used first.
pub fn clients() -> &'static [Client] {
    CLIENTS
}

/// The client of an id.
pub fn find(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

const CLIENTS: &[Client] = &[
    Client {
        bare_variables: true,
        stdio: Stdio { extra: &[("type", "\"stdio\"")], ..STDIO },
        ..json(
            "claude-code",
            "Claude Code",
            http("url", Some("http")),
            "mcp_command",
            &[at(Root::Variable("CLAUDE_CONFIG_DIR"), ".claude.json"), at(Root::Home, ".claude.json")],
            &[at(Root::Home, ".claude")],
        )
    },
    json(
        "claude-desktop",
        "Claude Desktop",
        None,
        "quit_and_open",
        &[
            only(
                WINDOWS,
                Root::Local,
                "Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
            ),
            at(Root::Settings, "Claude/claude_desktop_config.json"),
        ],
        &[],
    ),
    json("cursor", "Cursor", http("url", None), "by_itself", &[at(Root::Home, ".cursor/mcp.json")], &[]),
    Client {
        path: &["servers"],
        stdio: Stdio { extra: &[("type", "\"stdio\"")], ..STDIO },
        ..json(
            "vscode",
            "VS Code",
            http("url", Some("http")),
            "start_entry",
            &[at(Root::Settings, "Code/User/mcp.json")],
            &[],
        )
    },
    json(
        "windsurf",
        "Windsurf",
        http("serverUrl", None),
        "by_itself",
        &[at(Root::Home, ".codeium/windsurf/mcp_config.json")],
        &[],
    ),
    Client {
        id: "codex",
        name: "Codex",
        format: Format::Toml,
        path: &["mcp_servers"],
        http: Some(Http { url: "url", kind: None, headers: "http_headers", extra: &[] }),
        stdio: STDIO,
        pickup: "restart",
        files: &[at(Root::Variable("CODEX_HOME"), "config.toml"), at(Root::Home, ".codex/config.toml")],
        traces: &[],
        bare_variables: false,
    },
    Client {
        bare_variables: true,
        ..json(
            "gemini",
            "Gemini CLI",
            http("url", Some("http")),
            "refresh",
            &[at(Root::Home, ".gemini/settings.json")],
            &[],
        )
    },
    Client {
        path: &["mcp"],
        http: Some(Http {
            url: "url",
            kind: Some("remote"),
            headers: "headers",
            extra: &[("enabled", "true")],
        }),
        stdio: Stdio { command: "command", one_list: true, extra: &[("type", "\"local\"")] },
        ..json(
            "opencode",
            "opencode",
            None,
            "restart",
            &[at(Root::Config, "opencode/opencode.jsonc"), at(Root::Config, "opencode/opencode.json")],
            &[],
        )
    },
    Client {
        path: &["context_servers"],
        ..json(
            "zed",
            "Zed",
            http("url", None),
            "by_itself",
            &[
                only(UNIX, Root::Config, "zed/settings.json"),
                only(WINDOWS, Root::Settings, "Zed/settings.json"),
            ],
            &[],
        )
    },
    Client {
        format: Format::Yaml,
        path: &["extensions"],
        http: Some(Http {
            url: "uri",
            kind: Some("streamable_http"),
            headers: "headers",
            extra: &[("enabled", "true"), ("name", "\"mcpproxy\""), ("timeout", "300")],
        }),
        stdio: Stdio {
            command: "cmd",
            one_list: false,
            extra: &[
                ("type", "\"stdio\""),
                ("enabled", "true"),
                ("name", "\"mcpproxy\""),
                ("timeout", "300"),
            ],
        },
        ..json(
            "goose",
            "Goose",
            None,
            "restart",
            &[
                only(UNIX, Root::Config, "goose/config.yaml"),
                only(WINDOWS, Root::Settings, "Block/goose/config/config.yaml"),
            ],
            &[],
        )
    },
    json(
        "cline",
        "Cline",
        http("url", Some("streamableHttp")),
        "by_itself",
        &[
            at(Root::Variable("CLINE_MCP_SETTINGS_PATH"), ""),
            at(Root::Home, ".cline/data/settings/cline_mcp_settings.json"),
            at(Root::Home, ".cline/mcp.json"),
            at(
                Root::Settings,
                "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json",
            ),
        ],
        &[],
    ),
    Client {
        format: Format::Yaml,
        path: &["mcpServers"],
        http: Some(Http {
            url: "url",
            kind: Some("streamable-http"),
            headers: "requestOptions.headers",
            extra: &[("name", "\"mcpproxy\"")],
        }),
        ..json(
            "continue",
            "Continue",
            None,
            "refresh",
            &[at(Root::Home, ".continue/config.yaml")],
            &[at(Root::Home, ".continue")],
        )
    },
    json(
        "junie",
        "JetBrains Junie",
        None,
        "restart",
        &[at(Root::Home, ".junie/mcp/mcp.json")],
        &[at(Root::Home, ".junie")],
    ),
    json(
        "lm-studio",
        "LM Studio",
        http("url", None),
        "by_itself",
        &[at(Root::Home, ".lmstudio/mcp.json"), at(Root::Home, ".cache/lm-studio/mcp.json")],
        &[],
    ),
    json(
        "antigravity",
        "Antigravity",
        http("serverUrl", None),
        "refresh",
        &[
            at(Root::Home, ".gemini/config/mcp_config.json"),
            at(Root::Home, ".gemini/antigravity/mcp_config.json"),
        ],
        &[],
    ),
    Client {
        path: &["amp.mcpServers"],
        ..json(
            "amp",
            "Amp",
            http("url", None),
            "restart",
            &[at(Root::Home, ".config/amp/settings.json")],
            &[],
        )
    },
    Client {
        http: Some(Http {
            url: "url",
            kind: Some("http"),
            headers: "headers",
            extra: &[("tools", "[\"*\"]")],
        }),
        stdio: Stdio { extra: &[("type", "\"local\""), ("tools", "[\"*\"]")], ..STDIO },
        ..json(
            "copilot-cli",
            "GitHub Copilot CLI",
            None,
            "restart",
            &[at(Root::Home, ".copilot/mcp-config.json")],
            &[],
        )
    },
    json(
        "qwen",
        "Qwen Code",
        http("httpUrl", None),
        "restart",
        &[at(Root::Home, ".qwen/settings.json")],
        &[],
    ),
];

impl Client {
    /// The files it may keep its servers in, the preferred one first.
    pub(crate) fn candidates(&self, surroundings: &Surroundings) -> Vec<PathBuf> {
        self.files.iter().filter_map(|place| place.path(surroundings)).collect()
    }

    /// The file in use: the first one that is there, else the first whose folder is, else the usual one.
    pub fn file(&self, surroundings: &Surroundings) -> PathBuf {
        let candidates = self.candidates(surroundings);
        let there = candidates.iter().find(|path| path.symlink_metadata().is_ok());
        let folder = || candidates.iter().find(|path| path.parent().is_some_and(|folder| folder.is_dir()));
        there.or_else(folder).or(candidates.last()).cloned().unwrap_or_default()
    }

    /// Whether anything shows that the client is used on this computer.
    pub fn is_there(&self, surroundings: &Surroundings) -> bool {
        let own_folder = |path: &PathBuf| {
            let folder = path.parent().filter(|folder| *folder != surroundings.home);
            path.symlink_metadata().is_ok() || folder.is_some_and(|folder| folder.is_dir())
        };
        let traces = self.traces.iter().filter_map(|place| place.path(surroundings));
        self.candidates(surroundings).iter().any(own_folder) || traces.into_iter().any(|path| path.exists())
    }

    /// Whether the file lies where the system asks the person before another program may look.
    pub fn needs_consent(&self, surroundings: &Surroundings) -> bool {
        surroundings.system == System::MacOs
            && self.file(surroundings).starts_with(surroundings.settings_folder())
    }
}

impl Place {
    fn path(&self, surroundings: &Surroundings) -> Option<PathBuf> {
        if !self.on.contains(&surroundings.system) {
            return None;
        }
        let root = match self.root {
            Root::Home => surroundings.home.clone(),
            Root::Config => surroundings.config_folder(),
            Root::Settings => surroundings.settings_folder(),
            Root::Local => surroundings.local_folder(),
            Root::Variable(name) => PathBuf::from(surroundings.variable(name)?)
                .is_absolute()
                .then(|| surroundings.named_folder(name, &[]))?,
        };
        let parts = self.path.split('/').filter(|part| !part.is_empty());
        Some(parts.fold(root, |path, part| path.join(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn file(id: &str, system: System, variables: &[(&str, &str)]) -> PathBuf {
        let variables =
            variables.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        find(id).unwrap().file(&Surroundings::new("/nowhere/ann".into(), system, variables))
    }

    #[test]
    fn ids_are_unique_and_can_name_a_key() {
        let mut ids: Vec<_> = clients().iter().map(|client| client.id).collect();
        assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), clients().len());
    }

    #[test]
    fn each_client_has_a_file_on_each_system() {
        for client in clients() {
            for system in [System::Linux, System::MacOs, System::Windows] {
                let around = Surroundings::new("/nowhere/ann".into(), system, Vec::new());
                assert!(client.file(&around).starts_with("/nowhere/ann"), "{} on {system:?}", client.id);
                assert!(!client.is_there(&around), "{} is nowhere", client.id);
            }
        }
    }

    #[test]
    fn places_differ_by_system() {
        let desktop = |system| file("claude-desktop", system, &[]);
        assert_eq!(
            desktop(System::Linux),
            Path::new("/nowhere/ann/.config/Claude/claude_desktop_config.json")
        );
        assert_eq!(
            desktop(System::MacOs),
            Path::new("/nowhere/ann/Library/Application Support/Claude/claude_desktop_config.json")
        );
        assert_eq!(
            desktop(System::Windows),
            Path::new("/nowhere/ann/AppData/Roaming/Claude/claude_desktop_config.json")
        );
        assert_eq!(
            file("vscode", System::MacOs, &[]),
            Path::new("/nowhere/ann/Library/Application Support/Code/User/mcp.json")
        );
    }

    #[test]
    fn a_clients_own_variable_moves_its_file() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().to_str().unwrap();
        assert_eq!(file("codex", System::Linux, &[("CODEX_HOME", folder)]), home.path().join("config.toml"));
        assert_eq!(file("codex", System::Linux, &[]), Path::new("/nowhere/ann/.codex/config.toml"));
    }

    #[test]
    fn only_files_of_other_applications_need_consent_and_only_on_macos() {
        let mac = Surroundings::new("/nowhere/ann".into(), System::MacOs, Vec::new());
        assert!(find("claude-desktop").unwrap().needs_consent(&mac));
        assert!(!find("cursor").unwrap().needs_consent(&mac));
        let linux = Surroundings::new("/nowhere/ann".into(), System::Linux, Vec::new());
        assert!(!find("claude-desktop").unwrap().needs_consent(&linux));
    }
}
