//! One question to a shell: it is started, its answer awaited, and everything it started ended.
//!
//! Nothing is read to its end and nothing else is waited for: a background job of a start-up file may keep the
//! pipes open for hours. All reading happens in the asking future itself, so dropping it leaves nothing behind.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::UnixListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::RESOLVING;
use super::shell::Style;
use super::spawn::{Group, in_own_session};
use crate::parse::{self, LONGEST_ANSWER, Marked};
use crate::print::{NONCE, SOCKET, marks};
use crate::{CaptureError, CaptureOptions};

/// The longest path that a socket can have on every system.
const LONGEST_SOCKET_PATH: usize = 103;
/// What is kept of the shell's output, for the diagnosis.
const KEPT_OUTPUT: usize = 64 << 10;
/// What an error repeats of it.
const QUOTED_OUTPUT: usize = 400;
/// An answer may still be on its way when the shell has ended.
const GRACE: Duration = Duration::from_millis(300);
/// How long a killed process is waited for.
const BURIAL: Duration = Duration::from_secs(1);

/// Told to the start-up files: no colours, no updates, no terminal multiplexers, no second question.
const HINTS: &[(&str, &str)] = &[
    ("TERM", "dumb"),
    (RESOLVING, "1"),
    ("VSCODE_RESOLVING_ENVIRONMENT", "1"),
    ("DISABLE_AUTO_UPDATE", "true"),
    ("ZSH_TMUX_AUTOSTART", "false"),
];

/// A question to a shell.
pub(crate) struct Question<'a> {
    pub(crate) options: &'a CaptureOptions,
    pub(crate) shell: &'a Path,
    pub(crate) home: &'a Path,
}

enum End {
    Answer(Result<Vec<u8>, CaptureError>),
    Exit(Option<ExitStatus>),
}

impl Question<'_> {
    /// Asks once, and has ended everything it started when it returns.
    pub(crate) async fn ask(
        &self,
        style: &Style,
        interactive: bool,
        deadline: Duration,
    ) -> Result<BTreeMap<String, String>, CaptureError> {
        let desk = Desk::open(self.options).map_err(|source| self.start_error(source))?;
        let mut child =
            self.command(style, interactive, &desk).spawn().map_err(|source| self.start_error(source))?;
        let mut group = Group::of(&child);
        let (mut output, mut errors) = (Ring::default(), Ring::default());
        let end = self.race(&desk, &mut child, &mut output, &mut errors, deadline).await;
        group.kill();
        // A process that even this does not end stays with the runtime, which collects it later.
        let _ = timeout(BURIAL, child.wait()).await;
        let shell = || self.shell.to_owned();
        let said = || if errors.is_empty() { output.quote() } else { errors.quote() };
        match end {
            Some(End::Answer(answer)) => parse::records(&answer?),
            Some(End::Exit(status)) => {
                let status = status.and_then(|status| status.code());
                Err(CaptureError::NoAnswer { shell: shell(), status, output: said() })
            }
            None => {
                Err(CaptureError::TimedOut { shell: shell(), seconds: deadline.as_secs(), output: said() })
            }
        }
    }

    /// Waits for whichever comes first: the answer, the end of the shell, the deadline (`None`).
    async fn race(
        &self,
        desk: &Desk,
        child: &mut Child,
        output: &mut Ring,
        errors: &mut Ring,
        deadline: Duration,
    ) -> Option<End> {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let answer = async {
            tokio::select! {
                answer = desk.answer() => answer,
                answer = watch_output(stdout, output, Marked::new(&desk.nonce)) => answer,
                never = watch_errors(stderr, errors) => match never {},
            }
        };
        tokio::pin!(answer);
        let race = async {
            tokio::select! {
                biased;
                answer = &mut answer => End::Answer(answer),
                status = child.wait() => match timeout(GRACE, &mut answer).await {
                    Ok(answer) => End::Answer(answer),
                    Err(_) => End::Exit(status.ok()),
                },
            }
        };
        timeout(deadline, race).await.ok()
    }

    fn command(&self, style: &Style, interactive: bool, desk: &Desk) -> Command {
        let mut command = Command::new(self.shell);
        if let Some(name) = style.own_name(self.shell) {
            command.arg0(name);
        }
        command
            .args(style.words(interactive))
            .arg(&desk.command)
            .env_clear()
            .envs(self.options.process.iter().map(|(name, value)| (name, value)))
            .envs(HINTS.iter().copied())
            .env("HOME", self.home)
            .env(NONCE, &desk.nonce)
            .current_dir(self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        match &desk.socket {
            Some((path, _)) => command.env(SOCKET, path),
            None => command.env_remove(SOCKET),
        };
        in_own_session(&mut command);
        command
    }

    fn start_error(&self, source: std::io::Error) -> CaptureError {
        CaptureError::Start { shell: self.shell.to_owned(), source }
    }
}

/// Where the answer is awaited, and what the shell is told to run for it.
struct Desk {
    nonce: String,
    command: String,
    socket: Option<(PathBuf, UnixListener)>,
    /// Removed, with everything in it, when the question is over.
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open(options: &CaptureOptions) -> std::io::Result<Self> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
        let nonce: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let runtime = options.variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_dir());
        let folder = tempfile::Builder::new()
            .prefix("mcpproxy-env-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(runtime.unwrap_or_else(std::env::temp_dir))?;
        let program = options.responder.as_deref().and_then(|program| plain_path(program, folder.path()));
        let (command, socket) = match program {
            Some(program) => (format!("{program} --print-env"), open_socket(&folder.path().join("s"))),
            None => {
                let (begin, end) = marks(&nonce);
                // Not `echo`: nushell hands its words on instead of printing them.
                (format!("printf {begin}; env -0; printf {end}"), None)
            }
        };
        Ok(Self { nonce, command, socket, _folder: folder })
    }

    /// The first answer on the socket that repeats our nonce.
    async fn answer(&self) -> Result<Vec<u8>, CaptureError> {
        let Some((_, listener)) = &self.socket else { return std::future::pending().await };
        let expected = format!("{NONCE}={}", self.nonce);
        loop {
            let Ok((stream, _)) = listener.accept().await else { return std::future::pending().await };
            let peer = stream.peer_cred().map(|peer| peer.uid());
            if peer.ok() != Some(rustix::process::geteuid().as_raw()) {
                continue;
            }
            let mut answer = Vec::new();
            let mut limited = stream.take(LONGEST_ANSWER as u64 + 1);
            if limited.read_to_end(&mut answer).await.is_ok()
                && answer.split(|byte| *byte == 0).any(|record| record == expected.as_bytes())
            {
                return Ok(answer);
            }
        }
    }
}

/// A socket for our own user alone; `None` where the path is too long for one.
fn open_socket(path: &Path) -> Option<(PathBuf, UnixListener)> {
    if path.as_os_str().len() > LONGEST_SOCKET_PATH {
        return None;
    }
    let listener = UnixListener::bind(path).ok()?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).ok()?;
    Some((path.to_owned(), listener))
}

/// A path of the program that no shell has to quote: its own, or that of a link in our folder.
fn plain_path(program: &Path, folder: &Path) -> Option<String> {
    if is_plain(program.as_os_str()) {
        return program.to_str().map(str::to_owned);
    }
    let link = folder.join("p");
    std::os::unix::fs::symlink(program, &link).ok()?;
    is_plain(link.as_os_str()).then(|| link.to_str().map(str::to_owned)).flatten()
}

fn is_plain(path: &OsStr) -> bool {
    path.as_encoded_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"_./-".contains(byte))
}

/// Looks for an answer between marks; everything else the shell prints goes into the ring.
async fn watch_output(
    stream: Option<impl AsyncRead + Unpin>,
    ring: &mut Ring,
    mut marked: Marked,
) -> Result<Vec<u8>, CaptureError> {
    if let Some(mut stream) = stream {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            ring.push(&buffer[..length]);
            if let Some(answer) = marked.push(&buffer[..length]) {
                return answer;
            }
        }
    }
    std::future::pending().await
}

/// Keeps the pipe empty, so that the shell never waits for us.
async fn watch_errors(stream: Option<impl AsyncRead + Unpin>, ring: &mut Ring) -> Infallible {
    if let Some(mut stream) = stream {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            ring.push(&buffer[..length]);
        }
    }
    std::future::pending().await
}

/// The last part of a shell's output.
#[derive(Default)]
struct Ring(VecDeque<u8>);

impl Ring {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend(bytes);
        let surplus = self.0.len().saturating_sub(KEPT_OUTPUT);
        self.0.drain(..surplus);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its end as text, fit for a log.
    fn quote(&self) -> String {
        let from = self.0.len().saturating_sub(QUOTED_OUTPUT);
        let bytes: Vec<u8> = self.0.iter().skip(from).copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
    }
}
