//! The listeners: TCP for clients and scripts, a socket in the data folder for the person's own terminal.

#[cfg(unix)]
#[path = "listen/socket.rs"]
mod socket;
#[cfg(not(unix))]
#[path = "listen/no_socket.rs"]
mod socket;

use crate::doors::{Connection, Door};
use axum::{
    Router,
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{io, net::SocketAddr, path::PathBuf, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// Where to listen.
#[derive(Debug, Clone)]
pub struct Doors {
    /// `host:port`; `:port` means all interfaces, port 0 a free one.
    pub tcp: String,
    /// The terminal's socket.
    pub socket: PathBuf,
}

/// Why a door could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else uses the port.
    #[error(
        "{address} is used by another program. Choose another one: \"listen\" in the configuration, or mcpproxy serve --listen 127.0.0.1:8081"
    )]
    InUse {
        /// The address.
        address: String,
    },
    /// The address cannot be understood or does not belong to this computer.
    #[error("Cannot listen at {address}: {error}. Write it as host:port, such as 127.0.0.1:8080.")]
    Tcp {
        /// The address.
        address: String,
        /// The system's answer.
        #[source]
        error: io::Error,
    },
    /// The socket cannot be made.
    #[error("Cannot make the socket {}: {error}. Choose a shorter or writable folder with --data-dir.", path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// The system's answer.
        #[source]
        error: io::Error,
    },
}

impl BindError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "port_in_use",
            Self::Tcp { .. } => "listen_failed",
            Self::Socket { .. } => "socket_failed",
        }
    }
}

/// Doors that are bound and not yet open: requests wait until [`Bound::serve`].
#[derive(Debug)]
pub struct Bound {
    tcp: TcpListener,
    address: SocketAddr,
    socket: Option<socket::SocketListener>,
}

impl Doors {
    /// Binds both doors.
    ///
    /// # Errors
    /// A busy port is an error and never answered by choosing another one.
    pub async fn bind(&self) -> Result<Bound, BindError> {
        let wanted = match self.tcp.strip_prefix(':') {
            Some(port) => format!("0.0.0.0:{port}"),
            None => self.tcp.clone(),
        };
        let refused = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse { address: self.tcp.clone() },
            _ => BindError::Tcp { address: self.tcp.clone(), error },
        };
        let tcp = TcpListener::bind(&wanted).await.map_err(refused)?;
        let address = tcp.local_addr().map_err(refused)?;
        let socket = socket::bind(&self.socket)
            .map_err(|error| BindError::Socket { path: self.socket.clone(), error })?;
        Ok(Bound { tcp, address, socket })
    }
}

impl Bound {
    /// The address that clients reach.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens the doors to `router`.
    pub fn serve(self, router: Router) -> Listening {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let service = router.into_make_service_with_connect_info::<Door>();
        if let Some(socket) = self.socket {
            let server =
                axum::serve(socket, service.clone()).with_graceful_shutdown(stop.clone().cancelled_owned());
            tasks.spawn(async move { server.await });
        }
        let server =
            axum::serve(TcpDoor(self.tcp), service).with_graceful_shutdown(stop.clone().cancelled_owned());
        tasks.spawn(async move { server.await });
        Listening { tasks, stop }
    }
}

/// Open doors; dropping it closes them at once.
#[derive(Debug)]
pub struct Listening {
    tasks: JoinSet<io::Result<()>>,
    stop: CancellationToken,
}

impl Listening {
    /// Takes no new connections and gives those under way `grace` to end.
    pub async fn shutdown(mut self, grace: Duration) {
        self.stop.cancel();
        let drained =
            tokio::time::timeout(grace, async { while self.tasks.join_next().await.is_some() {} }).await;
        if drained.is_err() {
            tracing::debug!("connections were still open at the end");
        }
    }
}

/// TCP with small messages sent at once.
#[derive(Debug)]
struct TcpDoor(TcpListener);

impl Listener for TcpDoor {
    type Io = TcpStream;
    type Addr = Door;

    async fn accept(&mut self) -> (TcpStream, Door) {
        loop {
            let (stream, peer) = Listener::accept(&mut self.0).await;
            // A connection whose own address is unknown is already gone.
            if let Ok(local) = stream.local_addr() {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "small messages may be delayed");
                }
                return (stream, Door::Tcp(Connection::new(local, peer)));
            }
        }
    }

    fn local_addr(&self) -> io::Result<Door> {
        let local = self.0.local_addr()?;
        Ok(Door::Tcp(Connection::new(local, local)))
    }
}

impl Connected<IncomingStream<'_, TcpDoor>> for Door {
    fn connect_info(stream: IncomingStream<'_, TcpDoor>) -> Self {
        stream.remote_addr().clone()
    }
}
