//! Servers whose command is `docker`, `podman` or `nerdctl`: what is added to the command so that its container can be
//! told from all others and ended with it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::HostPlan;
use crate::container::name::{random_suffix, slug};
use crate::plan::labels;
use crate::reap::{OWN, OWNER_LABEL};
use crate::running::ContainerId;
use crate::spec::Text;

/// How long the tool may take to remove its container.
const REMOVAL_LIMIT: Duration = Duration::from_secs(5);

/// What is known of a command that starts a container of its own.
#[derive(Clone, Debug)]
pub struct ContainerTool {
    /// Where flags go in, right after `run` or `create`; none for other words, which end with their process group.
    pub flags_at: Option<usize>,
    /// The address of the chosen engine for `DOCKER_HOST`, unless the server sets its own.
    pub endpoint: Option<String>,
    /// A folder of ours for the file with the container's id.
    pub folder: PathBuf,
}

/// The command as it is executed.
pub(super) struct Run {
    pub(super) args: Vec<Text>,
    pub(super) env: Vec<(String, Text)>,
    pub(super) container: Option<OwnContainer>,
}

/// The container that a command started, to be removed with it.
#[derive(Debug)]
pub(super) struct OwnContainer {
    tool: PathBuf,
    /// The words before `run`: they choose the engine.
    before: Vec<Text>,
    env: Vec<(String, Text)>,
    id_file: IdFile,
}

/// The file into which a tool writes the id of the container that it starts.
#[derive(Clone, Debug)]
pub struct IdFile(PathBuf);

impl IdFile {
    /// The id, once the tool has written one that looks like one: it becomes an argument. None again after the end.
    pub async fn read(&self) -> Option<ContainerId> {
        let text = tokio::fs::read_to_string(&self.0).await.ok()?;
        let id = text.trim();
        (id.len() >= 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| ContainerId::new(id))
    }
}

impl ContainerTool {
    pub(super) fn prepare(&self, plan: &HostPlan, program: &Path) -> io::Result<Run> {
        let mut env = plan.env.clone();
        if let Some(endpoint) = &self.endpoint
            && plan.variable("DOCKER_HOST").is_none()
        {
            env.push(("DOCKER_HOST".to_owned(), Text::plain(endpoint.clone())));
        }
        // Credential helpers lie beside the tool, in bundles that no PATH names.
        if let Some(folder) = program.parent() {
            put_first_on_path(&mut env, folder);
        }
        let mut args = plan.args.clone();
        let Some(at) = self.flags_at.filter(|at| *at > 0 && *at <= args.len()) else {
            return Ok(Run { args, env, container: None });
        };
        std::fs::create_dir_all(&self.folder)?;
        let id_file =
            self.folder.join(format!("{}-{}{}.cid", slug(&plan.server), random_suffix(), random_suffix()));
        let container = OwnContainer {
            tool: program.to_path_buf(),
            before: args[..at - 1].to_vec(),
            env: env.clone(),
            id_file: IdFile(id_file.clone()),
        };
        let mut flags = vec!["--cidfile".to_owned(), id_file.display().to_string()];
        let owner = super::owner::this_process().map(|owner| (OWNER_LABEL.to_owned(), owner));
        for (name, value) in labels(&plan.instance, &plan.server, OWN).into_iter().chain(owner) {
            flags.extend(["--label".to_owned(), format!("{name}={value}")]);
        }
        args.splice(at..at, flags.into_iter().map(Text::plain));
        Ok(Run { args, env, container: Some(container) })
    }
}

fn put_first_on_path(env: &mut Vec<(String, Text)>, folder: &Path) {
    let is_path = |name: &str| if cfg!(windows) { name.eq_ignore_ascii_case("PATH") } else { name == "PATH" };
    let known = env.iter().rev().find(|(name, _)| is_path(name)).map(|(_, value)| value.expose().to_owned());
    let rest = known.unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&rest));
    // A folder with a separator in its name cannot be put on a PATH; then it stays as it was.
    if let Ok(joined) = std::env::join_paths(folders)
        && let Ok(joined) = joined.into_string()
    {
        env.retain(|(name, _)| !is_path(name));
        env.push(("PATH".to_owned(), Text::plain(joined)));
    }
}

impl OwnContainer {
    /// Removes the container if it was created and is still there, and the file with its id.
    pub(super) async fn remove(&self) {
        let Some(id) = self.id_file.read().await else { return };
        let mut command = self.command(&["rm", "-f", "-v", id.as_str()]);
        match tokio::time::timeout(REMOVAL_LIMIT, command.status()).await {
            Ok(Ok(status)) => {
                tracing::debug!(container = %id, code = status.code(), "its container is removed")
            }
            Ok(Err(error)) => tracing::warn!(container = %id, %error, "its container is left to the reaper"),
            Err(_) => {
                tracing::warn!(container = %id, "its container is left to the reaper: the engine is slow")
            }
        }
        // A file that stays is only untidy.
        let _ = tokio::fs::remove_file(&self.id_file.0).await;
    }

    /// Holds the container still or lets it go on; true when that is done or there is no container yet.
    pub(super) async fn set_paused(&self, paused: bool) -> bool {
        let Some(id) = self.id_file.read().await else { return true };
        let word = if paused { "pause" } else { "unpause" };
        let mut command = self.command(&[word, id.as_str()]);
        match tokio::time::timeout(REMOVAL_LIMIT, command.status()).await {
            Ok(Ok(status)) if status.success() => true,
            told => {
                tracing::debug!(container = %id, word, ?told, "the container of a command stays as it is");
                false
            }
        }
    }

    /// The tool with words of ours, as the person's command called it.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.tool);
        command
            .args(self.before.iter().map(Text::expose))
            .args(words)
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value.expose())))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    pub(super) fn id_file(&self) -> IdFile {
        self.id_file.clone()
    }
}
