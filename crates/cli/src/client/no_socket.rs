//! Systems without Unix sockets.

use super::NotRunning;
use anyhow::Result;
use std::path::Path;
use tokio::net::TcpStream;

/// There is no socket here; the person names the address instead.
pub(super) async fn connect(path: &Path) -> Result<TcpStream> {
    Err(NotRunning(format!(
        "{}: this system has no socket yet; name the address with --endpoint and the key in MCPPROXY_API_KEY",
        path.display()
    ))
    .into())
}
