//! Servers that run on this computer without a wall: isolation is off for them, or their command starts a container
//! of its own.
//!
//! Each gets a process group (a job on Windows) that ends as a whole, and exactly the environment it is given. A
//! `docker run` gets a file for its container's id and our labels besides, so that stopping and reaping end that one
//! container and no other.

mod input;
pub(crate) mod owner;
mod platform;
mod process;
mod search;
mod tool;
mod watch;

use std::path::PathBuf;

use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

pub use self::input::Input;
pub use self::search::find_program;
pub use self::tool::{ContainerTool, IdFile};

use self::process::Process;
use self::watch::Watch;
use crate::container::StartError;
use crate::freeze::Freezer;
use crate::running::{ExitWatch, Running, Stderr, Stdin, Stdout, Stop};
use crate::spec::Text;

/// A process to start on this computer.
#[derive(Clone, Debug)]
pub struct HostPlan {
    /// The server's name in the configuration.
    pub server: String,
    /// The id of this instance of the program.
    pub instance: String,
    /// The program as written: a path, or a name to look up on the PATH of `env`.
    pub program: String,
    /// Its arguments.
    pub args: Vec<Text>,
    /// Its whole environment; nothing is inherited.
    pub env: Vec<(String, Text)>,
    /// The folder it starts in.
    pub working_dir: Option<PathBuf>,
    /// Set for `docker`, `podman` and `nerdctl`.
    pub tool: Option<ContainerTool>,
}

impl HostPlan {
    /// A variable's value; the last of a name counts.
    fn variable(&self, name: &str) -> Option<&str> {
        let same = |known: &str| if cfg!(windows) { known.eq_ignore_ascii_case(name) } else { known == name };
        self.env.iter().rev().find(|(known, _)| same(known)).map(|(_, value)| value.expose())
    }
}

/// Starts a process on this computer.
///
/// # Errors
/// [`StartError::Spawn`], with nothing left behind.
pub async fn start_host(plan: &HostPlan) -> Result<Running, StartError> {
    let failed =
        |detail: String, missing| StartError::Spawn { program: plan.program.clone(), detail, missing };
    let path = plan.variable("PATH").unwrap_or_default();
    let program = find_program(&plan.program, path, plan.working_dir.as_deref())
        .ok_or_else(|| failed("there is no such program on the PATH".to_owned(), true))?;
    let (args, env, container) = match &plan.tool {
        None => (plan.args.clone(), plan.env.clone(), None),
        Some(tool) => {
            let run = tool.prepare(plan, &program).map_err(|error| failed(error.to_string(), false))?;
            (run.args, run.env, run.container)
        }
    };
    let own_container = container.as_ref().map(tool::OwnContainer::id_file);
    let order = process::Order { program, args, env, working_dir: plan.working_dir.clone() };
    let (process, pipes, ended) = Process::start(order)
        .await
        .map_err(|error| failed(error.to_string(), error.kind() == std::io::ErrorKind::NotFound))?;
    let converted = (|| {
        Ok::<_, std::io::Error>((
            Input::new(pipes.stdin)?,
            ChildStdout::from_std(pipes.stdout)?,
            ChildStderr::from_std(pipes.stderr)?,
        ))
    })();
    // Dropping the process on the way out ends it.
    let (stdin, stdout, stderr) = converted.map_err(|error| failed(error.to_string(), false))?;
    tracing::debug!(server = plan.server, pid = process.id(), "server runs on this computer");
    let pid = process.id();
    let (orders, received) = mpsc::channel(1);
    let (exited, exit) = ExitWatch::channel();
    let (freezer, freezes) = Freezer::channel();
    let watch = Watch::new(process, stdin.closer(), container, exited);
    let watcher = AbortOnDropHandle::new(tokio::spawn(watch.run(ended, received, freezes)));
    Ok(Running {
        stdin: Stdin::Host(stdin),
        stdout: Stdout::Host(stdout),
        stderr: Stderr::Host(stderr),
        container: None,
        own_container,
        pid: Some(pid),
        name: None,
        exit: exit.clone(),
        freezer,
        stop: Stop::new(orders, exit, watcher),
    })
}

#[cfg(test)]
mod tests;
