//! What a row stands for: stable texts that never depend on language, order or state.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What happens when a row is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Command {
    /// The first line: shows the window.
    Status,
    /// Shows the window.
    Open,
    /// Shows what was called today.
    Activity,
    /// Shows the engine.
    Engine,
    /// Looks for the engine now.
    CheckEngine,
    /// Shows the settings.
    Settings,
    /// Freezes all servers.
    Pause,
    /// Thaws them.
    Resume,
    /// Turns the global isolation switch on.
    IsolateAll,
    /// Opens the folder of logs.
    Logs,
    /// Starts with the session, or no longer.
    Autostart,
    /// Opens the report of an end that was not clean.
    CrashReport,
    /// Tries the start again that failed.
    TryAgain,
    /// Ends the program.
    Quit,
    /// The label of a submenu: does nothing.
    Group(String),
    /// The submenu of a server: does nothing.
    Server(String),
    /// Shows a server.
    Show(String),
    /// The line that says what a server needs: shows it.
    Attend(String),
    /// Shows what a server can reach.
    Protection(String),
    /// Switches a server's isolation.
    ToggleIsolation(String),
    /// Isolates a server, from the line that says that it is not.
    Isolate(String),
    /// Turns a server on or off.
    ToggleServer(String),
    /// Restarts a server.
    Restart(String),
    /// Shows a server's log.
    ServerLogs(String),
    /// Gives a server the memory that it lacked.
    RaiseMemory(String),
}

/// A text that no row has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("There is no menu row {0:?}.")]
pub struct UnknownCommand(String);

impl UnknownCommand {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        "menu_row_unknown"
    }
}

impl Command {
    /// The word of the row and the name it is about; names may hold any character, so they stand last.
    const fn parts(&self) -> (&'static str, Option<&String>) {
        match self {
            Self::Status => ("status", None),
            Self::Open => ("open", None),
            Self::Activity => ("activity", None),
            Self::Engine => ("engine", None),
            Self::CheckEngine => ("check-engine", None),
            Self::Settings => ("settings", None),
            Self::Pause => ("pause", None),
            Self::Resume => ("resume", None),
            Self::IsolateAll => ("isolate-all", None),
            Self::Logs => ("logs", None),
            Self::Autostart => ("autostart", None),
            Self::CrashReport => ("crash-report", None),
            Self::TryAgain => ("try-again", None),
            Self::Quit => ("quit", None),
            Self::Group(name) => ("group", Some(name)),
            Self::Server(name) => ("server", Some(name)),
            Self::Show(name) => ("show", Some(name)),
            Self::Attend(name) => ("attend", Some(name)),
            Self::Protection(name) => ("protection", Some(name)),
            Self::ToggleIsolation(name) => ("toggle-isolation", Some(name)),
            Self::Isolate(name) => ("isolate", Some(name)),
            Self::ToggleServer(name) => ("toggle", Some(name)),
            Self::Restart(name) => ("restart", Some(name)),
            Self::ServerLogs(name) => ("server-logs", Some(name)),
            Self::RaiseMemory(name) => ("raise-memory", Some(name)),
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (word, None) => out.write_str(word),
            (word, Some(name)) => write!(out, "{word}:{name}"),
        }
    }
}

impl FromStr for Command {
    type Err = UnknownCommand;

    fn from_str(text: &str) -> Result<Self, UnknownCommand> {
        let unknown = || UnknownCommand(text.to_owned());
        let Some((word, name)) = text.split_once(':') else {
            return Ok(match text {
                "status" => Self::Status,
                "open" => Self::Open,
                "activity" => Self::Activity,
                "engine" => Self::Engine,
                "check-engine" => Self::CheckEngine,
                "settings" => Self::Settings,
                "pause" => Self::Pause,
                "resume" => Self::Resume,
                "isolate-all" => Self::IsolateAll,
                "logs" => Self::Logs,
                "autostart" => Self::Autostart,
                "crash-report" => Self::CrashReport,
                "try-again" => Self::TryAgain,
                "quit" => Self::Quit,
                _ => return Err(unknown()),
            });
        };
        let name = name.to_owned();
        Ok(match word {
            "group" => Self::Group(name),
            "server" => Self::Server(name),
            "show" => Self::Show(name),
            "attend" => Self::Attend(name),
            "protection" => Self::Protection(name),
            "toggle-isolation" => Self::ToggleIsolation(name),
            "isolate" => Self::Isolate(name),
            "toggle" => Self::ToggleServer(name),
            "restart" => Self::Restart(name),
            "server-logs" => Self::ServerLogs(name),
            "raise-memory" => Self::RaiseMemory(name),
            _ => return Err(unknown()),
        })
    }
}

impl From<Command> for String {
    fn from(command: Command) -> Self {
        command.to_string()
    }
}

impl TryFrom<String> for Command {
    type Error = UnknownCommand;

    fn try_from(text: String) -> Result<Self, UnknownCommand> {
        text.parse()
    }
}

/// The id of one row; a server that stands in the menu twice has rows of the same command with different ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Id {
    /// What the row does.
    pub command: Command,
    /// It stands below "All servers".
    pub listed: bool,
}

/// Marks rows below "All servers".
const LISTED: &str = "all/";

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", if self.listed { LISTED } else { "" }, self.command)
    }
}

impl FromStr for Id {
    type Err = UnknownCommand;

    fn from_str(text: &str) -> Result<Self, UnknownCommand> {
        let (listed, command) = text.strip_prefix(LISTED).map_or((false, text), |rest| (true, rest));
        Ok(Self { command: command.parse()?, listed })
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for Id {
    type Error = UnknownCommand;

    fn try_from(text: String) -> Result<Self, UnknownCommand> {
        text.parse()
    }
}
