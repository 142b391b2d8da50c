//! Starting an instance when none runs: detached from the client that asked, ended some time after its last one.

use crate::{client::NotRunning, place::Place};
use anyhow::{Context, Result, bail};
use std::{process::Stdio, time::Duration};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

/// How long a start may take: it has no download in it.
const START: Duration = Duration::from_secs(20);
/// Between two looks at the socket of an instance that starts; it tells nobody when it opens.
const LOOK: Duration = Duration::from_millis(25);

/// Makes sure that an instance answers.
pub(super) async fn ensure_running(place: &Place) -> Result<()> {
    match answers(place).await {
        Err(error) if error.downcast_ref::<NotRunning>().is_some() => {}
        other => return other,
    }
    if place.named_endpoint() {
        bail!("Nothing answers at the endpoint that was named.");
    }
    let mut child = start(place)?;
    let until = Instant::now() + START;
    loop {
        match answers(place).await {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > until => {
                return Err(error.context("The started instance does not answer"));
            }
            Err(_) => {}
        }
        if let Some(status) = child.try_wait()? {
            // Two bridges may start at once: one of the two instances finds the folder taken and ends with 3.
            if status.code() != Some(3) {
                bail!(
                    "The instance that was started ended at once ({status}). See why: mcpproxy serve --log-level debug"
                );
            }
        }
        sleep(LOOK).await;
    }
}

async fn answers(place: &Place) -> Result<()> {
    place.client.get::<serde_json::Value>("/api/v1/info").await.map(drop)
}

fn start(place: &Place) -> Result<Child> {
    let program = std::env::current_exe().context("Where this program lies is unknown")?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--detached");
    for (flag, path) in [
        ("--config", &place.settings.config),
        ("--data-dir", &place.settings.data_dir),
        ("--log-dir", &place.settings.log_dir),
    ] {
        if let Some(path) = path {
            command.arg(flag).arg(path);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    detach(&mut command);
    command.spawn().context("An instance could not be started")
}

/// A process group of its own: the client's Ctrl-C ends the bridge and not what other clients use.
#[cfg(unix)]
fn detach(command: &mut Command) {
    command.process_group(0);
}

#[cfg(windows)]
fn detach(command: &mut Command) {
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
}
