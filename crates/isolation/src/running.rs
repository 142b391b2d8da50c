//! A server that runs, wherever it runs: its three streams, its end, and the way to end it.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::{mpsc, watch};
use tokio_util::task::AbortOnDropHandle;

use crate::container::link;
use crate::freeze::Freezer;

/// The longest that [`Stop::stop`] takes unless its caller says otherwise.
pub const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The engine's id of a container.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerId(String);

impl ContainerId {
    pub(crate) fn new(id: impl Into<String>) -> ContainerId {
        ContainerId(id.into())
    }

    /// All 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The twelve digits that people see.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// A running server. Dropping all of it ends the server: its lease on life is this connection.
#[derive(Debug)]
pub struct Running {
    /// The server's input.
    pub stdin: Stdin,
    /// The server's output: the protocol.
    pub stdout: Stdout,
    /// What the server says beside the protocol.
    pub stderr: Stderr,
    /// Its container, if it has one.
    pub container: Option<ContainerId>,
    /// Where the id of the container that its command starts by itself can be asked for.
    pub own_container: Option<crate::host::IdFile>,
    /// Its process on this computer, if it runs there.
    pub pid: Option<u32>,
    /// The container's name for people, if it has one.
    pub name: Option<String>,
    /// Tells how it ended.
    pub exit: ExitWatch,
    /// Holds it still and lets it go on.
    pub freezer: Freezer,
    /// Ends it; dropping this ends it too, without waiting.
    pub stop: Stop,
}

/// How a server ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether the kernel ended it for want of memory.
    pub oom: bool,
    /// What set the end in motion.
    pub cause: ExitCause,
    /// The most memory it used, in bytes.
    pub peak_memory: Option<u64>,
    /// Processes killed for want of memory, of which the server may have survived some.
    pub oom_kills: Option<u64>,
    /// Processes that it left to its PID 1.
    pub reaped: u64,
    /// From start to end.
    pub duration: Duration,
}

impl Exit {
    pub(crate) fn unknown(cause: ExitCause, duration: Duration) -> Exit {
        Exit {
            code: None,
            signal: None,
            oom: false,
            cause,
            peak_memory: None,
            oom_kills: None,
            reaped: 0,
            duration,
        }
    }
}

/// What set the end of a server in motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCause {
    /// It ended by itself.
    Exited,
    /// The connection that was its lease ended.
    StdinClosed,
    /// We stopped it.
    Stopped,
    /// Nothing was heard of us for too long, such as while this program was frozen.
    HeartbeatLost,
    /// Somebody else ended the container.
    Killed,
    /// The engine went away, and what became of the server is not known.
    EngineLost,
    /// Its program could not be executed.
    ExecFailed {
        /// The system's error number.
        errno: i32,
    },
    /// Its working directory could not be entered.
    DirectoryFailed {
        /// The system's error number.
        errno: i32,
    },
    /// A secret file could not be written for it.
    SecretFileFailed {
        /// The system's error number.
        errno: i32,
    },
    /// What reached the container was garbled.
    Garbled,
}

impl ExitCause {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            ExitCause::Exited => "server_exited",
            ExitCause::StdinClosed => "server_stdin_closed",
            ExitCause::Stopped => "server_stopped",
            ExitCause::HeartbeatLost => "server_heartbeat_lost",
            ExitCause::Killed => "server_killed",
            ExitCause::EngineLost => "engine_lost",
            ExitCause::ExecFailed { .. } => "exec_failed",
            ExitCause::DirectoryFailed { .. } => "working_dir_failed",
            ExitCause::SecretFileFailed { .. } => "secret_file_failed",
            ExitCause::Garbled => "server_garbled",
        }
    }
}

/// Tells how a server ended; clones all tell the same.
#[derive(Clone, Debug)]
pub struct ExitWatch(watch::Receiver<Option<Exit>>);

impl ExitWatch {
    pub(crate) fn channel() -> (watch::Sender<Option<Exit>>, ExitWatch) {
        let (sender, receiver) = watch::channel(None);
        (sender, ExitWatch(receiver))
    }

    /// Waits for the end.
    pub async fn wait(&mut self) -> Exit {
        match self.0.wait_for(Option::is_some).await.map(|exit| exit.clone()) {
            Ok(Some(exit)) => exit,
            // Its watcher was dropped with `Stop`, which ends the server.
            Ok(None) | Err(_) => Exit::unknown(ExitCause::Stopped, Duration::ZERO),
        }
    }

    /// The end, if it has come.
    pub fn now(&self) -> Option<Exit> {
        self.0.borrow().clone()
    }
}

/// An order to the watcher of a server.
#[derive(Debug)]
pub(crate) struct StopOrder {
    pub(crate) limit: Duration,
}

/// Ends a server. Owns the task that watches it.
#[derive(Debug)]
pub struct Stop {
    orders: mpsc::Sender<StopOrder>,
    exit: ExitWatch,
    watcher: AbortOnDropHandle<()>,
}

impl Stop {
    pub(crate) fn new(
        orders: mpsc::Sender<StopOrder>,
        exit: ExitWatch,
        watcher: AbortOnDropHandle<()>,
    ) -> Stop {
        Stop { orders, exit, watcher }
    }

    /// Closes the server's input, asks it to end, ends it by force: all within `limit`. Returns when nothing of it is
    /// left, or the limit is over. Does nothing more to a server that has ended.
    pub async fn stop(&mut self, limit: Duration) -> Exit {
        // A full queue holds an order already; a closed one belongs to a server that has ended.
        let _ = self.orders.try_send(StopOrder { limit });
        let ended = async {
            let exit = self.exit.wait().await;
            // The watcher ends after what it watched is gone.
            let _ = (&mut self.watcher).await;
            exit
        };
        match tokio::time::timeout(limit, ended).await {
            Ok(exit) => exit,
            Err(_) => self.exit.now().unwrap_or_else(|| Exit::unknown(ExitCause::EngineLost, limit)),
        }
    }
}

/// The input of a server.
#[derive(Debug)]
pub enum Stdin {
    /// Framed, into a container.
    Container(link::Input),
    /// A plain pipe.
    Host(crate::host::Input),
}

/// The output of a server.
#[derive(Debug)]
pub enum Stdout {
    /// Out of a container's frames.
    Container(link::Output),
    /// A plain pipe.
    Host(ChildStdout),
}

/// What a server says beside the protocol. A reader that falls behind loses the oldest.
#[derive(Debug)]
pub enum Stderr {
    /// Out of a container's frames, reports taken out.
    Container(link::Errors),
    /// A plain pipe.
    Host(ChildStderr),
}

impl AsyncWrite for Stdin {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stdin::Container(input) => Pin::new(input).poll_write(cx, bytes),
            Stdin::Host(pipe) => Pin::new(pipe).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stdin::Container(input) => Pin::new(input).poll_flush(cx),
            Stdin::Host(pipe) => Pin::new(pipe).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stdin::Container(input) => Pin::new(input).poll_shutdown(cx),
            Stdin::Host(pipe) => Pin::new(pipe).poll_shutdown(cx),
        }
    }
}

impl AsyncRead for Stdout {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stdout::Container(output) => Pin::new(output).poll_read(cx, buffer),
            Stdout::Host(pipe) => Pin::new(pipe).poll_read(cx, buffer),
        }
    }
}

impl AsyncRead for Stderr {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stderr::Container(errors) => Pin::new(errors).poll_read(cx, buffer),
            Stderr::Host(pipe) => Pin::new(pipe).poll_read(cx, buffer),
        }
    }
}
