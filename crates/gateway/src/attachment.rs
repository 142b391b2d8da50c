//! One connected server's place in the gateway: its lists are kept fresh, and what it sends by itself is routed.

mod inbound;
mod lists;

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU8, Ordering},
};

use bytes::Bytes;
use futures_util::{
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt as _},
};
use mcpproxy_protocol::rpc;
use mcpproxy_upstream::{Handle, Inbound};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    catalog::{Item, ListKind},
    inner::Inner,
    session::Level,
};

/// One incarnation of a server.
pub(crate) struct Attached {
    pub(crate) name: Arc<str>,
    pub(crate) handle: Handle,
    pub(crate) incarnation: u64,
    /// How many tools it offers; nothing before its list was asked for.
    tools: watch::Sender<Option<usize>>,
    /// The log level that the server was last asked for.
    level: AtomicU8,
    gone: CancellationToken,
}

impl Attached {
    pub(crate) fn new(name: &str, handle: Handle, incarnation: u64) -> Self {
        let level = AtomicU8::new(Level::UNSET);
        let (tools, gone) = (watch::Sender::new(None), CancellationToken::new());
        Self { name: Arc::from(name), handle, incarnation, tools, level, gone }
    }

    /// Whether the server declared a capability.
    pub(crate) fn offers(&self, capability: &str) -> bool {
        self.handle.initialize().offers(&[capability])
    }

    /// The level that the server was last asked for.
    pub(crate) fn level(&self) -> Option<Level> {
        Level::from_byte(self.level.load(Ordering::Relaxed))
    }

    /// Notes the level that the server is asked for now. Returns whether it is another one.
    pub(crate) fn swap_level(&self, level: Level) -> bool {
        self.level.swap(level.byte(), Ordering::Relaxed) != level.byte()
    }

    /// Ends the work on this incarnation.
    pub(crate) fn leave(&self) {
        self.gone.cancel();
    }
}

/// A server's place in the gateway: dropping it takes the server out again.
#[must_use = "dropping an attachment takes the server out"]
pub struct Attachment {
    inner: Weak<Inner>,
    attached: Arc<Attached>,
}

impl Attachment {
    pub(crate) fn new(inner: &Arc<Inner>, attached: Arc<Attached>) -> Self {
        Self { inner: Arc::downgrade(inner), attached }
    }

    /// How many tools the server offers, whenever its list was fetched; nothing before the catalog knows them.
    #[must_use]
    pub fn tools(&self) -> watch::Receiver<Option<usize>> {
        self.attached.tools.subscribe()
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.attached.leave();
        if let Some(inner) = self.inner.upgrade() {
            inner.detach(&self.attached.name, Some(self.attached.incarnation));
        }
    }
}

type Fetch = BoxFuture<'static, (ListKind, Option<Vec<Item>>)>;

/// Collapses repeated requests to fetch a list into the one that runs and one more after it.
#[derive(Clone, Copy, Default)]
struct Refresh {
    running: bool,
    again: bool,
}

/// What keeps a server's lists fresh.
struct Lists {
    attached: Arc<Attached>,
    state: [Refresh; 4],
    fetches: FuturesUnordered<Fetch>,
}

impl Lists {
    fn refresh(&mut self, kind: ListKind) {
        let state = &mut self.state[kind.place()];
        if state.running {
            state.again = true;
            return;
        }
        state.running = true;
        let attached = Arc::clone(&self.attached);
        self.fetches.push(Box::pin(async move { (kind, lists::fetch(&attached, kind).await) }));
    }

    /// Notes that a fetch has ended. Returns whether its list is worth keeping: a newer one may be on its way.
    fn fetched(&mut self, kind: ListKind) {
        let again = std::mem::take(&mut self.state[kind.place()]).again;
        if again {
            self.refresh(kind);
        }
    }
}

/// Works for a server until it leaves or sends nothing any more.
pub(crate) async fn run(inner: Arc<Inner>, attached: Arc<Attached>, mut inbound: mpsc::Receiver<Inbound>) {
    let mut lists = Lists {
        attached: Arc::clone(&attached),
        state: Default::default(),
        fetches: FuturesUnordered::new(),
    };
    for kind in ListKind::ALL {
        if attached.offers(kind.capability()) {
            lists.refresh(kind);
        }
    }
    if !attached.offers(ListKind::Tools.capability()) {
        inner.store.set_list(&attached, ListKind::Tools, None);
        attached.tools.send_replace(Some(0));
    }
    let greeting = inner.greet(&attached);
    tokio::pin!(greeting);
    let mut greeted = false;
    loop {
        tokio::select! {
            () = attached.gone.cancelled() => return,
            message = inbound.recv() => match message {
                Some(message) => inbound::take(&inner, &attached, &mut |kind| lists.refresh(kind), message),
                None => return,
            },
            Some((kind, items)) = lists.fetches.next(), if !lists.fetches.is_empty() => {
                let count = items.as_ref().map(Vec::len);
                if inner.store.set_list(&attached, kind, items) {
                    inner.announcer.changed(kind);
                }
                if kind == ListKind::Tools {
                    // A list that could not be fetched leaves the count as it was, and is waited for no longer.
                    attached.tools.send_modify(|known| *known = count.or(*known).or(Some(0)));
                }
                lists.fetched(kind);
            }
            () = &mut greeting, if !greeted => greeted = true,
        }
    }
}

/// The notification that a list has changed.
pub(crate) fn list_changed(kind: ListKind) -> Bytes {
    let method = match kind {
        ListKind::Tools => "notifications/tools/list_changed",
        ListKind::Prompts => "notifications/prompts/list_changed",
        ListKind::Resources | ListKind::Templates => "notifications/resources/list_changed",
    };
    rpc::notification(method, None)
}
