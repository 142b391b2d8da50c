//! Progress on standard error: a bar on a terminal, else one line for each tenth.

use super::plain;
use mcpproxy_api_types::Progress as Step;
use std::{
    collections::HashMap,
    io::{self, Write},
    time::Instant,
};

const BAR: usize = 13;

/// Shows how far downloads and installations are.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: bool,
    unicode: bool,
    shown: HashMap<String, String>,
    since: HashMap<String, (String, Instant)>,
    open: Option<(String, Step)>,
}

impl Progress {
    pub(super) fn new(terminal: bool, unicode: bool) -> Self {
        Self { terminal, unicode, shown: HashMap::new(), since: HashMap::new(), open: None }
    }

    /// Shows one step of `server`, if it tells something new.
    pub(crate) fn show(&mut self, server: &str, step: &Step) {
        let stage = format!("{} {}", step.stage, step.subject);
        match self.since.get(server) {
            Some((known, _)) if *known == stage => {}
            _ => drop(self.since.insert(server.to_owned(), (stage, Instant::now()))),
        }
        if self.terminal {
            self.open = Some((server.to_owned(), step.clone()));
            self.tick();
            return;
        }
        let tenth = step.percent.map_or_else(|| "-".to_owned(), |percent| (percent / 10 * 10).to_string());
        let mark = format!("{} {tenth}", step.subject);
        if self.shown.get(server) != Some(&mark) {
            self.shown.insert(server.to_owned(), mark);
            // Progress is a courtesy: where it cannot be written, the work goes on.
            let _ = writeln!(io::stderr().lock(), "{}", plain_line(server, step));
        }
    }

    /// Draws an open bar anew: what has no measure of its own shows by its seconds that it goes on.
    pub(crate) fn tick(&self) {
        if let Some((server, step)) = &self.open {
            let seconds = self.since.get(server).map_or(0, |(_, since)| since.elapsed().as_secs());
            let mut err = io::stderr().lock();
            let _ = write!(err, "\r\u{1b}[K{}", self.bar(server, step, seconds));
            let _ = err.flush();
        }
    }

    /// Takes an open bar off the screen.
    pub(crate) fn clear(&mut self) {
        if self.open.take().is_some() {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[K");
        }
    }

    fn bar(&self, server: &str, step: &Step, seconds: u64) -> String {
        let (full, empty) = if self.unicode { ('▓', '░') } else { ('#', '.') };
        let mut text = format!("{} {}", plain(server), doing(step));
        if let Some(percent) = step.percent {
            let filled = BAR * usize::from(percent.min(100)) / 100;
            text.push_str("  ");
            text.extend(std::iter::repeat_n(full, filled).chain(std::iter::repeat_n(empty, BAR - filled)));
            text.push_str(&format!("  {percent} %"));
        }
        text.push_str(&amounts(step));
        if step.seconds_left.is_none() && seconds > 0 {
            text.push_str(&format!("   {seconds} s"));
        }
        text + "   (Ctrl-C leaves it going on)"
    }
}

fn plain_line(server: &str, step: &Step) -> String {
    let percent = step.percent.map(|percent| format!(", {percent} %")).unwrap_or_default();
    format!("{} {}{percent}{}", plain(server), doing(step), amounts(step))
}

fn doing(step: &Step) -> String {
    let verb = if step.stage == "downloading" { "Downloading" } else { "Installing" };
    format!("{verb} {}", plain(&step.subject))
}

fn amounts(step: &Step) -> String {
    let mut text = String::new();
    if let (Some(done), Some(total)) = (step.done_bytes, step.total_bytes) {
        text.push_str(&format!("   {} of {}", size(done), size(total)));
    }
    if let Some(rate) = step.rate {
        text.push_str(&format!("   {}/s", size(rate)));
    }
    if let Some(left) = step.seconds_left {
        text.push_str(&format!("   {left} s left"));
    }
    text
}

/// A size in the unit that reads best, in steps of 1000 as registries count.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 || value >= 9.95 {
        format!("{value:.0} {}", UNITS[unit])
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> Step {
        Step {
            stage: "downloading".to_owned(),
            subject: "node:20".to_owned(),
            done_bytes: Some(213_000_000),
            total_bytes: Some(349_000_000),
            percent: Some(61),
            rate: Some(9_000_000),
            seconds_left: Some(15),
            line: None,
        }
    }

    #[test]
    fn a_bar_tells_share_amount_speed_and_time() {
        let progress = Progress::new(true, true);
        assert_eq!(
            progress.bar("github", &step(), 4),
            "github Downloading node:20  ▓▓▓▓▓▓▓░░░░░░  61 %   213 MB of 349 MB   9.0 MB/s   15 s left   (Ctrl-C \
             leaves it going on)"
        );
    }

    #[test]
    fn an_installation_without_a_measure_shows_its_seconds() {
        let progress = Progress::new(true, true);
        let step = Step {
            stage: "installing".to_owned(),
            subject: "mcp-server-time".to_owned(),
            done_bytes: None,
            total_bytes: None,
            percent: None,
            rate: None,
            seconds_left: None,
            line: None,
        };
        let text = progress.bar("time", &step, 12);
        assert!(text.starts_with("time Installing mcp-server-time   12 s"), "{text}");
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_500), "1.5 KB");
        assert_eq!(size(412_000_000), "412 MB");
        assert_eq!(size(9_990_000), "10 MB");
    }
}
