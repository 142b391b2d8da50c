//! Why a container does not start, sorted by what a person can do about it.

use crate::engine::EngineError;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The plan has no container to start.
    #[error("This server has no container of its own.")]
    NoContainer,
    /// The engine refused or failed.
    #[error("The container could not be started ({step}): {source}")]
    Engine {
        /// What was being done.
        step: &'static str,
        /// What it said.
        source: EngineError,
    },
    /// There is no PID 1 for the engine's architecture.
    #[error("The engine runs on {arch}; servers can be isolated on amd64 and arm64.")]
    Architecture {
        /// The engine's word for it.
        arch: String,
    },
    /// Arguments, environment and secret files are too large.
    #[error("Arguments and environment together exceed 1 MiB.")]
    TooLarge,
    /// A NUL byte or a malformed name among arguments or environment.
    #[error("An argument or a variable holds what no program can be given: a NUL byte, or a name with “=”.")]
    Malformed,
    /// The certificate bundle could not be read.
    #[error("The certificates in {path} cannot be read: {detail}.")]
    Certificates {
        /// The file.
        path: String,
        /// The system's words.
        detail: String,
    },
    /// A volume that stands for a folder of the engine's host.
    #[error(
        "The volume {name} is a folder of the host in disguise; mount the folder itself, where it can be checked."
    )]
    VolumeBinds {
        /// Its name.
        name: String,
    },
    /// The packages were not prepared.
    #[error("The packages of this server are not prepared.")]
    Unprepared,
    /// The server's program could not be executed.
    #[error("{program} cannot be executed in the image {image}: {reason}.")]
    Exec {
        /// What was to run.
        program: String,
        /// Where.
        image: String,
        /// The system's error number.
        errno: i32,
        /// The same in words.
        reason: &'static str,
    },
    /// The server's working directory could not be entered.
    #[error("The folder {path} cannot be entered in the container: {reason}.")]
    Directory {
        /// The folder.
        path: String,
        /// The system's error number.
        errno: i32,
        /// The same in words.
        reason: &'static str,
    },
    /// The container ended before its server ran.
    #[error("The container ended before its server ran (exit code {code:?}).")]
    Ended {
        /// Its exit code, if known.
        code: Option<i64>,
    },
    /// The container said nothing in time.
    #[error("The container did not start its server within {seconds} s.")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// A process on the host could not be started.
    #[error("{program} cannot be started: {detail}.")]
    Spawn {
        /// What was to run.
        program: String,
        /// The system's words.
        detail: String,
        /// Whether there is no such program.
        missing: bool,
    },
}

impl StartError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            StartError::NoContainer => "no_container",
            StartError::Engine { source, .. } => source.code(),
            StartError::Architecture { .. } => "engine_architecture",
            StartError::TooLarge => "arguments_too_large",
            StartError::Malformed => "arguments_malformed",
            StartError::Certificates { .. } => "certificates_unreadable",
            StartError::VolumeBinds { .. } => "volume_binds_host",
            StartError::Unprepared => "packages_unprepared",
            StartError::Exec { .. } => "exec_failed",
            StartError::Directory { .. } => "working_dir_failed",
            StartError::Ended { .. } => "container_ended",
            StartError::Silent { .. } => "container_silent",
            StartError::Spawn { missing: true, .. } => "command_not_found",
            StartError::Spawn { missing: false, .. } => "spawn_failed",
        }
    }

    pub(crate) fn at(step: &'static str) -> impl FnOnce(EngineError) -> StartError {
        move |source| StartError::Engine { step, source }
    }
}

/// The few error numbers of Linux that starting a program meets, in words; the host may be another system.
pub(super) const fn reason(errno: i32) -> &'static str {
    match errno {
        2 => "there is no such file",
        7 => "the arguments are too long",
        8 => "it is not a program for this architecture, or a script without its first line",
        12 => "there is not enough memory",
        13 => "permission is denied",
        20 => "a part of the path is not a folder",
        26 => "the file is being written",
        _ => "the system refused it",
    }
}
