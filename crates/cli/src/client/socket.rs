//! The socket on Unix: its owner is checked on the open connection, where nobody can swap the file any more.

use super::NotRunning;
use anyhow::{Result, anyhow, bail};
use std::{io::ErrorKind, path::Path};
use tokio::net::UnixStream;

/// Connects, and makes sure that it is our own user who listens there.
pub(super) async fn connect(path: &Path) -> Result<UnixStream> {
    let stream = UnixStream::connect(path).await.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => anyhow!(
            "You may not open {}: MCPProxy runs there as another user. Run this as that user, or name a folder of your \
             own with --data-dir.",
            path.display()
        ),
        _ => NotRunning(format!("{}: {error}", path.display())).into(),
    })?;
    let owner = stream.peer_cred()?.uid();
    let own = rustix::process::geteuid().as_raw();
    if owner != own && owner != 0 && own != 0 {
        bail!("{} belongs to another user (uid {owner}); nothing was sent there.", path.display());
    }
    Ok(stream)
}
