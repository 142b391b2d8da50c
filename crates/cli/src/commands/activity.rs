//! `activity`: what was called, by whom, and how it went.

use super::{End, escaped, with_schema};
use crate::{
    args::{ActivityArgs, ActivityFilterArgs, ActivityListArgs, ActivityWord},
    client::refused,
    output::{Glyph, Screen, Table, plain},
    place::Place,
};
use anyhow::{Context, Result, bail};
use http_body_util::BodyExt as _;
use mcpproxy_api_types::{ActivityDetail, ActivityList, ActivityRecord, ActivitySummary, ActivitySums};
use serde_json::json;
use std::io::Write as _;

/// Seconds that a question for new records is held.
const HOLD: u32 = 25;
/// Records that are looked through for the end of an id.
const LOOKED_AT: usize = 500;
/// Characters of an id that a list shows: enough to tell its records apart.
const ID_END: usize = 6;

pub(crate) async fn run(place: &Place, screen: &Screen, args: ActivityArgs) -> Result<End> {
    match args.word {
        None => list(place, screen, &args.list).await,
        Some(ActivityWord::List(args)) => list(place, screen, &args).await,
        Some(ActivityWord::Show { id }) => show(place, screen, &id).await,
        Some(ActivityWord::Summary { period }) => summary(place, screen, &period).await,
        Some(ActivityWord::Export { format, bodies, filter }) => {
            export(place, &format, bodies, &filter).await
        }
    }
}

async fn list(place: &Place, screen: &Screen, args: &ActivityListArgs) -> Result<End> {
    let filter = query(&args.filter);
    let path = format!("/api/v1/activity?limit={}{filter}", args.limit.clamp(1, LOOKED_AT));
    let mut page: ActivityList = place.client.get(&path).await?;
    // On a terminal the newest stands where the eye is.
    page.activities.reverse();
    if screen.json && !args.follow {
        screen.object(&with_schema("activity", json!(page)))?;
        return Ok(End::Fine);
    }
    if page.activities.is_empty() && !args.follow {
        let nothing = if filter.is_empty() {
            "No calls yet. Ask your client something that needs a tool."
        } else {
            "Nothing matches."
        };
        screen.line(nothing)?;
    }
    print_all(screen, &page)?;
    if !args.follow {
        return Ok(End::Fine);
    }
    loop {
        let path = format!("/api/v1/activity?limit={LOOKED_AT}&after={}&wait={HOLD}{filter}", page.newest);
        page = tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(End::Fine),
            page = place.client.get(&path) => page?,
        };
        print_all(screen, &page)?;
    }
}

fn print_all(screen: &Screen, page: &ActivityList) -> Result<()> {
    for record in &page.activities {
        screen.line(if screen.json { json!(record).to_string() } else { line(screen, record) })?;
    }
    Ok(())
}

/// One line: when, what, how long, how it ended, and the end of its id.
fn line(screen: &Screen, record: &ActivityRecord) -> String {
    let time = local(&record.timestamp);
    let text = |text: &Option<String>| plain(text.as_deref().unwrap_or_default()).into_owned();
    let what = match (&record.summary, &record.tool_name) {
        (Some(summary), _) => plain(summary).into_owned(),
        (None, Some(_)) => {
            let server = record.server_name.as_deref().unwrap_or("mcpproxy");
            let client = record.client_name.as_deref().unwrap_or("this program");
            format!("{} → {} · {}", plain(client), plain(server), text(&record.tool_name))
        }
        (None, None) => record.kind.replace('_', " "),
    };
    let mut line = format!("{} {time}  {what}", screen.glyph(glyph(record)));
    if let Some(length) = record.duration_ms {
        line.push_str(&format!("  {}", duration(length)));
    }
    if record.tool_name.is_some() && record.status != "success" {
        line.push_str(&format!("  {}", record.status));
        if let Some(error) = &record.error_message {
            let first = error.lines().next().unwrap_or_default();
            line.push_str(&format!(": {}", plain(first)));
        }
    }
    if record.tool_name.is_some() {
        line.push_str(&format!(
            "  [{}]",
            record.id.get(record.id.len().saturating_sub(ID_END)..).unwrap_or_default()
        ));
    }
    line
}

fn glyph(record: &ActivityRecord) -> Glyph {
    match record.status.as_str() {
        "success" if record.kind == "not_recorded" => Glyph::Warn,
        "success" => Glyph::Ok,
        "blocked" | "rejected" => Glyph::Warn,
        "cancelled" => Glyph::Off,
        _ => Glyph::Bad,
    }
}

async fn show(place: &Place, screen: &Screen, id: &str) -> Result<End> {
    let id = whole_id(place, id).await?;
    let detail: ActivityDetail = place.client.get(&format!("/api/v1/activity/{}", escaped(&id))).await?;
    if screen.json {
        screen.object(&with_schema("activity_record", json!(detail.activity)))?;
        return Ok(End::Fine);
    }
    let record = detail.activity;
    screen.line(line(screen, &record))?;
    let fact = |name: &str, value: Option<String>| match value {
        Some(value) => screen.line(format!("  {name:<12} {}", plain(&value))),
        None => Ok(()),
    };
    fact("id", Some(record.id))?;
    fact("when", Some(record.timestamp))?;
    fact("error", record.error_message)?;
    fact("request", record.request_bytes.map(|bytes| format!("{bytes} bytes")))?;
    fact("answer", record.response_bytes.map(|bytes| format!("{bytes} bytes")))?;
    let hidden = |count: u32| if count == 1 { "1 value".to_owned() } else { format!("{count} values") };
    fact("hidden", (record.hidden_values > 0).then(|| hidden(record.hidden_values)))?;
    fact("cut", record.response_truncated.then(|| "only the beginning is kept".to_owned()))?;
    if let Some(arguments) = &record.arguments {
        screen.line("Arguments")?;
        screen.line(printed(&serde_json::to_string_pretty(arguments)?))?;
    }
    if let Some(response) = &record.response {
        screen.line("Response")?;
        let value = serde_json::from_str::<serde_json::Value>(response);
        let pretty = value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
        screen.line(printed(pretty.as_deref().unwrap_or(response)))?;
    }
    Ok(End::Fine)
}

/// Text of several lines without anything that steers the terminal.
fn printed(text: &str) -> String {
    text.lines().map(|line| format!("  {}", plain(line))).collect::<Vec<_>>().join("\n")
}

/// The id that a person gave, or meant by its last characters.
async fn whole_id(place: &Place, given: &str) -> Result<String> {
    let given = given.to_ascii_uppercase();
    if given.len() >= 26 {
        return Ok(given);
    }
    let page: ActivityList = place.client.get(&format!("/api/v1/activity?limit={LOOKED_AT}")).await?;
    let mut fitting = page.activities.into_iter().filter(|record| record.id.ends_with(&given));
    match (fitting.next(), fitting.next()) {
        (Some(record), None) => Ok(record.id),
        (Some(_), Some(_)) => bail!("Several records end with {given}. Give more of the id."),
        _ => bail!("None of the last {LOOKED_AT} records ends with {given}. Run: mcpproxy activity"),
    }
}

async fn summary(place: &Place, screen: &Screen, period: &str) -> Result<End> {
    let path = format!("/api/v1/activity/summary?period={}", escaped(period));
    let summary: ActivitySummary = place.client.get(&path).await?;
    if screen.json {
        screen.object(&with_schema("activity_summary", json!(summary)))?;
        return Ok(End::Fine);
    }
    let blocked = summary.blocked_count + summary.rejected_count;
    let half = summary.p50_ms.map(|half| format!(", half under {}", duration(half))).unwrap_or_default();
    screen.line(format!(
        "{period}: {} calls, {} failed, {blocked} blocked{half}",
        summary.total_count + summary.not_recorded_count,
        summary.error_count
    ))?;
    if summary.not_recorded_count > 0 {
        screen
            .line(format!("{} calls came faster than they could be recorded.", summary.not_recorded_count))?;
    }
    for (head, rows) in [("SERVER", &summary.servers), ("CLIENT", &summary.clients), ("TOOL", &summary.tools)]
    {
        if rows.is_empty() {
            continue;
        }
        let mut table = Table::new(&[head, "CALLS", "FAILED", "BLOCKED", "HALF UNDER", "LAST CALL"]);
        for row in rows {
            table.row(" ".to_owned(), cells(row));
        }
        screen.line(table.text(screen.width))?;
    }
    Ok(End::Fine)
}

fn cells(row: &ActivitySums) -> Vec<String> {
    let last = row.last_call.as_deref().map(local).unwrap_or_default();
    let half = row.p50_ms.map_or_else(|| "—".to_owned(), duration);
    let numbers = [row.calls, row.failed, row.blocked].map(|number| number.to_string());
    [row.name.clone()].into_iter().chain(numbers).chain([half, last]).collect()
}

async fn export(place: &Place, format: &str, bodies: bool, args: &ActivityFilterArgs) -> Result<End> {
    let path = format!("/api/v1/activity/export?format={format}&bodies={bodies}{}", query(args));
    let response = place.client.request(http::Method::GET, &path, None).await?;
    let status = response.status();
    let mut body = response.into_body();
    if !status.is_success() {
        return Err(refused(status, &body.collect().await?.to_bytes()).into());
    }
    let mut out = std::io::stdout().lock();
    while let Some(frame) = body.frame().await {
        let frame = frame.context("The answer broke off")?;
        if let Some(data) = frame.data_ref() {
            out.write_all(data)?;
        }
    }
    out.flush()?;
    Ok(End::Fine)
}

/// The filter as a part of an address, with `&` in front of each piece.
fn query(args: &ActivityFilterArgs) -> String {
    let failed = args.failed.then(|| "failed".to_owned());
    let parts = [
        ("server", args.server.clone()),
        ("tool", args.tool.clone()),
        ("client", args.client.clone()),
        ("status", args.status.clone().or(failed)),
        ("kind", args.kind.clone()),
        ("text", args.text.clone()),
    ];
    let given = parts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.map(|(name, value)| format!("&{name}={}", escaped(&value))).collect()
}

/// A length as people say it.
fn duration(millis: f64) -> String {
    match millis {
        millis if millis < 1.0 => format!("{:.0} µs", millis * 1000.0),
        millis if millis < 1000.0 => format!("{millis:.0} ms"),
        millis => format!("{:.1} s", millis / 1000.0),
    }
}

/// The local time of a moment; with its day, unless that is today.
fn local(moment: &str) -> String {
    let zone = jiff::tz::TimeZone::system();
    let Ok(time) = moment.parse::<jiff::Timestamp>() else { return moment.to_owned() };
    let time = time.to_zoned(zone.clone());
    let today = time.date() == jiff::Timestamp::now().to_zoned(zone).date();
    time.strftime(if today { "%H:%M:%S" } else { "%b %d %H:%M:%S" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_escaped_and_failed_is_short_for_what_went_wrong() {
        let args = ActivityFilterArgs {
            server: Some("a/b".into()),
            text: Some("x&y=z".into()),
            failed: true,
            ..ActivityFilterArgs::default()
        };
        assert_eq!(query(&args), "&server=a%2Fb&status=failed&text=x%26y%3Dz");
        assert_eq!(query(&ActivityFilterArgs::default()), "");
    }

    #[test]
    fn lengths_are_said_in_the_unit_that_fits() {
        assert_eq!(
            (duration(0.42), duration(11.3), duration(2345.0)),
            ("420 µs".into(), "11 ms".into(), "2.3 s".into())
        );
    }
}
