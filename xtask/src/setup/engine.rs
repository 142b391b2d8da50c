//! A container engine that answers: one that runs is left alone, else `dockerd` is started here.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::is_root;
use crate::commands::{command, find, quiet, succeeds};
use crate::workspace;

/// How long a new engine may take until it answers; a first start on a slow disk takes a while.
const PATIENCE: Duration = Duration::from_secs(90);

/// Makes sure that an engine answers; `false` when that is up to the person, who is told how.
pub(crate) fn ensure() -> Result<bool> {
    if answers() {
        return Ok(true);
    }
    if let Some(host) = std::env::var_os("DOCKER_HOST") {
        println!(
            "DOCKER_HOST is {} and does not answer: start that engine, or unset the variable.",
            host.display()
        );
        return Ok(false);
    }
    let Some(dockerd) = find("dockerd").filter(|_| is_root()) else {
        println!(
            "No container engine answers. Start Docker, or run this as root on Debian to have it done for you."
        );
        return Ok(false);
    };
    let log = workspace::target().join("dockerd.log");
    fs::create_dir_all(workspace::target())?;
    println!("No container engine answers: starting dockerd (log: {})", log.display());
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = detached(&dockerd.to_string_lossy())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .context("dockerd did not start")?;
    let start = Instant::now();
    while !answers() {
        if let Some(status) = child.try_wait()? {
            bail!("dockerd ended at once ({status}); its log ends:\n{}", tail(&log));
        }
        if start.elapsed() > PATIENCE {
            bail!(
                "dockerd runs but does not answer after {} s; its log ends:\n{}",
                PATIENCE.as_secs(),
                tail(&log)
            );
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    println!(
        "dockerd answers after {:.1} s; it keeps running (pid {}).",
        start.elapsed().as_secs_f32(),
        child.id()
    );
    Ok(true)
}

fn answers() -> bool {
    succeeds(&mut command("docker", ["version", "--format", "{{.Server.Version}}"]))
}

/// In a process group of its own, so that Ctrl-C here does not reach it.
#[cfg(unix)]
fn detached(program: &str) -> Command {
    let mut command = command(program, ["--log-level=warn"]);
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
}

/// Never needed: an engine is started on Linux only.
#[cfg(not(unix))]
fn detached(program: &str) -> Command {
    command(program, ["--log-level=warn"])
}

fn tail(log: &std::path::Path) -> String {
    quiet(command("tail", ["-n", "15"]).arg(log)).unwrap_or_default()
}
