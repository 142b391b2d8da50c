//! What is seen of a server, kept in step with its life.
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use mcpproxy_config::ServerConfig;
use tokio::time::Instant;

use crate::{
    Identity, PreparationView, ServerState, ServerView, Wait,
    servers::{
        blueprint::Blueprint,
        life::{Life, State, Step},
    },
};

/// The view of a server of which only the settings are known.
pub(super) fn of(config: &Arc<ServerConfig>, blueprint: &Blueprint) -> ServerView {
    ServerView {
        name: config.name.clone(),
        config: Arc::clone(config),
        state: ServerState::Disabled,
        since: Timestamp::now(),
        placement: blueprint.placement(),
        runtime: String::new(),
        image: None,
        container_id: None,
        container_name: None,
        tools: 0,
        ready_at: None,
        failure: None,
        last_exit: None,
        starts: 0,
        attempt: 0,
        identity: None,
        relaxed: Arc::default(),
        isolation_ignored: false,
        unprotected: None,
    }
}

/// Takes the settings over.
pub(super) fn configure(
    view: &mut ServerView,
    config: &Arc<ServerConfig>,
    blueprint: &Blueprint,
    isolation_ignored: bool,
) {
    view.config = Arc::clone(config);
    view.placement = blueprint.placement();
    view.isolation_ignored = isolation_ignored;
    if !blueprint.needs_engine() {
        view.image = None;
        view.relaxed = Arc::default();
    }
}

/// Notes that it answers.
pub(super) fn ready(view: &mut ServerView, identity: Identity) {
    view.identity = Some(Arc::new(identity));
    view.ready_at = Some(Timestamp::now());
    view.failure = None;
}

/// Notes how far a download is; `false` when the server is not at one.
pub(super) fn progress(view: &mut ServerView, progress: PreparationView) -> bool {
    let preparing = matches!(view.state, ServerState::Preparing(_));
    if preparing {
        view.state = ServerState::Preparing(progress);
    }
    preparing
}

/// Brings state, attempt and time of change in step with the life.
pub(super) fn follow(view: &mut ServerView, life: &Life) {
    view.attempt = life.attempt();
    let state = seen(life, &view.state);
    if state.id() != view.state.id() {
        view.since = Timestamp::now();
    }
    view.state = state;
}

fn seen(life: &Life, current: &ServerState) -> ServerState {
    match life.state() {
        State::Disabled => ServerState::Disabled,
        State::Quarantined => ServerState::Quarantined,
        State::WaitingForEngine => ServerState::Waiting(Wait::Engine),
        State::Active(Step::Preparing) => match current {
            ServerState::Preparing(progress) => ServerState::Preparing(progress.clone()),
            _ => ServerState::Preparing(PreparationView::default()),
        },
        State::Active(Step::WaitingForResume) => ServerState::Waiting(Wait::Resume),
        State::Active(Step::WaitingForTurn) => ServerState::Waiting(Wait::Turn),
        State::Active(Step::Starting) => ServerState::Starting,
        State::Active(Step::Handshaking) => ServerState::Handshaking,
        State::Active(Step::Ready) => ServerState::Ready,
        State::Stopping => ServerState::Stopping,
        State::Backoff { until } => match current {
            // Computed once: clock and timer drift, and the moment shown must not tremble.
            ServerState::Backoff { until, attempt } if *attempt == life.attempt() => {
                ServerState::Backoff { until: *until, attempt: *attempt }
            }
            _ => ServerState::Backoff { until: moment(until), attempt: life.attempt() },
        },
        State::Failed => ServerState::Failed,
    }
}

/// The moment of the timer on the calendar.
fn moment(until: Instant) -> Timestamp {
    let wait = until.saturating_duration_since(Instant::now());
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO);
    Timestamp::now().checked_add(wait).unwrap_or(Timestamp::MAX)
}
