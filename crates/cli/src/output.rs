//! What a person sees: glyphs, colours, tables and questions, all of them decided by one look at the terminal.

mod progress;
mod table;

pub(crate) use progress::{Progress, size};
pub(crate) use table::Table;

use crate::args::{Form, Global};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::{
    borrow::Cow,
    env,
    io::{self, BufRead, IsTerminal, Write},
};

/// Columns where there is no terminal: nothing is cut for a program that reads.
const DEFAULT_WIDTH: usize = 1000;

/// A state's look; shape carries the meaning, colour repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    Ok,
    Busy,
    Waiting,
    Warn,
    Bad,
    Unprotected,
    OwnContainer,
    Remote,
    Paused,
    Off,
}

impl Glyph {
    const fn look(self) -> (char, char, u8) {
        match self {
            Self::Ok => ('●', '*', 32),
            Self::Busy => ('◔', '~', 36),
            Self::Waiting => ('◷', '?', 33),
            Self::Warn => ('▲', '!', 33),
            Self::Bad => ('✕', 'x', 31),
            Self::Unprotected => ('◇', '-', 33),
            Self::OwnContainer => ('▣', '=', 90),
            Self::Remote => ('☁', '@', 90),
            Self::Paused => ('‖', '=', 90),
            Self::Off => ('○', 'o', 90),
        }
    }
}

/// Where output goes and how it looks there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    pub(crate) json: bool,
    pub(crate) width: usize,
    yes: bool,
    color: bool,
    unicode: bool,
    asks: bool,
    progress: bool,
}

impl Screen {
    /// Looks at flags, environment and terminal once.
    pub(crate) fn new(global: &Global) -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = io::stdout().is_terminal();
        let wants_json = env::var("MCPPROXY_OUTPUT").is_ok_and(|form| form == "json");
        let json =
            global.json || global.output == Some(Form::Json) || (global.output.is_none() && wants_json);
        Self {
            json,
            width: width(terminal),
            yes: global.yes,
            color: terminal && !set("NO_COLOR"),
            unicode: !set("NO_UNICODE"),
            asks: io::stdin().is_terminal() && terminal && !set("CI"),
            progress: io::stderr().is_terminal(),
        }
    }

    /// A state's glyph.
    pub(crate) fn glyph(&self, glyph: Glyph) -> String {
        let (unicode, plain, color) = glyph.look();
        let shape = if self.unicode { unicode } else { plain };
        if self.color { format!("\u{1b}[{color}m{shape}\u{1b}[0m") } else { shape.to_string() }
    }

    /// A tick or its plain form.
    pub(crate) fn tick(&self) -> &'static str {
        if self.unicode { "✓" } else { "ok" }
    }

    /// Prints one line.
    pub(crate) fn line(&self, text: impl AsRef<str>) -> Result<()> {
        writeln!(io::stdout().lock(), "{}", text.as_ref()).or_else(gone)
    }

    /// Prints one JSON object.
    pub(crate) fn object(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value).context("The answer cannot be written as JSON")?;
        writeln!(io::stdout().lock(), "{text}").or_else(gone)
    }

    /// Progress on standard error.
    pub(crate) fn progress(&self) -> Progress {
        Progress::new(self.progress, self.unicode)
    }

    /// Asks a question whose answer is yes or no. Without a terminal only `--yes` answers it.
    pub(crate) fn confirm(&self, question: &str) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        if !self.asks {
            bail!("{question} Nobody can be asked here; repeat the command with --yes.");
        }
        write!(io::stderr().lock(), "{question} [y/N] ")?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// A reader that went away (`| head`) ends the output, and is no failure.
fn gone(error: io::Error) -> Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error.into()) }
}

/// Text of servers and engines without what could steer the terminal.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(steers) {
        Cow::Owned(text.chars().map(|c| if steers(c) { ' ' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(unix)]
fn width(terminal: bool) -> usize {
    let columns = terminal.then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten();
    columns.map(|size| usize::from(size.ws_col)).filter(|&columns| columns > 0).unwrap_or(DEFAULT_WIDTH)
}

#[cfg(not(unix))]
fn width(_terminal: bool) -> usize {
    DEFAULT_WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_server_steers_the_terminal() {
        assert_eq!(plain("a\u{1b}]52;c;x\u{7}b"), "a ]52;c;x b");
        assert_eq!(plain("abc\u{202e}def"), "abc def");
        assert!(matches!(plain("täst"), Cow::Borrowed(_)));
    }

    #[test]
    fn every_glyph_has_a_plain_form_of_its_own() {
        let all = [
            Glyph::Ok,
            Glyph::Busy,
            Glyph::Waiting,
            Glyph::Warn,
            Glyph::Bad,
            Glyph::Unprotected,
            Glyph::OwnContainer,
            Glyph::Remote,
            Glyph::Off,
        ];
        let mut plain: Vec<char> = all.iter().map(|glyph| glyph.look().1).collect();
        plain.sort_unstable();
        plain.dedup();
        assert_eq!(plain.len(), all.len());
    }
}
