//! The socket on Unix: its owner is checked on the open connection, where nobody can swap the file any more.

use super::NotRunning;
use anyhow::{Result, bail};
use std::path::Path;
use tokio::net::UnixStream;

/// Connects, and makes sure that it is our own user who listens there.
pub(super) async fn connect(path: &Path) -> Result<UnixStream> {
    let stream = UnixStream::connect(path)
        .await
        .map_err(|error| NotRunning(format!("{}: {error}", path.display())))?;
    let owner = stream.peer_cred()?.uid();
    let own = rustix::process::geteuid().as_raw();
    if owner != own && owner != 0 && own != 0 {
        bail!("{} belongs to another user (uid {owner}); nothing was sent there.", path.display());
    }
    Ok(stream)
}
