//! The connection of an incarnation, once its process or address answers: into the gateway, and out again.
use mcpproxy_upstream::{CloseReason, Handle, Opened, Options};
use tokio::task::JoinHandle;

use super::{Incarnation, Report};
use crate::{Identity, servers::life::Step};

/// How long the first list of tools is waited for; a server that is slower than this is ready without it.
const LISTED: std::time::Duration = std::time::Duration::from_secs(5);

/// How long saying goodbye to a server elsewhere may take.
const FAREWELL: std::time::Duration = std::time::Duration::from_secs(2);

/// A connection whose work is being driven; dropped, it closes.
pub(super) struct Connected {
    pub handle: Handle,
    attachment: Option<mcpproxy_gateway::Attachment>,
    driver: JoinHandle<CloseReason>,
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connected {
    /// Takes the server out of the gateway, so that no new call comes, and sends what is queued.
    pub(super) fn leave(&mut self) {
        self.attachment = None;
        self.handle.close();
    }

    /// Waits a moment until the other side knows that it is over.
    pub(super) async fn left(mut self) {
        // Slower than this, it finds out by itself.
        let _ = tokio::time::timeout(FAREWELL, &mut self.driver).await;
    }
}

impl Incarnation {
    /// How a connection of this server behaves.
    pub(super) fn options(&self, timeout: std::time::Duration) -> Options {
        let mut options = Options::new(self.name());
        options.timeout = timeout;
        options.client_version.clone_from(&self.context.version);
        options
    }

    /// Brings an open connection into the gateway and says that the server is ready.
    pub(super) async fn enter(&self, (handle, inbound, connection): Opened) -> Connected {
        let driver = tokio::spawn(connection);
        let identity = identity(&handle);
        let attachment = self.context.gateway.attach(self.name(), handle.clone(), inbound);
        // Ready means that its tools can be called: the catalog knows them before anybody is told.
        let mut tools = attachment.tools();
        let _ = tokio::time::timeout(LISTED, tools.wait_for(Option::is_some)).await;
        self.tell(Report::Ready(identity)).await;
        Connected { handle, attachment: Some(attachment), driver }
    }

    /// Tells tool counts as the gateway learns them; never returns.
    pub(super) async fn watch_tools(&self, connected: &Connected) {
        let Some(attachment) = &connected.attachment else { return std::future::pending().await };
        let mut tools = attachment.tools();
        loop {
            let count = *tools.borrow_and_update();
            if let Some(count) = count {
                self.tell(Report::Tools(count)).await;
            }
            if tools.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    pub(super) async fn step(&self, step: Step) {
        self.tell(Report::Step(step)).await;
    }
}

/// What the server said of itself, in words that may be shown.
fn identity(handle: &Handle) -> Identity {
    let said = handle.initialize();
    let word = |key: &str| {
        let text = said.server_info.get(key).and_then(|value| value.as_str()).unwrap_or_default();
        crate::logs::printable(text).chars().take(200).collect()
    };
    Identity { name: word("name"), version: word("version"), protocol: said.protocol_version.clone() }
}
