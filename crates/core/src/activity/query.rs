//! Reading back: pages that lose and double nothing while others are written, single records, and sums.
use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row, ToSql, params, types::Value as Sql};

use super::{
    Today,
    record::{CALLS, Record},
    store::signed,
};

/// Which records are wanted; what is left out means any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Ids of kinds; none means all.
    pub kinds: Vec<String>,
    /// Ids of how it ended; none means all.
    pub statuses: Vec<String>,
    /// The server.
    pub server: Option<String>,
    /// The tool.
    pub tool: Option<String>,
    /// The client.
    pub client: Option<String>,
    /// The session's number.
    pub session: Option<u64>,
    /// The JSON-RPC id.
    pub request_id: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Words that occur in names, errors or arguments.
    pub text: Option<String>,
}

/// Which part of them, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// How many at most.
    pub limit: usize,
    /// Older than this place; the newest come first.
    pub before: Option<u64>,
    /// Newer than this place; the oldest come first.
    pub after: Option<u64>,
    /// Leaves so many out, for callers that count.
    pub offset: usize,
    /// With arguments and responses.
    pub bodies: bool,
}

/// A part of the records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// How many fit the filter in all.
    pub total: u64,
    /// There are more in this direction.
    pub more: bool,
}

/// Sums over a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Everything together.
    pub all: Sums,
    /// By server, the busiest first.
    pub servers: Vec<(String, Sums)>,
    /// By client, the busiest first.
    pub clients: Vec<(String, Sums)>,
    /// By server and tool, the busiest first.
    pub tools: Vec<(String, String, Sums)>,
    /// Calls that were not recorded.
    pub not_recorded: u64,
}

/// How calls went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Calls.
    pub calls: u64,
    /// With a good end.
    pub succeeded: u64,
    /// With an error.
    pub failed: u64,
    /// Not let through.
    pub blocked: u64,
    /// Not allowed in their form.
    pub rejected: u64,
    /// Given up by the client.
    pub cancelled: u64,
    /// Half of those with an end took no longer, in microseconds.
    pub median_us: Option<u64>,
    /// When the last one began.
    pub last: Option<Timestamp>,
}

const COLUMNS: &str = "a.seq, a.at, a.kind, a.origin, a.status, a.server, a.tool, a.client, a.session,
    a.duration_us, a.request_bytes, a.response_bytes, a.request_id, a.error, a.code, a.fields, a.count, a.hidden,
    a.truncated";

/// A part of the records that fit.
pub(super) fn page(
    connection: &Connection,
    filter: &Filter,
    window: &Window,
) -> Result<Page, rusqlite::Error> {
    let (condition, mut values) = conditions(filter);
    let total: i64 = connection.query_row(
        &format!("SELECT COUNT(*) FROM activity a WHERE {condition}"),
        references(&values).as_slice(),
        |row| row.get(0),
    )?;
    let mut condition = condition;
    let mut place = |comparison: &str, seq: u64| {
        values.push(Sql::Integer(signed(seq)));
        condition.push_str(&format!(" AND a.seq {comparison} ?{}", values.len()));
    };
    if let Some(before) = window.before {
        place("<", before);
    }
    if let Some(after) = window.after {
        place(">", after);
    }
    let order = if window.after.is_some() { "ASC" } else { "DESC" };
    let bodies = if window.bodies { ", b.arguments, b.response" } else { ", NULL, NULL" };
    let join = if window.bodies { "LEFT JOIN activity_body b ON b.seq = a.seq" } else { "" };
    let limit = window.limit.saturating_add(1);
    let sql = format!(
        "SELECT {COLUMNS}{bodies} FROM activity a {join} WHERE {condition} ORDER BY a.seq {order} LIMIT {limit} OFFSET {}",
        window.offset
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(references(&values).as_slice(), record)?;
    let mut records = rows.collect::<Result<Vec<Record>, _>>()?;
    let more = records.len() > window.limit;
    records.truncate(window.limit);
    Ok(Page { records, total: u64::try_from(total).unwrap_or(0), more })
}

/// One record with its bodies.
pub(super) fn one(connection: &Connection, seq: u64, at: i64) -> Result<Option<Record>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS}, b.arguments, b.response FROM activity a
         LEFT JOIN activity_body b ON b.seq = a.seq WHERE a.seq = ?1 AND a.at = ?2"
    );
    let found = connection.query_row(&sql, params![signed(seq), at], record);
    match found {
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        found => found.map(Some),
    }
}

/// The place of the newest record.
pub(super) fn newest(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let seq: Option<i64> = connection.query_row("SELECT MAX(seq) FROM activity", [], |row| row.get(0))?;
    Ok(seq.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0))
}

/// Counts since a moment.
pub(super) fn today(connection: &Connection, since: Timestamp) -> Result<Today, rusqlite::Error> {
    let sql = format!(
        "SELECT COALESCE(SUM(count), 0), COALESCE(SUM(status = 'error'), 0),
            COALESCE(SUM(status IN ('blocked', 'rejected')), 0)
         FROM activity WHERE at >= ?1 AND (kind IN {CALLS} OR kind = 'not_recorded')"
    );
    connection.query_row(&sql, [since.as_millisecond()], |row| {
        let number = |index| row.get(index).map(|number: i64| u64::try_from(number).unwrap_or(0));
        Ok(Today { calls: number(0)?, failed: number(1)?, blocked: number(2)? })
    })
}

/// Sums over the calls between two moments.
pub(super) fn summary(
    connection: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Summary, rusqlite::Error> {
    let mut statement = connection.prepare(&format!(
        "SELECT server, client, tool, status, duration_us, at, kind, count FROM activity
         WHERE at >= ?1 AND at < ?2 AND (kind IN {CALLS} OR kind = 'not_recorded')"
    ))?;
    let mut rows = statement.query([from.as_millisecond(), to.as_millisecond()])?;
    let mut all = Gathered::default();
    let mut servers: HashMap<String, Gathered> = HashMap::new();
    let mut clients: HashMap<String, Gathered> = HashMap::new();
    let mut tools: HashMap<(String, String), Gathered> = HashMap::new();
    let mut not_recorded = 0;
    while let Some(row) = rows.next()? {
        let kind: String = row.get(6)?;
        if kind == "not_recorded" {
            not_recorded += u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0);
            continue;
        }
        let (server, client): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
        let (status, duration, at): (String, Option<i64>, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let add = |gathered: &mut Gathered| gathered.add(&status, duration, at);
        add(&mut all);
        if let Some(client) = client {
            add(clients.entry(client).or_default());
        }
        if let Some(server) = server {
            let tool: Option<String> = row.get(2)?;
            add(tools.entry((server.clone(), tool.unwrap_or_default())).or_default());
            add(servers.entry(server).or_default());
        }
    }
    let tools = ranked(tools).into_iter().map(|((server, tool), sums)| (server, tool, sums)).collect();
    Ok(Summary { all: all.sums(), servers: ranked(servers), clients: ranked(clients), tools, not_recorded })
}

#[derive(Default)]
struct Gathered {
    sums: Sums,
    durations: Vec<u64>,
    last: i64,
}

impl Gathered {
    fn add(&mut self, status: &str, duration: Option<i64>, at: i64) {
        let sums = &mut self.sums;
        sums.calls += 1;
        match status {
            "success" => sums.succeeded += 1,
            "error" => sums.failed += 1,
            "blocked" => sums.blocked += 1,
            "rejected" => sums.rejected += 1,
            _ => sums.cancelled += 1,
        }
        let ended = status == "success" || status == "error";
        self.durations.extend(duration.filter(|_| ended).and_then(|length| u64::try_from(length).ok()));
        self.last = self.last.max(at);
    }

    fn sums(mut self) -> Sums {
        let middle = self.durations.len() / 2;
        if middle < self.durations.len() {
            self.sums.median_us = Some(*self.durations.select_nth_unstable(middle).1);
        }
        self.sums.last = (self.last > 0).then(|| Timestamp::from_millisecond(self.last).ok()).flatten();
        self.sums
    }
}

fn ranked<K: Ord>(gathered: HashMap<K, Gathered>) -> Vec<(K, Sums)> {
    let mut ranked: Vec<(K, Sums)> = gathered.into_iter().map(|(key, sums)| (key, sums.sums())).collect();
    ranked.sort_by(|(a, first), (b, second)| second.calls.cmp(&first.calls).then_with(|| a.cmp(b)));
    ranked
}

/// The filter as SQL, and its values in their order.
fn conditions(filter: &Filter) -> (String, Vec<Sql>) {
    let (mut parts, mut values) = (vec!["1".to_owned()], Vec::new());
    let mut add = |sql: &str, value: Sql| {
        values.push(value);
        parts.push(sql.replace('?', &format!("?{}", values.len())));
    };
    let exact = [
        ("a.server", &filter.server),
        ("a.tool", &filter.tool),
        ("a.client", &filter.client),
        ("a.request_id", &filter.request_id),
    ];
    for (column, wanted) in exact {
        if let Some(wanted) = wanted {
            add(&format!("{column} = ?"), Sql::Text(wanted.clone()));
        }
    }
    if let Some(session) = filter.session {
        add("a.session = ?", Sql::Integer(signed(session)));
    }
    if let Some(from) = filter.from {
        add("a.at >= ?", Sql::Integer(from.as_millisecond()));
    }
    if let Some(to) = filter.to {
        add("a.at < ?", Sql::Integer(to.as_millisecond()));
    }
    for (column, wanted) in [("a.kind", &filter.kinds), ("a.status", &filter.statuses)] {
        if !wanted.is_empty() {
            let list = format!(",{},", wanted.join(","));
            add(&format!("instr(?, ',' || {column} || ',') > 0"), Sql::Text(list));
        }
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let columns = ["a.server", "a.tool", "a.client", "a.error", "a.fields"];
        let mut tests: Vec<String> = columns.iter().map(|column| like(column)).collect();
        let inside =
            format!("(SELECT 1 FROM activity_body t WHERE t.seq = a.seq AND {})", like("t.arguments"));
        tests.push(format!("EXISTS {inside}"));
        add(&format!("({})", tests.join(" OR ")), Sql::Text(pattern(text)));
    }
    (parts.join(" AND "), values)
}

fn like(column: &str) -> String {
    format!("{column} LIKE ? ESCAPE '\\'")
}

/// A text to be found anywhere, its own wildcards meaning themselves.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn references(values: &[Sql]) -> Vec<&dyn ToSql> {
    values.iter().map(|value| value as &dyn ToSql).collect()
}

fn record(row: &Row<'_>) -> Result<Record, rusqlite::Error> {
    let number = |index: usize| -> Result<Option<u64>, rusqlite::Error> {
        Ok(row.get::<_, Option<i64>>(index)?.and_then(|number| u64::try_from(number).ok()))
    };
    let (code, fields): (Option<String>, Option<String>) = (row.get(14)?, row.get(15)?);
    Ok(Record {
        seq: number(0)?.unwrap_or(0),
        at: Timestamp::from_millisecond(row.get(1)?).unwrap_or_default(),
        kind: row.get(2)?,
        origin: row.get(3)?,
        status: row.get(4)?,
        server: row.get(5)?,
        tool: row.get(6)?,
        client: row.get(7)?,
        session: number(8)?,
        duration_us: number(9)?,
        request_bytes: number(10)?,
        response_bytes: number(11)?,
        request_id: row.get(12)?,
        error: row.get(13)?,
        summary: code.map(|code| sentence(&code, fields.as_deref())),
        count: number(16)?.unwrap_or(1),
        hidden: u32::try_from(number(17)?.unwrap_or(0)).unwrap_or(u32::MAX),
        truncated: row.get(18)?,
        arguments: row.get(19)?,
        response: row.get(20)?,
    })
}

/// The sentence of an event, from its code and the words that were kept with it.
fn sentence(code: &str, fields: Option<&str>) -> String {
    let fields: serde_json::Map<String, serde_json::Value> =
        fields.and_then(|fields| serde_json::from_str(fields).ok()).unwrap_or_default();
    let words: Vec<(&str, &str)> =
        fields.iter().filter_map(|(name, word)| Some((name.as_str(), word.as_str()?))).collect();
    mcpproxy_messages::render(code, &words)
}

#[cfg(test)]
mod tests;
