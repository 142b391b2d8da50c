//! One process and all it starts, in a group of its own.
//!
//! A thread of its own starts it and waits for it. On Linux the kernel ends a process with the thread that started it,
//! so that thread must live exactly as long; a thread of the runtime's pool may not.

use std::io;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::platform::{self, Group};
use crate::spec::Text;

/// What to start.
pub(super) struct Order {
    pub(super) program: PathBuf,
    pub(super) args: Vec<Text>,
    pub(super) env: Vec<(String, Text)>,
    pub(super) working_dir: Option<PathBuf>,
}

/// Its three pipes.
pub(super) struct Pipes {
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

/// A process that was started. Dropping it ends the process and its group at once.
#[derive(Debug)]
pub(super) struct Process {
    id: u32,
    group: Arc<Mutex<Option<Group>>>,
}

type Started = io::Result<(Process, Pipes, oneshot::Receiver<io::Result<ExitStatus>>)>;

impl Process {
    /// Starts a process; the receiver tells its end.
    pub(super) async fn start(order: Order) -> Started {
        let (sender, receiver) = oneshot::channel();
        thread::Builder::new().name("host-server".to_owned()).spawn(move || live(order, sender))?;
        receiver.await.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()))
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Asks the group to end.
    pub(super) fn terminate(&self) {
        self.with_group(Group::terminate);
    }

    /// Ends the group.
    pub(super) fn kill(&self) {
        self.with_group(Group::kill);
    }

    /// Holds the group still.
    pub(super) fn freeze(&self) -> io::Result<()> {
        self.with_group(Group::freeze).unwrap_or(Ok(()))
    }

    /// Lets the group go on.
    pub(super) fn thaw(&self) -> io::Result<()> {
        self.with_group(Group::thaw).unwrap_or(Ok(()))
    }

    /// The group is gone from here once its process was waited for: its number may belong to others then.
    fn with_group<T>(&self, act: impl FnOnce(&Group) -> T) -> Option<T> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(act)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The life of the thread: start, hand over, wait, sweep.
fn live(order: Order, started: oneshot::Sender<Started>) {
    let (mut child, group) = match spawn(order) {
        Ok(spawned) => spawned,
        // Nobody waits for the answer any more: nothing was started either.
        Err(error) => return drop(started.send(Err(error))),
    };
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return drop(started.send(Err(io::ErrorKind::BrokenPipe.into())));
    };
    let id = child.id();
    let group = Arc::new(Mutex::new(Some(group)));
    let (ended, end) = oneshot::channel();
    let process = Process { id, group: Arc::clone(&group) };
    // If the caller gave up meanwhile, the process comes back and ends by being dropped.
    drop(started.send(Ok((process, Pipes { stdin, stdout, stderr }, end))));
    let waited = platform::wait_without_reaping(&child);
    let mut held = group.lock().unwrap_or_else(PoisonError::into_inner);
    // What it left behind ends with it, while its number is still its own.
    if let Some(group) = held.take() {
        group.kill();
    }
    drop(held);
    // Whoever does not wait for the end does not need to know it.
    drop(ended.send(waited.and_then(|()| child.wait())));
}

fn spawn(order: Order) -> io::Result<(Child, Group)> {
    let mut command = Command::new(order.program);
    command
        .args(order.args.iter().map(Text::expose))
        .env_clear()
        .envs(order.env.iter().map(|(name, value)| (name, value.expose())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(folder) = order.working_dir {
        command.current_dir(folder);
    }
    platform::separate(&mut command);
    let child = command.spawn()?;
    let group = Group::of(&child)?;
    Ok((child, group))
}
