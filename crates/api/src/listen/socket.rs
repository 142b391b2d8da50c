//! The terminal's socket: only its owner may open it, and each peer is checked once more.

use crate::doors::Door;
use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, path::PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// A bound socket whose file goes away with it.
#[derive(Debug)]
pub(crate) struct SocketListener {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

/// Binds the socket. The caller holds the data folder's lock, so a file that is there is a leftover.
pub(crate) fn bind(path: &Path) -> io::Result<Option<SocketListener>> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(Some(SocketListener { listener, path: path.to_owned(), owner: rustix::process::geteuid().as_raw() }))
}

impl Drop for SocketListener {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the socket's file stays");
        }
    }
}

impl Listener for SocketListener {
    type Io = UnixStream;
    type Addr = Door;

    async fn accept(&mut self) -> (UnixStream, Door) {
        loop {
            let (stream, _) = Listener::accept(&mut self.listener).await;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == self.owner || peer.uid() == 0 => return (stream, Door::Socket),
                Ok(peer) => {
                    tracing::warn!(uid = peer.uid(), "the socket was opened by another user and closed")
                }
                Err(error) => tracing::warn!(%error, "the socket's peer is unknown; closed"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Door> {
        Ok(Door::Socket)
    }
}

impl Connected<IncomingStream<'_, SocketListener>> for Door {
    fn connect_info(stream: IncomingStream<'_, SocketListener>) -> Self {
        stream.remote_addr().clone()
    }
}
