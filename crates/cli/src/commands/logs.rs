//! `logs`: last lines from the files, whether or not anything runs; with `-f` what comes next.

use super::End;
use crate::{
    args::LogArgs,
    output::{Screen, plain},
    place::Place,
};
use anyhow::{Context, Result, bail};
use mcpproxy_api_types::Status;
use mcpproxy_core::{Level, LogFolder, LogLine, LogSource};

/// How often a followed file is looked at: files tell nobody that they grew, on no system alike.
const LOOK: std::time::Duration = std::time::Duration::from_millis(250);

pub(crate) async fn run(place: &Place, screen: &Screen, args: LogArgs) -> Result<End> {
    let least = match args.level.as_deref() {
        None => Level::Debug,
        Some(word) => match Level::parse(word) {
            Some(level) => level,
            None => bail!("{word} is no level. Write debug, info, warn or error."),
        },
    };
    let source = args.name.clone().map_or(LogSource::Main, LogSource::Server);
    // A running instance may have been told to log elsewhere.
    let folder = match place.client.get::<Status>("/api/v1/status").await {
        Ok(status) => LogFolder::new(status.log_dir.into()),
        Err(_) => place.logs(),
    };
    let path = folder.path().join(source.file_name());
    if !args.follow && !path.exists() {
        bail!("There is no log yet: {}. Servers: mcpproxy servers list", path.display());
    }
    let lines =
        folder.tail(&source, args.tail).with_context(|| format!("{} cannot be read", path.display()))?;
    for line in lines.iter().filter(|line| line.level >= least) {
        print(screen, line)?;
    }
    if args.follow {
        let mut follow = folder.follow(&source)?;
        let mut interval = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => break,
                _ = interval.tick() => {
                    for line in follow.read()?.iter().filter(|line| line.level >= least) {
                        print(screen, line)?;
                    }
                }
            }
        }
    }
    Ok(End::Fine)
}

fn print(screen: &Screen, line: &LogLine) -> Result<()> {
    if screen.json {
        let value = serde_json::json!({
            "timestamp": line.time.map(|time| time.to_string()),
            "level": line.level.word(),
            "server": line.server,
            "message": line.message,
            "fields": line.fields,
        });
        return screen.line(value.to_string());
    }
    let time = line
        .time
        .map(|time| time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string())
        .unwrap_or_default();
    let who = line.server.as_deref().unwrap_or("mcpproxy");
    let mut text =
        format!("{time} {:<5} {:<12} {}", line.level.word().to_lowercase(), plain(who), plain(&line.message));
    for (key, value) in &line.fields {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.push_str(&format!("  {key}={}", plain(&value)));
    }
    screen.line(text)
}
