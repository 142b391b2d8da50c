//! What all clones of a gateway share, and the few steps that touch sessions and servers at once.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures_util::future::join_all;
use mcpproxy_upstream::Handle;
use serde_json::json;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Control, Options, Recorder,
    announcer::Announcer,
    attachment::{Attached, list_changed},
    builtin::Cache,
    catalog::{ListKind, Store},
    pause::Pause,
    record::SessionRecord,
    session::{Level, Mode, Session, Sessions},
};

/// How long a server may take for a request of our own that sets something.
const OWN_REQUEST: Duration = Duration::from_secs(30);
/// How often idle sessions are looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// The shared middle of a gateway.
pub(crate) struct Inner {
    pub(crate) options: ArcSwap<Options>,
    pub(crate) control: Arc<dyn Control>,
    pub(crate) recorder: OnceLock<Arc<dyn Recorder>>,
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    pub(crate) pause: Pause,
    pub(crate) cache: Cache,
    pub(crate) announcer: Announcer,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    incarnations: AtomicU64,
}

impl Inner {
    pub(crate) fn new(options: Options, control: Arc<dyn Control>) -> Arc<Self> {
        Arc::new(Self {
            options: ArcSwap::from_pointee(options),
            control,
            recorder: OnceLock::new(),
            store: Store::default(),
            sessions: Sessions::default(),
            pause: Pause::default(),
            cache: Cache::default(),
            announcer: Announcer::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            incarnations: AtomicU64::new(1),
        })
    }

    /// Puts a server in the place of the one of this name that may be there.
    pub(crate) fn attach(&self, name: &str, handle: Handle) -> Arc<Attached> {
        let incarnation = self.incarnations.fetch_add(1, Ordering::Relaxed);
        let attached = Arc::new(Attached::new(name, handle, incarnation));
        let old = self.store.insert(Arc::clone(&attached));
        if let Some(old) = old {
            self.forget(&old);
        }
        attached
    }

    /// Takes a server out, if it is still this incarnation of it.
    pub(crate) fn detach(&self, name: &str, incarnation: Option<u64>) {
        let Some(slot) = self.store.remove(name, incarnation) else { return };
        for kind in ListKind::ALL {
            if !slot.lists[kind.place()].is_empty() {
                self.announcer.changed(kind);
            }
        }
        self.forget(&slot.attached);
    }

    /// Ends the work on an incarnation, and withdraws its questions from clients.
    fn forget(&self, attached: &Attached) {
        attached.leave();
        for session in self.sessions.all() {
            for (id, channel) in session.forget_asks(&attached.name) {
                channel.push(mcpproxy_protocol::rpc::cancelled(&id, "the server is gone"));
            }
        }
    }

    /// Brings a new incarnation to where the sessions left the one before.
    pub(crate) async fn greet(&self, attached: &Arc<Attached>) {
        let raw = &attached.handle.initialize().raw;
        for session in self.sessions.all() {
            if session.server() != Some(&attached.name) {
                continue;
            }
            if session.initialize == *raw {
                self.tell_of_new_lists(&session, attached);
            } else {
                // The client was told of another server than this one has become; it has to begin anew.
                self.sessions.remove(session.number);
                session.end();
            }
        }
        self.apply_level(attached).await;
        let mut wanted: Vec<String> = Vec::new();
        for session in self.sessions.all() {
            wanted.extend(
                session
                    .subscriptions()
                    .into_iter()
                    .filter(|(name, _)| *name == attached.name)
                    .map(|(_, uri)| uri),
            );
        }
        wanted.sort();
        wanted.dedup();
        for uri in wanted {
            self.own_request(attached, "resources/subscribe", &json!({ "uri": uri })).await;
        }
    }

    fn tell_of_new_lists(&self, session: &Session, attached: &Attached) {
        let initialize = attached.handle.initialize();
        for kind in [ListKind::Tools, ListKind::Prompts, ListKind::Resources] {
            if initialize.offers(&[kind.capability(), "listChanged"]) {
                session.general().push(list_changed(kind));
            }
        }
    }

    /// Asks a server for the most verbose level that any session wants.
    pub(crate) async fn apply_level(&self, attached: &Attached) {
        let sessions = self.sessions.all();
        let levels = sessions
            .iter()
            .filter(|session| session.hears(&attached.name))
            .filter_map(|session| session.level());
        let Some(level) = levels.min() else { return };
        if attached.offers("logging") && attached.swap_level(level) {
            self.own_request(attached, "logging/setLevel", &json!({ "level": level.word() })).await;
        }
    }

    /// Asks all servers that a session hears for the level it may have changed.
    pub(crate) async fn apply_levels(&self, session: &Session) {
        let catalog = self.store.load();
        let heard = catalog.slots().filter(|slot| session.hears(&slot.attached.name));
        join_all(heard.map(|slot| self.apply_level(&slot.attached))).await;
    }

    /// A request of our own whose result says nothing.
    async fn own_request(&self, attached: &Attached, method: &str, params: &serde_json::Value) {
        let outcome = attached.handle.request(method, Some(&params.to_string()), OWN_REQUEST).await;
        if let Err(error) = outcome {
            tracing::debug!(server = attached.name.as_ref(), method, code = error.code(), %error, "the server did not comply");
        }
    }

    /// Whether any session still wants to hear of this resource.
    pub(crate) fn is_wanted(&self, server: &Arc<str>, uri: &str) -> bool {
        self.sessions.all().iter().any(|session| session.is_subscribed(server, uri))
    }

    /// Ends a session: its requests are cancelled, its subscriptions given up where nobody else holds them.
    pub(crate) fn end_session(self: &Arc<Self>, session: &Arc<Session>) {
        self.sessions.remove(session.number);
        session.end();
        self.record_session(session, false);
        let subscriptions = session.subscriptions();
        let had_level = session.level().is_some_and(|level| level < Level::Info);
        if subscriptions.is_empty() && !had_level {
            return;
        }
        let (inner, session) = (Arc::clone(self), Arc::clone(session));
        self.tasks.spawn(async move {
            for (server, uri) in subscriptions {
                inner.drop_subscription(&server, &uri).await;
            }
            inner.apply_levels(&session).await;
        });
    }

    /// Tells the recorder that a session began or ended.
    pub(crate) fn record_session(&self, session: &Session, began: bool) {
        if let Some(recorder) = self.recorder.get() {
            recorder.session(SessionRecord::of(session, began));
        }
    }

    /// Unsubscribes at a server where no session wants the resource any more.
    async fn drop_subscription(&self, server: &Arc<str>, uri: &str) {
        let catalog = self.store.load();
        let Some(attached) = catalog.server(server) else { return };
        if self.is_wanted(server, uri) {
            return;
        }
        self.own_request(attached, "resources/unsubscribe", &json!({ "uri": uri })).await;
        self.renew_subscription(attached, uri).await;
    }

    /// Subscribes again where somebody did while the server was told to forget.
    pub(crate) async fn renew_subscription(&self, attached: &Attached, uri: &str) {
        if self.is_wanted(&attached.name, uri) {
            self.own_request(attached, "resources/subscribe", &json!({ "uri": uri })).await;
        }
    }

    /// Ends sessions that nobody uses, until the gateway stops.
    pub(crate) async fn sweep(self: Arc<Self>) {
        let mut tick = tokio::time::interval(SWEEP);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                now = tick.tick() => {
                    for session in self.sessions.expire(now, self.options.load().session_idle) {
                        tracing::info!(session = session.number, client = session.client.name, "an idle session has ended");
                        self.end_session(&session);
                    }
                }
            }
        }
    }

    /// Tells sessions of changed lists, until the gateway stops.
    pub(crate) async fn announce(self: Arc<Self>) {
        loop {
            let changed = tokio::select! {
                () = self.stop.cancelled() => return,
                changed = self.announcer.next() => changed,
            };
            let notices: Vec<(ListKind, Bytes)> =
                changed.into_iter().map(|kind| (kind, list_changed(kind))).collect();
            for session in self.sessions.all() {
                if session.server().is_some() || !session.is_ready() {
                    continue;
                }
                for (kind, notice) in &notices {
                    // The tools of a session that searches never change.
                    if *kind != ListKind::Tools || session.mode.get() != Some(&Mode::RetrieveTools) {
                        session.general().push(notice.clone());
                    }
                }
            }
        }
    }

    /// Now, for what keeps time by itself.
    pub(crate) fn now(&self) -> Instant {
        Instant::now()
    }
}
