//! Systems without Unix sockets: the terminal comes in over TCP with the key until the pipe is built.

use crate::doors::Door;
use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{io, path::Path};
use tokio::net::TcpStream;

/// Never made here.
#[derive(Debug)]
pub(crate) enum SocketListener {}

/// There is no socket to bind.
pub(crate) fn bind(_path: &Path) -> io::Result<Option<SocketListener>> {
    Ok(None)
}

impl Listener for SocketListener {
    type Io = TcpStream;
    type Addr = Door;

    async fn accept(&mut self) -> (TcpStream, Door) {
        match *self {}
    }

    fn local_addr(&self) -> io::Result<Door> {
        match *self {}
    }
}

impl Connected<IncomingStream<'_, SocketListener>> for Door {
    fn connect_info(stream: IncomingStream<'_, SocketListener>) -> Self {
        stream.remote_addr().clone()
    }
}
