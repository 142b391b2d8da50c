//! Why packages could not be prepared, read from what the installers say.
use std::time::Duration;

use crate::container::StartError;
use crate::engine::EngineError;
use crate::running::{Exit, ExitCause};

/// Why a server's packages are not there.
#[derive(Debug, thiserror::Error)]
#[error("{package} could not be installed: {cause}")]
pub struct PrepareError {
    /// The package as written.
    pub package: String,
    /// Why.
    pub cause: PrepareCause,
    /// The last lines of the installer.
    pub output: Vec<String>,
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum PrepareCause {
    /// The index has no such package.
    #[error("it does not exist in its index. Check the name.")]
    NotFound,
    /// The index has the package, not the version.
    #[error("the index has no such version of it: {0}")]
    VersionNotFound(String),
    /// The index cannot be reached.
    #[error("the index cannot be reached: {0}")]
    Network(String),
    /// The index presented a certificate that the container does not trust.
    #[error("the index presented a certificate that the container does not trust: {0}")]
    Certificate(String),
    /// The index wants to know who asks.
    #[error("the index wants a sign-in: {0}")]
    SignIn(String),
    /// It must be built, which runs its code; that takes `isolation.allow_scripts`.
    #[error(
        "it has to be built, which runs code of the package. Allow that with isolation.allow_scripts: {0}"
    )]
    ScriptsNeeded(String),
    /// It wants another version of the language than the image has.
    #[error("it does not run on the version of the language in the image: {0}")]
    WrongVersion(String),
    /// It does not bring the command that was asked for.
    #[error("{0}")]
    NoCommand(String),
    /// It is fetched by a program that the image lacks.
    #[error("the image has no {0}, which is needed to fetch it. Choose an image that has it.")]
    ToolMissing(&'static str),
    /// No room on the engine's disk.
    #[error("the engine's disk is full.")]
    DiskFull,
    /// The installer needed more memory than it may use.
    #[error("installing needed more than {} MB of memory.", limit / 1_048_576)]
    OutOfMemory {
        /// Bytes it may use.
        limit: u64,
    },
    /// It took too long.
    #[error("installing did not end within {} minutes.", after.as_secs() / 60)]
    TimedOut {
        /// How long it was waited for.
        after: Duration,
    },
    /// Nobody wants it any more.
    #[error("it was cancelled.")]
    Cancelled,
    /// The installer ended well and left no account of what it did.
    #[error("the installer left no account of what it did.")]
    NoResult,
    /// The engine failed.
    #[error(transparent)]
    Engine(EngineError),
    /// The preparing container did not start.
    #[error(transparent)]
    Start(Box<StartError>),
    /// Anything else.
    #[error("the installer ended with {}: {said}", code.map_or_else(|| "no exit code".to_owned(), |code| format!("exit code {code}")))]
    Failed {
        /// Its exit code.
        code: Option<i32>,
        /// Its last line.
        said: String,
    },
}

impl From<StartError> for PrepareCause {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Engine { source, .. } => Self::Engine(source),
            other => Self::Start(Box::new(other)),
        }
    }
}

impl PrepareError {
    pub(super) fn of(package: &str, cause: PrepareCause) -> Self {
        Self { package: package.to_owned(), cause, output: Vec::new() }
    }

    pub(super) fn with_output(mut self, output: Vec<String>) -> Self {
        self.output = output;
        self
    }

    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match &self.cause {
            PrepareCause::NotFound => "package_not_found",
            PrepareCause::VersionNotFound(_) => "package_version_not_found",
            PrepareCause::Network(_) => "package_network",
            PrepareCause::Certificate(_) => "package_certificate",
            PrepareCause::SignIn(_) => "package_sign_in",
            PrepareCause::ScriptsNeeded(_) => "package_scripts_needed",
            PrepareCause::WrongVersion(_) => "package_wrong_language_version",
            PrepareCause::NoCommand(_) => "package_no_command",
            PrepareCause::ToolMissing(_) => "package_tool_missing",
            PrepareCause::DiskFull => "package_disk_full",
            PrepareCause::OutOfMemory { .. } => "package_out_of_memory",
            PrepareCause::TimedOut { .. } => "package_timed_out",
            PrepareCause::Cancelled => "package_cancelled",
            PrepareCause::NoResult => "package_no_result",
            PrepareCause::Engine(error) => error.code(),
            PrepareCause::Start(error) => error.code(),
            PrepareCause::Failed { .. } => "package_failed",
        }
    }

    /// What fills the sentence of the code.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("package", self.package.clone())];
        let detail = match &self.cause {
            PrepareCause::VersionNotFound(said)
            | PrepareCause::Network(said)
            | PrepareCause::Certificate(said)
            | PrepareCause::SignIn(said)
            | PrepareCause::ScriptsNeeded(said)
            | PrepareCause::WrongVersion(said)
            | PrepareCause::NoCommand(said)
            | PrepareCause::Failed { said, .. } => said.clone(),
            PrepareCause::ToolMissing(tool) => (*tool).to_owned(),
            PrepareCause::OutOfMemory { limit } => (limit / 1_048_576).to_string(),
            PrepareCause::TimedOut { after } => (after.as_secs() / 60).to_string(),
            PrepareCause::Engine(error) => error.to_string(),
            PrepareCause::Start(error) => error.to_string(),
            PrepareCause::NotFound
            | PrepareCause::DiskFull
            | PrepareCause::Cancelled
            | PrepareCause::NoResult => return fields,
        };
        fields.push(("detail", detail));
        fields
    }

    /// True when trying again may help without a change by the person.
    pub const fn can_pass(&self) -> bool {
        match &self.cause {
            PrepareCause::Network(_) | PrepareCause::TimedOut { .. } | PrepareCause::NoResult => true,
            PrepareCause::Engine(error) => error.is_engine_away(),
            // What the installer says without our understanding it is often the network's doing.
            PrepareCause::Failed { .. } => true,
            _ => false,
        }
    }
}

/// One kind of failure and the words by which installers tell it, in the order of trust: what names its cause most
/// plainly comes first.
type Sign = (&'static [&'static str], fn(String) -> PrepareCause);

const SIGNS: &[Sign] = &[
    (&["mcpproxy: "], |said| PrepareCause::NoCommand(said.replacen("mcpproxy: ", "", 1))),
    (&["enospc", "no space left on device", "os error 28"], |_| PrepareCause::DiskFull),
    (
        &[
            "self_signed_cert",
            "self-signed certificate",
            "unable_to_get_issuer_cert",
            "unable to get local issuer",
            "unable_to_verify_leaf",
            "certificate_verify_failed",
            "certificate verify failed",
            "invalid peer certificate",
            "unknownissuer",
            "cert_has_expired",
        ],
        PrepareCause::Certificate,
    ),
    (
        &[
            "building from source is disabled",
            "building source distributions is disabled",
            "no usable wheels",
            "has no wheels",
            "have no wheels",
            "must be built, which runs its scripts",
        ],
        PrepareCause::ScriptsNeeded,
    ),
    (
        &["does not satisfy python", "requires a different python", "ebadengine", "requires-python"],
        PrepareCause::WrongVersion,
    ),
    (&["spawn git enoent", "git: not found", "git executable not found", "enoent: git"], |_| {
        PrepareCause::ToolMissing("git")
    }),
    (&["python3: not found", "no module named pip", "no module named venv"], |_| {
        PrepareCause::ToolMissing("Python with pip")
    }),
    (&["npm: not found"], |_| PrepareCause::ToolMissing("npm")),
    (&["code e401", "code e403", "401 unauthorized", "403 forbidden"], PrepareCause::SignIn),
    // Before what is missing: an installer that reached nobody says in the end that there is nothing.
    (
        &[
            "enotfound",
            "eai_again",
            "econnrefused",
            "econnreset",
            "etimedout",
            "err_socket_timeout",
            "network is unreachable",
            "name resolution",
            "error sending request",
            "dns error",
            "newconnectionerror",
            "connection refused",
            "timed out",
            "could not resolve host",
        ],
        PrepareCause::Network,
    ),
    (
        &["code etarget", "no matching version found", "there is no version of", "from versions: "],
        PrepareCause::VersionNotFound,
    ),
    (
        &[
            "code e404",
            "404 not found",
            "was not found in the package registry",
            "no matching distribution found",
            "could not find a version that satisfies",
            "repository not found",
        ],
        |_| PrepareCause::NotFound,
    ),
];

/// Reads an installer's last lines.
pub(super) fn classify(lines: &[String], exit: &Exit, memory: u64) -> PrepareCause {
    if matches!(exit.cause, ExitCause::EngineLost) {
        return PrepareCause::Engine(EngineError::lost("the engine went away while packages were installed"));
    }
    if exit.oom {
        return PrepareCause::OutOfMemory { limit: memory };
    }
    for (words, cause) in SIGNS {
        // Installers wrap their lines; what is parted by a line's end still belongs together.
        let hit = lines.iter().find(|line| {
            let line = line.to_ascii_lowercase();
            words.iter().any(|word| line.contains(word))
        });
        if let Some(line) = hit {
            return refine(cause(line.clone()), lines);
        }
    }
    // A version that does not exist is listed by pip with those that do; with none it is the package that is missing.
    let said = lines.iter().rev().find(|line| !line.trim().is_empty()).cloned().unwrap_or_default();
    PrepareCause::Failed { code: exit.code, said }
}

/// `from versions: none` means that there is no such package at all.
fn refine(cause: PrepareCause, lines: &[String]) -> PrepareCause {
    match cause {
        PrepareCause::VersionNotFound(_) if lines.iter().any(|line| line.contains("from versions: none")) => {
            PrepareCause::NotFound
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut exit = Exit::unknown(ExitCause::Exited, Duration::ZERO);
        exit.code = Some(1);
        PrepareError::of("x", classify(&lines, &exit, 1)).code()
    }

    #[test]
    fn what_installers_say_is_told_apart() {
        for (text, expected) in [
            (
                "npm error code E404\nnpm error 404 Not Found - GET https://registry/@acme%2fx - Not found",
                "package_not_found",
            ),
            (
                "npm error code ETARGET\nnpm error notarget No matching version found for zod@99.",
                "package_version_not_found",
            ),
            (
                "  × No solution found when resolving dependencies:\n  ╰─▶ Because acme-mcp was not found in the package registry and you require acme-mcp",
                "package_not_found",
            ),
            (
                "  ╰─▶ Because there is no version of mcp-server-time==99 and you require",
                "package_version_not_found",
            ),
            (
                "ERROR: Could not find a version that satisfies the requirement uv (from versions: none)",
                "package_not_found",
            ),
            (
                "WARNING: Retrying after connection broken by 'NewConnectionError('\nERROR: Could not find a version that satisfies the requirement uv (from versions: none)",
                "package_network",
            ),
            ("npm error code ENOTFOUND\nnpm error network request to https://x failed", "package_network"),
            (
                "error: Request failed after 3 retries\n  Caused by: dns error: failed to lookup address information: Temporary failure in name resolution",
                "package_network",
            ),
            ("npm error code SELF_SIGNED_CERT_IN_CHAIN", "package_certificate"),
            ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "package_certificate"),
            ("  Caused by: invalid peer certificate: UnknownIssuer", "package_certificate"),
            (
                "  hint: Wheels are required for `x` because building from source is disabled for all packages (i.e., with `--no-build`)",
                "package_scripts_needed",
            ),
            ("npm error code ENOSPC\nnpm error syscall write", "package_disk_full"),
            ("error: No space left on device (os error 28)", "package_disk_full"),
            (
                "npm error code ENOENT\nnpm error syscall spawn git\nnpm error enoent spawn git ENOENT",
                "package_tool_missing",
            ),
            ("mcpproxy: mcp brings no command 'x'; it brings: none", "package_no_command"),
            ("npm error code E401", "package_sign_in"),
            ("something else", "package_failed"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn memory_and_a_lost_engine_come_before_any_words() {
        let lines = vec!["npm error code E404".to_owned()];
        let mut exit = Exit::unknown(ExitCause::Exited, Duration::ZERO);
        exit.oom = true;
        assert!(matches!(classify(&lines, &exit, 5), PrepareCause::OutOfMemory { limit: 5 }));
        let lost = Exit::unknown(ExitCause::EngineLost, Duration::ZERO);
        assert!(PrepareError::of("x", classify(&lines, &lost, 5)).can_pass());
    }
}
