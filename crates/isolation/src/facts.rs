//! What planning needs to know of this computer and its engine, as values: every rule for Linux, macOS and
//! Windows can be tested on any of them. `gather` is the one place that looks at the disk.

use std::collections::BTreeMap;
use std::path::PathBuf;

mod gather;

pub use gather::gather;

/// The operating system whose path and ownership rules hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Case-sensitive paths, engine on the same kernel.
    Linux,
    /// Case-insensitive paths, engine in a virtual machine.
    MacOs,
    /// Drive letters, backslashes, engine in a virtual machine.
    Windows,
}

impl Os {
    /// The system this program was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }

    /// Whether `A` and `a` name the same file.
    pub const fn folds_case(self) -> bool {
        matches!(self, Self::MacOs | Self::Windows)
    }
}

/// The person's account on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct System {
    /// Its rules.
    pub os: Os,
    /// The user this program runs as (0 on Windows, where it means nothing).
    pub uid: u32,
    /// The group this program runs as.
    pub gid: u32,
    /// The home folder.
    pub home: String,
    /// Our own configuration, state and log folders.
    pub own_folders: Vec<String>,
}

/// How the engine is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Transport {
    /// A socket file of this computer.
    #[default]
    Unix,
    /// A named pipe of this computer.
    Pipe,
    /// TCP; without TLS whoever reaches the port owns the engine.
    Tcp {
        /// The host as written.
        host: String,
        /// Whether TLS guards it.
        tls: bool,
    },
    /// A remote computer through ssh.
    Ssh,
}

/// What the engine said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineFacts {
    /// API version, such as `(1, 41)`.
    pub api: (u16, u16),
    /// Architecture as the engine names it: `amd64`, `arm64`.
    pub arch: String,
    /// How it is reached.
    pub transport: Transport,
    /// The socket file or pipe it is reached by, where there is one.
    pub socket: Option<String>,
    /// Runs without root on the host.
    pub rootless: bool,
    /// Remaps container users to other host users.
    pub userns_remap: bool,
    /// Docker Desktop or OrbStack: their file sharing maps owners leniently.
    pub desktop: bool,
    /// Podman behind the Docker API.
    pub podman: bool,
    /// Runs on another computer, so host paths mean nothing to it.
    pub remote: bool,
    /// Enforces memory limits.
    pub memory_limit: bool,
    /// Accounts swap.
    pub swap_limit: bool,
    /// Enforces process limits.
    pub pids_limit: bool,
    /// Enforces CPU limits.
    pub cpu_limit: bool,
    /// Filters system calls.
    pub seccomp: bool,
}

impl Default for EngineFacts {
    fn default() -> Self {
        Self {
            api: (1, 41),
            arch: "amd64".to_owned(),
            transport: Transport::Unix,
            socket: Some("/var/run/docker.sock".to_owned()),
            rootless: false,
            userns_remap: false,
            desktop: false,
            podman: false,
            remote: false,
            memory_limit: true,
            swap_limit: true,
            pids_limit: true,
            cpu_limit: true,
            seccomp: true,
        }
    }
}

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A socket or a named pipe.
    Socket,
    /// A device.
    Device,
}

/// What a program file is, read from its first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binary {
    /// Linux, needs nothing.
    StaticElf,
    /// Linux, needs the loader and libraries of a distribution.
    DynamicElf,
    /// macOS.
    MachO,
    /// Windows.
    Pe,
    /// A script, with the words of its first line (`/usr/bin/env`, `python3`).
    Script(Vec<String>),
}

/// What one path of the configuration turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathFact {
    /// The path with every link resolved.
    pub canonical: String,
    /// What lies there.
    pub kind: Kind,
    /// User and group that own it (Unix).
    pub owner: Option<(u32, u32)>,
    /// What kind of program, for files.
    pub binary: Option<Binary>,
    /// Names directly inside a folder that planning cares about: project files, `.env`, client files, sockets.
    pub holds: Vec<String>,
    /// Changes when what a project or a script says it needs changes.
    pub fingerprint: Option<String>,
}

/// The paths that `gather` looked at, by the spelling under which they were asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathFacts {
    /// One entry for each path that exists.
    pub known: BTreeMap<String, PathFact>,
}

impl PathFacts {
    /// What lies at a path, if anything does.
    pub fn get(&self, path: &str) -> Option<&PathFact> {
        self.known.get(path)
    }
}

/// Everything `plan` may know of the world.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The account.
    pub system: System,
    /// The engine.
    pub engine: EngineFacts,
    /// The paths that the configuration names.
    pub paths: PathFacts,
    /// The id of this installation, which labels all that it makes.
    pub instance: String,
    /// A certificate bundle on this computer that containers shall trust.
    pub certificates: Option<PathBuf>,
}
