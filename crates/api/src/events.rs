//! Learning of changes: a long poll on the numbered change log, and `/events`, a loop over the same log.

use crate::{failure::ApiFailure, state::ApiState, views};
use axum::{
    Json,
    extract::{Query, State},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use http::{HeaderName, HeaderValue, StatusCode};
use mcpproxy_api_types::{ChangeEntry, Changes, EventName, Success};
use mcpproxy_core::{Change, ChangeKind, Snapshot};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

/// Longest time a poll is held.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// How often a quiet stream says that it is alive.
const PING: Duration = Duration::from_secs(30);
/// How long a client waits before it comes back to a lost stream.
const RETRY: Duration = Duration::from_secs(5);
/// Changes are gathered for this long, so that a burst becomes one event.
const GATHER: Duration = Duration::from_millis(50);

/// From where on, and how long to wait.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Since {
    /// Last revision that is known. Without it the newest one is answered at once: ask for it, read everything, and
    /// come back with it.
    since: Option<u64>,
    /// Seconds to wait for a newer one, at most 25.
    #[serde(default)]
    wait: u64,
}

/// Changes after a revision: at once if there are any, else within `wait` seconds. 410 for a revision that is too long
/// ago or from an earlier run: read everything again.
#[utoipa::path(get, path = "/api/v1/changes", tag = "events", params(Since),
    responses((status = 200, body = Success<Changes>), (status = 410, body = mcpproxy_api_types::Failure)))]
pub(crate) async fn changes(
    State(state): State<Arc<ApiState>>,
    Query(asked): Query<Since>,
) -> Result<Json<Success<Changes>>, ApiFailure> {
    let mut watch = state.core().watch();
    let Some(since) = asked.since else {
        let revision = watch.borrow().revision;
        return Ok(Json(Success::new(Changes { revision, changes: Vec::new() })));
    };
    let wait = Duration::from_secs(asked.wait).min(LONGEST_WAIT);
    // Any other number than the newest is answered at once; an elapsed wait is an answer too: nothing changed.
    let _ = timeout(wait, watch.wait_for(|snapshot| snapshot.revision != since)).await;
    let changes = state
        .core()
        .changes(since)
        .map_err(|error| ApiFailure::new(StatusCode::GONE, error.code(), error.to_string()))?;
    let revision = changes.last().map_or(since, |change| change.revision);
    Ok(Json(Success::new(Changes { revision, changes: changes.iter().map(entry).collect() })))
}

fn entry(change: &Change) -> ChangeEntry {
    ChangeEntry {
        revision: change.revision,
        kind: change.kind.id().to_owned(),
        servers: change.servers.clone(),
    }
}

/// Changes as server-sent events: `status` at once and on change, `servers.changed`, `config.reloaded`,
/// `docker.changed`, and `ping` every 30 seconds.
#[utoipa::path(get, path = "/events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = String)))]
pub(crate) async fn events(State(state): State<Arc<ApiState>>) -> Response {
    let watch = state.core().watch();
    let revision = watch.borrow().revision;
    let greeting = VecDeque::from([
        Event::default().comment("SSE connection established").retry(RETRY),
        named(EventName::Status, &status_payload(&state)),
    ]);
    let feed = Feed { state, watch, revision, ready: greeting, next_ping: Instant::now() + PING };
    let mut response = Sse::new(feed.into_stream()).keep_alive(KeepAlive::default()).into_response();
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// One listener of `/events`. It holds no queue of its own: who is slow reads the newest state later.
struct Feed {
    state: Arc<ApiState>,
    watch: watch::Receiver<Arc<Snapshot>>,
    revision: u64,
    ready: VecDeque<Event>,
    next_ping: Instant,
}

impl Feed {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut feed| async move { feed.next().await.map(|event| (Ok(event), feed)) })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            tokio::select! {
                changed = self.watch.changed() => {
                    changed.ok()?;
                    sleep_until(Instant::now() + GATHER).await;
                    self.watch.mark_unchanged();
                    self.gather();
                }
                () = sleep_until(self.next_ping) => {
                    self.next_ping = Instant::now() + PING;
                    return Some(named(EventName::Ping, &json!({"timestamp": now()})));
                }
            }
        }
    }

    fn gather(&mut self) {
        let changes = self.state.core().changes(self.revision).unwrap_or_default();
        self.revision = self.state.core().snapshot().revision;
        let of = |wanted: fn(ChangeKind) -> bool| changes.iter().any(|change| wanted(change.kind));
        // Forgotten changes count as a change of everything.
        let everything = changes.is_empty();
        if everything || of(is_about_servers) {
            let payload = servers_payload(&self.state, &changes);
            self.ready.push_back(wrapped(EventName::ServersChanged, payload));
        }
        if everything || of(|kind| kind == ChangeKind::Config) {
            let path = self.state.core().paths().config.display().to_string();
            self.ready.push_back(wrapped(EventName::ConfigReloaded, json!({"path": path})));
        }
        if everything || of(|kind| kind == ChangeKind::Engine) {
            let status = views::docker_status(&self.state.core().snapshot().engine);
            self.ready.push_back(wrapped(EventName::DockerChanged, json!(status)));
        }
        if everything || of(|kind| kind != ChangeKind::Progress) {
            self.ready.push_back(named(EventName::Status, &status_payload(&self.state)));
        }
    }
}

fn is_about_servers(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::State | ChangeKind::Progress | ChangeKind::Tools | ChangeKind::Servers)
}

fn servers_payload(state: &ApiState, changes: &[Change]) -> Value {
    let list = views::server_list(state.core());
    let mut names: Vec<&str> = changes
        .iter()
        .filter(|change| is_about_servers(change.kind))
        .flat_map(|change| change.servers.iter().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    let reason = changes.last().map_or("refresh", |change| change.kind.id());
    json!({"reason": reason, "changed": names, "servers": list.servers, "stats": list.stats})
}

fn status_payload(state: &ApiState) -> Value {
    json!(views::status(state.core(), state.version()))
}

fn wrapped(name: EventName, payload: Value) -> Event {
    named(name, &json!({"payload": payload, "timestamp": now()}))
}

fn named(name: EventName, data: &Value) -> Event {
    Event::default().event(name.as_str()).data(data.to_string())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
