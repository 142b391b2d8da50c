//! The runtime table as data: which command is which launcher, in which image it runs, and what its packages are
//! known to need. Adding a launcher is adding a row.

use indexmap::IndexMap;

/// How the words after a launcher are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `uvx P`, `uv tool run P`.
    Uvx,
    /// `uv run …`, `uv tool run …`.
    Uv,
    /// `pipx run P`.
    Pipx,
    /// `python -m M`, `python FILE`.
    Python,
    /// `npx P`.
    Npx,
    /// `npm exec P`, `npm x P`, `npm run SCRIPT`.
    Npm,
    /// `pnpm dlx P`, `yarn dlx P`; `pnpx P`.
    NodeRunner,
    /// `bunx P`, `bun x P`, `bun FILE`.
    Bun,
    /// `node FILE`.
    Node,
    /// `deno run …`.
    Deno,
    /// `sh FILE`, `bash -c SCRIPT`.
    Shell,
    /// `java -jar FILE` and every other interpreter whose files are arguments.
    Interpreter,
    /// Fetches what it runs by itself, at each start.
    Fetcher,
    /// Brings a container of its own.
    Container,
    /// Needs what only the host has.
    Host,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Base names of the command.
    pub names: &'static [&'static str],
    /// Key into `default_images`, after the name itself.
    pub key: &'static str,
    /// How its words are read.
    pub family: Family,
}

/// The launchers.
pub const ROWS: &[Row] = &[
    Row { names: &["uvx"], key: "uvx", family: Family::Uvx },
    Row { names: &["uv"], key: "uvx", family: Family::Uv },
    Row { names: &["pipx"], key: "pipx", family: Family::Pipx },
    Row { names: &["python", "python3", "py", "pythonw"], key: "python", family: Family::Python },
    Row { names: &["npx"], key: "npx", family: Family::Npx },
    Row { names: &["npm"], key: "npm", family: Family::Npm },
    Row { names: &["pnpm", "pnpx", "yarn", "yarnpkg"], key: "node", family: Family::NodeRunner },
    Row { names: &["node", "nodejs"], key: "node", family: Family::Node },
    Row { names: &["bun", "bunx"], key: "bun", family: Family::Bun },
    Row { names: &["deno"], key: "deno", family: Family::Deno },
    Row { names: &["tsx", "ts-node"], key: "node", family: Family::Interpreter },
    Row { names: &["sh", "dash", "ash"], key: "sh", family: Family::Shell },
    Row { names: &["bash", "zsh", "ksh"], key: "bash", family: Family::Shell },
    Row { names: &["java"], key: "java", family: Family::Interpreter },
    Row { names: &["ruby"], key: "ruby", family: Family::Interpreter },
    Row { names: &["php"], key: "php", family: Family::Interpreter },
    Row { names: &["dotnet"], key: "dotnet", family: Family::Interpreter },
    Row { names: &["pip", "pip3"], key: "pip", family: Family::Fetcher },
    Row { names: &["poetry", "pipenv", "pdm", "rye", "hatch"], key: "python", family: Family::Fetcher },
    Row { names: &["go"], key: "go", family: Family::Fetcher },
    Row { names: &["cargo"], key: "cargo", family: Family::Fetcher },
    Row { names: &["rustc"], key: "rustc", family: Family::Fetcher },
    Row { names: &["gem", "bundle"], key: "gem", family: Family::Fetcher },
    Row { names: &["composer"], key: "composer", family: Family::Fetcher },
    Row { names: &["dnx"], key: "dotnet", family: Family::Fetcher },
    Row {
        names: &["docker", "podman", "nerdctl", "docker-compose"],
        key: "binary",
        family: Family::Container,
    },
    Row {
        names: &["kubectl", "ssh", "osascript", "xcrun", "open", "powershell", "pwsh"],
        key: "binary",
        family: Family::Host,
    },
];

/// The row of a command, by its base name; `python3.12` is `python3`.
pub fn find(name: &str) -> Option<&'static Row> {
    let plain = match name.strip_prefix("python") {
        Some(version) if version.chars().all(|letter| letter.is_ascii_digit() || letter == '.') => "python",
        _ => name,
    };
    ROWS.iter().find(|row| row.names.contains(&plain))
}

/// The key for a program that no row knows.
pub const BINARY: &str = "binary";

/// An image with the C library of a distribution: for `bash`, which Alpine lacks, and for programs linked to it.
pub const DEBIAN: &str = "debian:bookworm-slim";

const IMAGES: &[(&str, &str)] = &[
    ("python", "python:3.11"),
    ("python3", "python:3.11"),
    ("uvx", "python:3.11"),
    ("pip", "python:3.11"),
    ("pipx", "python:3.11"),
    ("node", "node:20"),
    ("npm", "node:20"),
    ("npx", "node:20"),
    ("yarn", "node:20"),
    ("bun", "oven/bun:1"),
    ("deno", "denoland/deno:2"),
    ("go", "golang:1.21-alpine"),
    ("cargo", "rust:1.75-slim"),
    ("rustc", "rust:1.75-slim"),
    ("ruby", "ruby:3.2-alpine"),
    ("gem", "ruby:3.2-alpine"),
    ("php", "php:8.2-cli-alpine"),
    ("composer", "php:8.2-cli-alpine"),
    ("java", "eclipse-temurin:21-jre"),
    ("dotnet", "mcr.microsoft.com/dotnet/sdk:8.0"),
    ("binary", "alpine:3.18"),
    ("sh", "alpine:3.18"),
    ("bash", DEBIAN),
];

/// The images that the product ships as defaults, by runtime.
pub fn shipped_images() -> IndexMap<String, String> {
    IMAGES.iter().map(|(key, image)| ((*key).to_owned(), (*image).to_owned())).collect()
}

/// The shipped image of one key.
pub fn shipped_image(key: &str) -> &'static str {
    let of = |wanted: &str| IMAGES.iter().find(|(key, _)| *key == wanted).map(|(_, image)| *image);
    of(key).or_else(|| of(BINARY)).unwrap_or("alpine:3.18")
}

/// What a well-known package needs beyond the recipe.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name in the index.
    pub package: &'static str,
    /// Keeps data of its own between restarts, in `/state/data`.
    pub keeps_data: bool,
    /// Variables that point it there, unless the person set them.
    pub env: &'static [(&'static str, &'static str)],
}

/// Packages whose defaults assume that the folder of their own code, or the folder they start in, is writable.
pub const KNOWN: &[Known] = &[
    Known {
        package: "@modelcontextprotocol/server-memory",
        keeps_data: true,
        env: &[("MEMORY_FILE_PATH", "/state/data/memory.json")],
    },
    Known { package: "mcp-server-sqlite", keeps_data: true, env: &[] },
    Known {
        // In a container nobody else shares, whoever owns the repository is as good as the user.
        package: "mcp-server-git",
        keeps_data: false,
        env: &[
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "safe.directory"),
            ("GIT_CONFIG_VALUE_0", "*"),
        ],
    },
];

/// The row of a well-known package.
pub fn known(package: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.package == package)
}

/// Neutral variables of everything that runs in an image of these keys.
pub fn variables(key: &str) -> &'static [(&'static str, &'static str)] {
    match key {
        "python" | "python3" | "uvx" | "pip" | "pipx" => &[
            ("PYTHONUNBUFFERED", "1"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("UV_CACHE_DIR", "/home/mcp/.cache/uv"),
            ("UV_NO_PROGRESS", "1"),
        ],
        "node" | "npm" | "npx" | "yarn" => &[
            ("npm_config_cache", "/home/mcp/.npm"),
            ("npm_config_update_notifier", "false"),
            ("npm_config_fund", "false"),
            ("npm_config_audit", "false"),
            ("npm_config_yes", "true"),
        ],
        "deno" => &[("DENO_DIR", "/home/mcp/.deno"), ("DENO_NO_UPDATE_CHECK", "1")],
        "go" => &[("GOPATH", "/home/mcp/go"), ("GOCACHE", "/home/mcp/.cache/go"), ("CGO_ENABLED", "0")],
        "cargo" | "rustc" => &[("CARGO_HOME", "/home/mcp/.cargo"), ("CARGO_TARGET_DIR", "/home/mcp/target")],
        "ruby" | "gem" => &[("GEM_HOME", "/home/mcp/gems")],
        "dotnet" => {
            &[("DOTNET_CLI_HOME", "/home/mcp"), ("DOTNET_NOLOGO", "1"), ("DOTNET_CLI_TELEMETRY_OPTOUT", "1")]
        }
        _ => &[],
    }
}
