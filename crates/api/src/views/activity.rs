//! Records as REST shows them.

use mcpproxy_api_types::{ActivityRecord, ActivitySummary, ActivitySums, Today};
use mcpproxy_core::{ActivityRecord as Record, ActivitySummary as Summary, Core, Sums};

/// Tools that a summary names.
const TOOLS: usize = 10;

/// Today's counts.
pub(crate) fn today(core: &Core) -> Today {
    let today = core.activity().today();
    let problem = core.activity().problem().map(|problem| problem.sentence());
    Today { calls: today.calls, failed: today.failed, blocked: today.blocked, problem }
}

/// One record.
pub(crate) fn record(record: Record) -> ActivityRecord {
    let arguments = record.arguments.map(|text| serde_json::from_str(&text).unwrap_or_else(|_| text.into()));
    ActivityRecord {
        id: Record::id_of(record.seq, record.at),
        kind: record.kind,
        source: record.origin,
        status: record.status,
        timestamp: format!("{:.3}", record.at),
        server_name: record.server,
        tool_name: record.tool,
        client_name: record.client,
        session_id: record.session.map(|session| session.to_string()),
        request_id: record.request_id,
        duration_ms: record.duration_us.map(millis),
        request_bytes: record.request_bytes,
        response_bytes: record.response_bytes,
        error_message: record.error,
        summary: record.summary,
        count: record.count,
        hidden_values: record.hidden,
        arguments,
        response: record.response,
        response_truncated: record.truncated,
    }
}

/// Sums over a period.
pub(crate) fn summary(period: &str, start: jiff::Timestamp, summary: Summary) -> ActivitySummary {
    let named = |sums: Vec<(String, Sums)>| sums.into_iter().map(|(name, sums)| row(name, &sums)).collect();
    let tools = summary.tools.iter().take(TOOLS);
    let tools = tools.map(|(server, tool, sums)| row(format!("{server}:{tool}"), sums)).collect();
    let all = summary.all;
    ActivitySummary {
        period: period.to_owned(),
        start_time: format!("{start:.3}"),
        end_time: format!("{:.3}", jiff::Timestamp::now()),
        total_count: all.calls,
        success_count: all.succeeded,
        error_count: all.failed,
        blocked_count: all.blocked,
        rejected_count: all.rejected,
        cancelled_count: all.cancelled,
        not_recorded_count: summary.not_recorded,
        p50_ms: all.median_us.map(millis),
        servers: named(summary.servers),
        clients: named(summary.clients),
        tools,
    }
}

fn row(name: String, sums: &Sums) -> ActivitySums {
    ActivitySums {
        name,
        calls: sums.calls,
        failed: sums.failed,
        blocked: sums.blocked + sums.rejected,
        p50_ms: sums.median_us.map(millis),
        last_call: sums.last.map(|last| format!("{last:.3}")),
    }
}

/// Milliseconds with microseconds behind the point.
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
