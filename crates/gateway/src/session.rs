//! One client's conversation: who it is with, what is in flight, what the client was asked, what it wants to hear.
//!
//! State is a few maps behind one plain mutex that is held for a few lines and never over an await.

mod ask;
pub(crate) mod channel;
mod flight;
mod level;
mod table;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use bytes::Bytes;
use mcpproxy_protocol::Id;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) use ask::{Ask, AskKind};
pub(crate) use channel::Channel;
pub(crate) use flight::{Flight, FlightGuard};
pub(crate) use level::Level;
pub(crate) use table::{Missing, Sessions};

use crate::{Credential, Endpoint};

/// Streams of answered requests that can still be resumed, per session.
const RESUMABLE: usize = 32;
/// Bytes that such streams may hold together.
const RESUMABLE_BYTES: usize = 8 * 1024 * 1024;
/// Requests of one session without an answer.
const MAX_FLIGHTS: usize = 1024;
/// Questions to one client without an answer.
const MAX_ASKS: usize = 256;

/// What a client said about itself in `initialize`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) sampling: bool,
    pub(crate) elicitation_form: bool,
    pub(crate) elicitation_url: bool,
    pub(crate) roots: bool,
}

/// What the tools of a session are: decided once, so that what was listed stays callable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Direct,
    RetrieveTools,
}

/// A session of the era with a handshake.
pub(crate) struct Session {
    /// Random; whoever knows it and has the credential is the client.
    pub(crate) id: String,
    /// A number that may be shown.
    pub(crate) number: u64,
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Credential,
    pub(crate) version: &'static str,
    pub(crate) client: Client,
    pub(crate) mode: OnceLock<Mode>,
    /// For one server's endpoint: its `initialize` result that the client knows.
    pub(crate) initialize: Bytes,
    ready: AtomicBool,
    level: AtomicU8,
    general: Arc<Channel>,
    ended: CancellationToken,
    state: Mutex<State>,
}

struct State {
    flights: HashMap<Id, Arc<Flight>>,
    asks: HashMap<Id, Ask>,
    next_ask: u64,
    next_channel: u64,
    /// Streams of requests, oldest first.
    streams: VecDeque<Arc<Channel>>,
    /// (server, address there) → the address as the client wrote it.
    subscriptions: HashMap<(Arc<str>, String), String>,
    /// Elicitations that were sent to this client and may end outside the conversation.
    elicitations: VecDeque<(Arc<str>, String)>,
    seen: Instant,
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    DuplicateId,
    TooMany,
    Ended,
}

/// What a session is opened with.
pub(crate) struct Opening {
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Credential,
    pub(crate) version: &'static str,
    pub(crate) client: Client,
    pub(crate) initialize: Bytes,
}

impl Session {
    fn new(number: u64, opening: Opening) -> Self {
        Self {
            id: crate::random::token(),
            number,
            endpoint: opening.endpoint,
            credential: opening.credential,
            version: opening.version,
            client: opening.client,
            mode: OnceLock::new(),
            initialize: opening.initialize,
            ready: AtomicBool::new(false),
            level: AtomicU8::new(Level::UNSET),
            general: Channel::new(channel::GENERAL),
            ended: CancellationToken::new(),
            state: Mutex::new(State {
                flights: HashMap::new(),
                asks: HashMap::new(),
                next_ask: 1,
                next_channel: 1,
                streams: VecDeque::new(),
                subscriptions: HashMap::new(),
                elicitations: VecDeque::new(),
                seen: Instant::now(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server of a session with one server.
    pub(crate) fn server(&self) -> Option<&Arc<str>> {
        match &self.endpoint {
            Endpoint::Server(name) => Some(name),
            Endpoint::Default | Endpoint::All | Endpoint::Call => None,
        }
    }

    /// Whether messages of this server concern this session.
    pub(crate) fn hears(&self, server: &str) -> bool {
        self.server().is_none_or(|own| own.as_ref() == server)
    }

    pub(crate) fn touch(&self) {
        self.state().seen = Instant::now();
    }

    /// The client has said `notifications/initialized`.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    pub(crate) fn level(&self) -> Option<Level> {
        Level::from_byte(self.level.load(Ordering::Relaxed))
    }

    pub(crate) fn set_level(&self, level: Level) {
        self.level.store(level.byte(), Ordering::Relaxed);
    }

    /// Whether events with nothing in them may be sent to give the client an id to come back with.
    pub(crate) fn primes_streams(&self) -> bool {
        self.version >= "2025-11-25"
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }

    /// Ends everything: requests are cancelled at their servers, questions are given up, streams end.
    pub(crate) fn end(&self) {
        self.ended.cancel();
        let (asks, streams) = {
            let mut state = self.state();
            (std::mem::take(&mut state.asks), std::mem::take(&mut state.streams))
        };
        drop(asks);
        self.general.end();
        for stream in streams {
            stream.end();
        }
    }

    /// Since when nothing has happened; `None` while something is in flight or read.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        let busy = !state.flights.is_empty() || self.general.is_read();
        (!busy).then_some(state.seen)
    }

    // Requests of the client.

    /// Takes a request in; its guard takes it out again.
    pub(crate) fn begin(self: &Arc<Self>, id: Id) -> Result<FlightGuard, NotTaken> {
        let mut state = self.state();
        if self.has_ended() {
            return Err(NotTaken::Ended);
        }
        if state.flights.len() >= MAX_FLIGHTS {
            return Err(NotTaken::TooMany);
        }
        if state.flights.contains_key(&id) {
            return Err(NotTaken::DuplicateId);
        }
        let number = state.next_channel;
        state.next_channel += 1;
        let flight = Arc::new(Flight::new(id.clone(), Channel::new(number), self.ended.child_token()));
        state.flights.insert(id, Arc::clone(&flight));
        drop(state);
        Ok(FlightGuard::new(Arc::clone(self), flight))
    }

    fn finish(&self, id: &Id) {
        let mut state = self.state();
        state.flights.remove(id);
        state.seen = Instant::now();
    }

    /// The request with this id, while it has no answer.
    pub(crate) fn flight(&self, id: &Id) -> Option<Arc<Flight>> {
        self.state().flights.get(id).cloned()
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.state().flights.len()
    }

    /// Where a message from this server goes: the stream of the newest request it works on for this
    /// session, else the stream that belongs to no request.
    pub(crate) fn channel_for(&self, server: &str) -> Arc<Channel> {
        let state = self.state();
        let at_server =
            state.flights.values().filter(|flight| flight.is_at(server) && !flight.channel.is_ended());
        let newest = at_server.max_by_key(|flight| flight.channel.number());
        Arc::clone(newest.map_or(&self.general, |flight| &flight.channel))
    }

    // Streams.

    pub(crate) fn general(&self) -> &Arc<Channel> {
        &self.general
    }

    /// A stream that belongs to no single request, for the answers of a batch.
    pub(crate) fn new_channel(&self) -> Arc<Channel> {
        let mut state = self.state();
        let number = state.next_channel;
        state.next_channel += 1;
        Channel::new(number)
    }

    /// Makes a request's stream resumable; the oldest ended ones make room.
    pub(crate) fn keep_stream(&self, channel: &Arc<Channel>) {
        let mut state = self.state();
        if self.has_ended() {
            channel.end();
            return;
        }
        state.streams.push_back(Arc::clone(channel));
        let is_done = |stream: &Arc<Channel>| stream.is_ended() && !stream.is_read();
        let (mut count, mut bytes) = state
            .streams
            .iter()
            .filter(|stream| is_done(stream))
            .fold((0, 0), |(count, bytes), stream| (count + 1, bytes + stream.held()));
        state.streams.retain(|stream| {
            let goes = is_done(stream) && (count > RESUMABLE || bytes > RESUMABLE_BYTES);
            if goes {
                count -= 1;
                bytes -= stream.held();
            }
            !goes
        });
    }

    /// The stream with this number, if it can still be resumed.
    pub(crate) fn stream(&self, number: u64) -> Option<Arc<Channel>> {
        if number == channel::GENERAL {
            return Some(Arc::clone(&self.general));
        }
        self.state().streams.iter().find(|stream| stream.number() == number).cloned()
    }

    // Questions of servers.

    /// Keeps a question until the client answers it, and returns the id it is asked under.
    pub(crate) fn ask(&self, ask: Ask) -> Option<Id> {
        let mut state = self.state();
        if self.has_ended() || state.asks.len() >= MAX_ASKS {
            return None;
        }
        let id = Id::number(state.next_ask);
        state.next_ask += 1;
        if let Some(elicitation) = &ask.elicitation {
            state.elicitations.push_back((Arc::clone(&ask.server), elicitation.clone()));
            if state.elicitations.len() > MAX_ASKS {
                state.elicitations.pop_front();
            }
        }
        state.asks.insert(id.clone(), ask);
        Some(id)
    }

    /// Whether an elicitation of this server went to this client.
    pub(crate) fn was_sent_to(&self, server: &str, elicitation: &str) -> bool {
        let state = self.state();
        state.elicitations.iter().any(|(owner, id)| owner.as_ref() == server && id == elicitation)
    }

    /// Takes out the question that an answer belongs to.
    pub(crate) fn answered(&self, id: &Id) -> Option<Ask> {
        self.state().asks.remove(id)
    }

    /// The server and its own token behind the token that a client reports progress with.
    pub(crate) fn ask_progress(&self, token: &Id) -> Option<(Arc<str>, Bytes)> {
        let state = self.state();
        let ask = state.asks.get(token)?;
        Some((Arc::clone(&ask.server), ask.progress_token.clone()?))
    }

    /// Takes out the question that a server withdraws, with the id it was asked under.
    pub(crate) fn withdraw(&self, server: &str, original: &Id) -> Option<(Id, Ask)> {
        let mut state = self.state();
        let found =
            state.asks.iter().find(|(_, ask)| ask.server.as_ref() == server && ask.original == *original);
        let id = found.map(|(id, _)| id.clone())?;
        let ask = state.asks.remove(&id)?;
        Some((id, ask))
    }

    /// Gives up all questions of a server that is gone. Returns the ids and streams they were asked on.
    pub(crate) fn forget_asks(&self, server: &str) -> Vec<(Id, Arc<Channel>)> {
        let mut state = self.state();
        let gone: Vec<(Id, Ask)> = state.asks.extract_if(|_, ask| ask.server.as_ref() == server).collect();
        drop(state);
        gone.into_iter().map(|(id, ask)| (id, ask.channel)).collect()
    }

    // Subscriptions.

    pub(crate) fn subscribe(&self, server: &Arc<str>, uri: String, as_written: String) {
        self.state().subscriptions.insert((Arc::clone(server), uri), as_written);
    }

    pub(crate) fn unsubscribe(&self, server: &Arc<str>, uri: &str) -> bool {
        self.state().subscriptions.remove(&(Arc::clone(server), uri.to_owned())).is_some()
    }

    pub(crate) fn is_subscribed(&self, server: &Arc<str>, uri: &str) -> bool {
        self.state().subscriptions.contains_key(&(Arc::clone(server), uri.to_owned()))
    }

    /// The subscriptions of this session, as (server, address there).
    pub(crate) fn subscriptions(&self) -> Vec<(Arc<str>, String)> {
        self.state().subscriptions.keys().cloned().collect()
    }

    /// How the client wrote the address of an updated resource, or of the subscribed one above it.
    pub(crate) fn subscribed_as(&self, server: &str, uri: &str) -> Option<Subscribed> {
        let state = self.state();
        let own = state.subscriptions.iter().filter(|((owner, _), _)| owner.as_ref() == server);
        let mut above = None;
        for ((_, original), written) in own {
            if original == uri {
                return Some(Subscribed::Exactly(written.clone()));
            }
            if uri.starts_with(original.as_str()) {
                above = Some(if written == original { Subscribed::AsIs } else { Subscribed::Below });
            }
        }
        above
    }
}

/// How an updated resource relates to what a client subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subscribed {
    /// It is the one, and the client writes its address so.
    Exactly(String),
    /// It lies below one whose address is the server's own.
    AsIs,
    /// It lies below one whose address was published in another form.
    Below,
}
