//! The server object.

use super::{health, sentence, stats};
use indexmap::IndexMap;
use mcpproxy_api_types::{
    Diagnostic, ExitView, FixStep, IsolationDefaults, IsolationView, Progress, Server, ServerList,
    ServerStats,
};
use mcpproxy_config::{Config, ServerConfig, ServerIsolation, format_duration};
use mcpproxy_core::{
    Core, PausedView, Placement, PreparationView, ServerState, ServerView, Unprotected, Wait,
};
use mcpproxy_secrets::mask;

/// All servers in the order of the file.
pub(crate) fn server_list(core: &Core) -> ServerList {
    let snapshot = core.snapshot();
    let config = core.config();
    let counts = stats(&snapshot);
    let servers: Vec<Server> =
        snapshot.servers.values().map(|view| server(view, &config, snapshot.paused)).collect();
    ServerList {
        stats: ServerStats {
            total_servers: counts.total_servers,
            connected_servers: counts.connected_servers,
            quarantined_servers: counts.quarantined_servers,
            total_tools: counts.total_tools,
            docker_containers: servers.iter().filter(|server| server.container_id.is_some()).count(),
        },
        servers,
    }
}

/// One server, if there is one of that name.
pub(crate) fn find_server(core: &Core, name: &str) -> Option<Server> {
    let snapshot = core.snapshot();
    snapshot.servers.get(name).map(|view| server(view, &core.config(), snapshot.paused))
}

fn server(view: &ServerView, config: &Config, paused: Option<PausedView>) -> Server {
    let entry = &view.config;
    // A server that answers is what a pause silences; all others say why they do not.
    let paused = paused.filter(|_| view.state == ServerState::Ready);
    let failure = sentence::failure(view);
    let ready = view.state == ServerState::Ready;
    Server {
        id: view.name.clone(),
        name: view.name.clone(),
        protocol: protocol(entry).to_owned(),
        command: entry.command.clone(),
        args: mask::arguments(&entry.args),
        working_dir: entry.working_dir.as_ref().map(|path| path.display().to_string()),
        url: entry.url.as_deref().map(mask::address),
        env: masked(&entry.env),
        headers: masked(&entry.headers),
        enabled: entry.enabled,
        quarantined: view.state == ServerState::Quarantined,
        connected: ready,
        connecting: view.state.is_busy() || matches!(view.state, ServerState::Waiting(_)),
        status: status(&view.state).to_owned(),
        state: if paused.is_some() || view.state == ServerState::Waiting(Wait::Resume) {
            "paused".to_owned()
        } else {
            view.state.id().to_owned()
        },
        state_text: paused.map_or_else(|| sentence::state(view), |paused| sentence::paused(paused.since)),
        since: view.since.to_string(),
        last_error: failure.clone(),
        last_output: view.failure.as_ref().map(|failure| failure.stderr.clone()).unwrap_or_default(),
        connected_at: view.ready_at.map(|time| time.to_string()),
        retry_at: view.retry_at().map(|time| time.to_string()),
        reconnect_count: u64::from(view.starts.saturating_sub(1)),
        retry_count: u64::from(view.attempt),
        tool_count: view.tools,
        placement: view.placement.id().to_owned(),
        isolated: view.placement == Placement::Container,
        container_id: view.container_id.clone(),
        container_name: view.container_name.clone(),
        image: view.image.clone(),
        progress: view.progress().filter(|step| !step.subject.is_empty()).map(progress),
        last_exit: view.last_exit.as_ref().map(|exit| ExitView {
            code: exit.code,
            signal: exit.signal,
            oom_killed: exit.oom,
            ran_ms: exit.ran_ms,
            peak_memory: exit.peak_memory,
            at: exit.at.to_string(),
        }),
        isolation: isolation(&entry.isolation),
        isolation_defaults: defaults(view, config),
        isolation_ignored: view.isolation_ignored,
        unprotected_until: match view.unprotected {
            Some(Unprotected::Until(end)) => Some(end.to_string()),
            Some(Unprotected::UntilQuit) | None => None,
        },
        unprotected_until_quit: view.unprotected == Some(Unprotected::UntilQuit),
        relaxed: view.relaxed.to_vec(),
        error_code: view.failure.as_ref().map(|failure| go_code(failure.code)),
        diagnostic: diagnostic(view, failure.as_deref()),
        health: health::health(view, failure.as_deref()),
        created: entry.created.clone(),
        updated: entry.updated.clone(),
    }
}

fn protocol(entry: &ServerConfig) -> &'static str {
    match (entry.protocol.as_str(), entry.is_process()) {
        ("auto", true) => "stdio",
        ("auto", false) => "streamable-http",
        (word, _) => word,
    }
}

const fn status(state: &ServerState) -> &'static str {
    match state {
        ServerState::Disabled | ServerState::Quarantined | ServerState::Stopping => "Disconnected",
        ServerState::Waiting(_)
        | ServerState::Preparing(_)
        | ServerState::Starting
        | ServerState::Handshaking => "Connecting",
        ServerState::Ready => "Ready",
        ServerState::Backoff { .. } | ServerState::Failed => "Error",
    }
}

/// Values of variables and headers, masked; a reference shows nothing secret and stays readable.
fn masked(values: &IndexMap<String, String>) -> IndexMap<String, String> {
    let shown = |value: &str| {
        let bare = mcpproxy_secrets::references(value);
        if bare.len() == 1 && bare[0].to_string() == value { value.to_owned() } else { mask::value(value) }
    };
    values.iter().map(|(name, value)| (name.clone(), shown(value))).collect()
}

fn progress(view: &PreparationView) -> Progress {
    Progress {
        stage: if view.stage == "image" { "downloading" } else { "installing" }.to_owned(),
        subject: view.subject.clone(),
        done_bytes: view.done_bytes,
        total_bytes: view.total_bytes,
        percent: view.percent,
        rate: view.rate,
        seconds_left: view.eta_seconds,
        line: view.line.clone(),
    }
}

fn isolation(own: &ServerIsolation) -> Option<IsolationView> {
    if *own == ServerIsolation::default() {
        return None;
    }
    Some(IsolationView {
        enabled: own.enabled,
        image: own.image.clone(),
        network_mode: own.network_mode.clone(),
        extra_args: mask::arguments(&own.extra_args),
        working_dir: own.working_dir.clone(),
        memory_limit: own.memory_limit.clone(),
        cpu_limit: own.cpu_limit.clone(),
        timeout: own.timeout.map(format_duration),
        volumes: own.volumes.clone(),
    })
}

fn defaults(view: &ServerView, config: &Config) -> Option<IsolationDefaults> {
    if view.runtime.is_empty() {
        return None;
    }
    let global = &config.isolation;
    Some(IsolationDefaults {
        runtime_type: view.runtime.clone(),
        image: global.default_images.get(&view.runtime).cloned().unwrap_or_default(),
        network_mode: global.network_mode.clone(),
        extra_args: mask::arguments(&global.extra_args),
        working_dir: String::new(),
    })
}

fn diagnostic(view: &ServerView, sentence: Option<&str>) -> Option<Diagnostic> {
    let failure = view.failure.as_ref()?;
    let command = sentence::command(failure.code, Some(&view.name), &failure.fields);
    let fix_steps = command.map(|command| FixStep {
        kind: "command".to_owned(),
        label: sentence::action(failure.code).unwrap_or_default(),
        command: Some(command),
    });
    Some(Diagnostic {
        code: failure.code.to_owned(),
        severity: "error".to_owned(),
        cause: Some(failure.detail.clone()).filter(|detail| !detail.is_empty()),
        user_message: sentence.unwrap_or_default().to_owned(),
        fix_steps: fix_steps.into_iter().collect(),
    })
}

/// The code under which mcpproxy-go's clients know a failure.
fn go_code(code: &str) -> String {
    let known = mcpproxy_messages::find(code).and_then(|entry| entry.diagnostic);
    known.unwrap_or("MCPX_UNKNOWN_UNCLASSIFIED").to_owned()
}
