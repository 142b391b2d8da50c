//! Snapshots turned into the shapes of REST: the only place where one becomes the other.

pub(crate) mod activity;
pub(crate) mod clients;
mod health;
mod sentence;
mod server;

pub(crate) use server::{find_server, server_list};

pub(crate) use sentence::state as state_sentence;

use indexmap::IndexMap;
use mcpproxy_api_types::{
    DockerStatus, EngineTried, Explanation, ExplanationLine, Finding, Findings, LogEntry, ServerLogs, Status,
    Tool, ToolList, UpstreamStats,
};
use mcpproxy_config::Config;
use mcpproxy_core::{Core, EngineView, LogLine, LogSource, Placement, ServerState, Severity, Snapshot};
use mcpproxy_gateway::ToolEntry;
use serde_json::Value;

/// The state of the program.
pub(crate) fn status(core: &Core, version: &str) -> Status {
    let snapshot = core.snapshot();
    let config = core.config();
    Status {
        running: true,
        edition: "personal".to_owned(),
        version: version.to_owned(),
        pid: std::process::id(),
        started_at: snapshot.started_at.to_string(),
        listen_addr: snapshot.listen.clone(),
        upstream_stats: stats(&snapshot),
        docker_status: docker_status(&snapshot.engine),
        routing_mode: routing_mode(&config).to_owned(),
        config_path: core.paths().config.display().to_string(),
        config_error: snapshot.file.problem.as_ref().map(|problem| problem.sentence.clone()),
        log_dir: core.paths().log_dir.display().to_string(),
        paused: paused(&snapshot),
        today: activity::today(core),
        sessions: core.gateway().sessions().len(),
        timestamp: jiff::Timestamp::now().as_second(),
    }
}

/// What a server can reach.
pub(crate) fn explanation(explained: mcpproxy_core::Explanation) -> Explanation {
    let lines = explained.sentences.iter().map(|line| ExplanationLine {
        kind: line.kind.to_owned(),
        key: line.key.to_owned(),
        text: line.text(),
    });
    Explanation {
        server: explained.server,
        placement: explained.placement.id().to_owned(),
        lines: lines.collect(),
        docker_run: explained.docker_run_args,
        refusal: explained.refusal.map(|failure| failure.sentence()),
    }
}

/// The pause that lasts.
pub(crate) fn paused(snapshot: &Snapshot) -> Option<mcpproxy_api_types::Paused> {
    let paused = snapshot.paused?;
    Some(mcpproxy_api_types::Paused { since: paused.since.to_string(), settled: paused.settled })
}

/// Counts over all servers; every surface takes its numbers from here.
pub(crate) fn stats(snapshot: &Snapshot) -> UpstreamStats {
    let mut stats = UpstreamStats { total_servers: snapshot.servers.len(), ..UpstreamStats::default() };
    for server in snapshot.servers.values() {
        let ready = server.state == ServerState::Ready;
        stats.connected_servers += usize::from(ready);
        stats.quarantined_servers += usize::from(server.state == ServerState::Quarantined);
        stats.isolated_servers += usize::from(ready && server.placement == Placement::Container);
        stats.total_tools += if ready { server.tools } else { 0 };
    }
    stats
}

/// The routing mode's word; absent means automatic.
pub(crate) fn routing_mode(config: &Config) -> &'static str {
    config.routing_mode.map_or("auto", |mode| mode.as_str())
}

/// The engine's state.
pub(crate) fn docker_status(engine: &EngineView) -> DockerStatus {
    let summary = engine.sentence();
    let time = |moment: Option<jiff::Timestamp>| moment.map(|moment| moment.to_string()).unwrap_or_default();
    let field =
        |name: &str| engine.fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
    DockerStatus {
        docker_available: engine.available,
        available: engine.available,
        docker_path: engine.docker_path.as_ref().map(|path| path.display().to_string()).unwrap_or_default(),
        isolation_enabled: engine.isolation_enabled,
        state: engine.code.to_owned(),
        last_error: if engine.available { String::new() } else { summary.clone() },
        summary,
        action: sentence::action(engine.code).unwrap_or_default(),
        product: field("product"),
        version: engine.version.clone(),
        api_version: field("api"),
        endpoint: engine.endpoint.clone(),
        source: engine.source.clone(),
        tried: Vec::<EngineTried>::new(),
        recovery_mode: !engine.available && engine.isolation_enabled,
        failure_count: engine.failures,
        attempts_since_up: engine.failures,
        last_attempt: time(engine.checked_at),
        last_successful_at: time(engine.answered_at),
    }
}

/// What is not as it should be, in the core's order.
pub(crate) async fn findings(core: &Core) -> Findings {
    let found = core.doctor().into_iter().chain(core.client_findings().await);
    let findings: Vec<Finding> = found
        .filter(|finding| finding.severity != Severity::Fine)
        .map(|finding| Finding {
            severity: if finding.severity == Severity::Problem { "error" } else { "warning" }.to_owned(),
            message: finding.sentence(),
            command: sentence::command(finding.code, finding.server.as_deref(), &finding.fields),
            code: finding.code.to_owned(),
            server: finding.server,
        })
        .collect();
    Findings {
        total_issues: findings.len(),
        findings,
        docker_status: docker_status(&core.snapshot().engine),
        timestamp: jiff::Timestamp::now().to_string(),
    }
}

/// Tools of one server or of all.
pub(crate) fn tool_list(core: &Core, server: Option<&str>) -> ToolList {
    let tools: Vec<Tool> = core
        .gateway()
        .tools()
        .iter()
        .filter(|entry| server.is_none_or(|name| *entry.server == *name))
        .map(|entry| tool(entry))
        .collect();
    ToolList { server_name: server.map(str::to_owned), count: tools.len(), tools }
}

/// One tool.
pub(crate) fn tool(entry: &ToolEntry) -> Tool {
    Tool {
        name: entry.name.to_string(),
        server_name: entry.server.to_string(),
        published_name: entry.published.to_string(),
        description: entry.description.as_deref().unwrap_or_default().to_owned(),
        schema: serde_json::from_slice(&entry.schema).ok(),
        annotations: entry.annotations.as_ref().and_then(|bytes| serde_json::from_slice(bytes).ok()),
    }
}

/// Last lines of a server's log, or of the program's own.
pub(crate) async fn log_tail(core: &Core, server: Option<&str>, lines: usize) -> std::io::Result<ServerLogs> {
    let source = server.map_or(LogSource::Main, |name| LogSource::Server(name.to_owned()));
    let logs: Vec<LogEntry> = core.logs().tail(source, lines).await?.into_iter().map(log_entry).collect();
    Ok(ServerLogs { server_name: server.unwrap_or_default().to_owned(), count: logs.len(), logs })
}

pub(crate) fn log_entry(line: LogLine) -> LogEntry {
    LogEntry {
        timestamp: line.time.map(|time| time.to_string()).unwrap_or_default(),
        level: line.level.word().to_owned(),
        message: line.message,
        server: line.server,
        fields: line.fields.into_iter().collect::<IndexMap<String, Value>>(),
    }
}
