//! Why a server is not started: each reason says what was asked, why not, and the word or line that mends it.

/// A plan that was not made. `code` never changes; `fields` fill the sentence of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A package runner with nothing to run.
    #[error("{command} needs the name of a package. Write it into args.")]
    NothingToRun {
        /// The runner.
        command: String,
    },
    /// The command asks for more rights than ours.
    #[error("{command} asks for other rights than yours, which a container never gets. Remove it.")]
    Elevates {
        /// `sudo` and its like.
        command: String,
    },
    /// Works only with what this computer alone has.
    #[error(
        "{command} needs keys, programs or windows of this computer. Turn isolation off for this server."
    )]
    NeedsHost {
        /// The command.
        command: String,
    },
    /// A package that must run code while it is installed.
    #[error(
        "{package} must be built, which runs its code while it is prepared. \
         If you trust it, write \"allow_scripts\": true into its isolation block."
    )]
    NeedsScripts {
        /// The package.
        package: String,
    },
    /// The command cannot be taken apart.
    #[error("The command `{command}` cannot be understood: {problem}.")]
    Command {
        /// As far as it may be shown.
        command: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A program of another system.
    #[error(
        "{path} is a program for {system} and cannot run in a Linux container. Turn isolation off for it."
    )]
    OtherSystem {
        /// The program.
        path: String,
        /// `macOS` or `Windows`.
        system: &'static str,
    },
    /// A program or script that is not there.
    #[error("{path} does not exist on this computer, so it cannot be put into the container.")]
    Missing {
        /// What was asked for.
        path: String,
    },
    /// A setting whose value means nothing.
    #[error("{key} {value} is not {expected}. Write {example}.")]
    Value {
        /// The configuration key.
        key: &'static str,
        /// As written.
        value: String,
        /// What it should be: `a size`, `a number of CPUs`.
        expected: &'static str,
        /// A right one.
        example: String,
    },
    /// A `docker run` flag that we do not know.
    #[error("The flag {flag} in extra_args is not known. Remove it.")]
    UnknownFlag {
        /// The flag without its value.
        flag: String,
    },
    /// A `docker run` flag that has no place here.
    #[error("The flag {flag} in extra_args cannot be used: {reason}.")]
    Flag {
        /// The flag without its value.
        flag: String,
        /// Why not.
        reason: String,
    },
    /// A setting that opens the wall; the name in `allow_unsafe` lifts it.
    #[error(
        "{what} is refused: {reason}. If it must be, write \"allow_unsafe\": [\"{lift}\"] into its isolation block."
    )]
    Unsafe {
        /// What was asked for: a flag or a path.
        what: String,
        /// Why it opens the wall.
        reason: String,
        /// The name that lifts the refusal.
        lift: &'static str,
    },
    /// A word in `allow_unsafe` that lifts nothing.
    #[error("allow_unsafe does not know {name}. It knows: {known}.")]
    UnknownLift {
        /// As written.
        name: String,
        /// All that there are.
        known: String,
    },
    /// A line in `volumes` that cannot be read.
    #[error("The volume {volume} cannot be used: {problem}. Write /folder/here:/folder/there:ro.")]
    Volume {
        /// As written.
        volume: String,
        /// What is wrong.
        problem: String,
    },
    /// A folder in `volumes` that is not there.
    #[error("The folder {path} in volumes does not exist. Make it, or correct the line.")]
    FolderMissing {
        /// The folder.
        path: String,
    },
    /// A folder of this computer for an engine elsewhere.
    #[error("{path} lies on this computer, and the engine runs on another one. Remove it from volumes.")]
    RemoteFolder {
        /// The folder.
        path: String,
    },
}

impl Refusal {
    /// The name of this reason for programs; never renamed.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingToRun { .. } => "nothing_to_run",
            Self::Elevates { .. } => "command_elevates",
            Self::NeedsHost { .. } => "command_needs_host",
            Self::NeedsScripts { .. } => "package_needs_scripts",
            Self::Command { .. } => "command_unclear",
            Self::OtherSystem { .. } => "program_of_other_system",
            Self::Missing { .. } => "program_missing",
            Self::Value { .. } => "isolation_value",
            Self::UnknownFlag { .. } => "flag_unknown",
            Self::Flag { .. } => "flag_refused",
            Self::Unsafe { .. } => "unsafe_refused",
            Self::UnknownLift { .. } => "allow_unsafe_unknown",
            Self::Volume { .. } => "volume_invalid",
            Self::FolderMissing { .. } => "volume_missing",
            Self::RemoteFolder { .. } => "volume_remote",
        }
    }

    /// What fills the sentence.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::NothingToRun { command } | Self::Elevates { command } | Self::NeedsHost { command } => {
                vec![("command", command.clone())]
            }
            Self::NeedsScripts { package } => vec![("package", package.clone())],
            Self::Command { command, problem } => {
                vec![("command", command.clone()), ("problem", problem.clone())]
            }
            Self::OtherSystem { path, system } => {
                vec![("path", path.clone()), ("system", (*system).to_owned())]
            }
            Self::Missing { path } | Self::RemoteFolder { path } | Self::FolderMissing { path } => {
                vec![("path", path.clone())]
            }
            Self::Value { key, value, expected, example } => vec![
                ("key", (*key).to_owned()),
                ("value", value.clone()),
                ("expected", (*expected).to_owned()),
                ("example", example.clone()),
            ],
            Self::UnknownFlag { flag } => vec![("flag", flag.clone())],
            Self::Flag { flag, reason } => vec![("flag", flag.clone()), ("reason", reason.clone())],
            Self::Unsafe { what, reason, lift } => {
                vec![("what", what.clone()), ("reason", reason.clone()), ("lift", (*lift).to_owned())]
            }
            Self::UnknownLift { name, known } => vec![("name", name.clone()), ("known", known.clone())],
            Self::Volume { volume, problem } => {
                vec![("volume", volume.clone()), ("problem", problem.clone())]
            }
        }
    }

    /// The same reason with each of its texts changed.
    pub(crate) fn map(mut self, change: impl Fn(String) -> String) -> Self {
        let texts: [Option<&mut String>; 2] = match &mut self {
            Self::NothingToRun { command } | Self::Elevates { command } | Self::NeedsHost { command } => {
                [Some(command), None]
            }
            Self::NeedsScripts { package } => [Some(package), None],
            Self::Command { command, problem } => [Some(command), Some(problem)],
            Self::OtherSystem { path, .. }
            | Self::Missing { path }
            | Self::RemoteFolder { path }
            | Self::FolderMissing { path } => [Some(path), None],
            Self::Value { value, example, .. } => [Some(value), Some(example)],
            Self::UnknownFlag { flag } => [Some(flag), None],
            Self::Flag { flag, reason } => [Some(flag), Some(reason)],
            Self::Unsafe { what, reason, .. } => [Some(what), Some(reason)],
            Self::UnknownLift { name, .. } => [Some(name), None],
            Self::Volume { volume, problem } => [Some(volume), Some(problem)],
        };
        for text in texts.into_iter().flatten() {
            *text = change(std::mem::take(text));
        }
        self
    }

    /// The name in `allow_unsafe` that would lift it, where one does.
    pub const fn lift(&self) -> Option<&'static str> {
        match self {
            Self::Unsafe { lift, .. } => Some(lift),
            _ => None,
        }
    }
}
