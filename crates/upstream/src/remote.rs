//! Servers reached over HTTP: the same handle, another carrier.

mod address;
mod client;
mod driver;
mod exchange;
mod link;
mod sse;

use std::sync::Arc;
use std::time::Duration;

use mcpproxy_protocol::rpc;
use mcpproxy_secrets::Secret;
use tokio::sync::mpsc;

use crate::connection::{Connection, Opened};
use crate::error::{CloseReason, OpenError};
use crate::handle::{Handle, Port};
use crate::inbound::{self, InboundQueue};
use crate::initialize::shake_hands;
use crate::options::Options;
use crate::route::Router;
use address::Address;
use client::Client;
use driver::Driver;
use link::Link;

/// Which transport a remote server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Streamable HTTP, or HTTP+SSE where the server answers that with 400, 404 or 405.
    #[default]
    Auto,
    /// Streamable HTTP only.
    StreamableHttp,
    /// The older HTTP+SSE only.
    Sse,
}

/// A remote server.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Its address, `http` or `https`.
    pub url: String,
    /// Headers to send; they never leave the address's origin.
    pub headers: Vec<(String, Secret)>,
    /// Which transport to speak.
    pub protocol: Protocol,
    /// How long connecting may take, and answers to what is no call.
    pub connect_timeout: Duration,
}

impl Remote {
    /// A server at an address, its transport to be found out.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            protocol: Protocol::Auto,
            connect_timeout: Duration::from_secs(30),
        }
    }
}

/// Opens a connection to a remote server; the same as `open` in all that follows. To end the session at the server,
/// call `Handle::close` and drive the connection to its end; dropping it only hangs up.
pub async fn open_remote(remote: Remote, options: Options) -> Result<Opened, OpenError> {
    let address = Address::parse(&remote.url)?;
    let client = Client::new(&address, &remote.headers, remote.connect_timeout).await?;
    let limit = options.max_line;
    let link = |client: Client| Arc::new(Link::new(client, address.clone(), remote.connect_timeout, limit));
    if remote.protocol == Protocol::Sse {
        return open_sse(link(client), &options).await;
    }
    let opened = open_streamable(link(client.clone()), &options).await;
    match opened {
        Err(OpenError::Status { status: status @ (400 | 404 | 405) })
            if remote.protocol == Protocol::Auto =>
        {
            tracing::debug!(server = options.server, status, "no streamable HTTP here, trying HTTP+SSE");
            open_sse(link(client), &options).await.map_err(|error| match error {
                // A server that speaks neither is told by its first answer.
                OpenError::Status { .. } | OpenError::Timeout => OpenError::Status { status },
                OpenError::Closed(CloseReason::Ended | CloseReason::Unreachable(_)) => {
                    OpenError::Status { status }
                }
                other => other,
            })
        }
        opened => opened,
    }
}

async fn open_streamable(link: Arc<Link>, options: &Options) -> Result<Opened, OpenError> {
    open_over(options, |router, outgoing| Driver::streamable(Arc::clone(&link), router, outgoing), &link)
        .await
}

async fn open_sse(link: Arc<Link>, options: &Options) -> Result<Opened, OpenError> {
    let stream = sse::find_endpoint(&link, options.timeout).await?;
    open_over(options, |router, outgoing| Driver::sse(Arc::clone(&link), router, outgoing, stream), &link)
        .await
}

async fn open_over(
    options: &Options,
    drive: impl FnOnce(Router, mpsc::Receiver<crate::handle::Outgoing>) -> Driver,
    link: &Link,
) -> Result<Opened, OpenError> {
    let (port, outgoing) = Port::new();
    let (inbound, received) = mpsc::channel(inbound::QUEUE);
    let queue = InboundQueue::new(inbound);
    let router = Router::new(port.clone(), queue, options.server.clone(), options.noise.clone());
    let mut connection = Connection::new(drive(router, outgoing).run());
    let initialize = shake_hands(&port, options, &mut connection).await?;
    link.settle_version(&initialize.protocol_version);
    port.announce(rpc::notification("notifications/initialized", None))?;
    Ok((Handle::new(port, initialize), received, connection))
}

#[cfg(test)]
mod tests;
