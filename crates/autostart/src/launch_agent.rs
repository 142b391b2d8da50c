//! macOS: a LaunchAgent in the person's library.
//!
//! It is written and removed, never loaded or unloaded: loading would start a second copy at once, unloading would end
//! this one. launchd keeps what a person switched off beside the file; only `launchctl` tells.

#[cfg(target_os = "macos")]
#[path = "launch_agent/launchctl.rs"]
mod launchd;
#[cfg(not(target_os = "macos"))]
#[path = "launch_agent/without_launchd.rs"]
mod launchd;

use std::io;
use std::path::{Path, PathBuf};

use plist::{Dictionary, Value};

use crate::state::{Error, Place, Refusal, State};
use crate::{APP_ID, HIDDEN, Surroundings, write};

/// The agent's file.
pub fn path(surroundings: &Surroundings) -> PathBuf {
    surroundings.home.join("Library/LaunchAgents").join(format!("{APP_ID}.plist"))
}

/// The agent that starts a program at login.
///
/// No `KeepAlive`, since quitting is quitting, and no environment, since a PATH written down goes stale. Without the
/// bundle's id System Settings would list it under the name on the certificate.
pub fn agent(exe: &str) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let mut agent = Dictionary::new();
    agent.insert("Label".into(), text(APP_ID));
    agent.insert("ProgramArguments".into(), Value::Array(vec![text(exe), text(HIDDEN)]));
    agent.insert("RunAtLoad".into(), Value::Boolean(true));
    agent.insert("LimitLoadToSessionType".into(), text("Aqua"));
    agent.insert("ProcessType".into(), text("Interactive"));
    agent.insert("AssociatedBundleIdentifiers".into(), Value::Array(vec![text(APP_ID)]));
    Value::Dictionary(agent)
}

/// The agent as the text of its file.
pub fn render(agent: &Value) -> Result<Vec<u8>, plist::Error> {
    let mut bytes = Vec::new();
    agent.to_writer_xml(&mut bytes)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Why a program at this path would not be there at the next login.
pub fn refusal(exe: &str) -> Option<Refusal> {
    if exe.contains("/AppTranslocation/") {
        return Some(Refusal::Translocated);
    }
    exe.starts_with("/Volumes/").then_some(Refusal::MountedVolume)
}

/// Whether `launchctl print-disabled` lists the agent as switched off; older systems write `true` for `disabled`.
pub fn is_listed_as_disabled(listing: &str) -> bool {
    let label = format!("\"{APP_ID}\"");
    listing
        .lines()
        .filter_map(|line| line.split_once("=>"))
        .any(|(name, state)| name.trim() == label && matches!(state.trim(), "disabled" | "true"))
}

/// How an agent stands whose file holds `agent`.
pub fn judge(agent: &Value, switched_off: bool, surroundings: &Surroundings) -> State {
    let key = |key| agent.as_dictionary().and_then(|agent| agent.get(key));
    if switched_off || key("Disabled").and_then(Value::as_boolean) == Some(true) {
        return State::DisabledByPerson { place: Place::LoginItems };
    }
    let Some(program) = program(agent) else { return State::Off };
    if key("RunAtLoad").and_then(Value::as_boolean) != Some(true) {
        return State::Off;
    }
    let program = PathBuf::from(program);
    if surroundings.is_this(&program) { State::On } else { State::Stale { path: program } }
}

fn program(agent: &Value) -> Option<&str> {
    let agent = agent.as_dictionary()?;
    let first = |value: &Value| value.as_array()?.first()?.as_string().map(str::len);
    match agent.get("Program") {
        Some(program) => program.as_string(),
        None => agent
            .get("ProgramArguments")
            .filter(|words| first(words).is_some())?
            .as_array()?
            .first()?
            .as_string(),
    }
}

/// How the agent stands.
pub fn state(surroundings: &Surroundings) -> State {
    match read(&path(surroundings)) {
        Err(reason) => State::Refused { reason },
        Ok(Some(agent)) => judge(&agent, launchd::is_switched_off(), surroundings),
        Ok(None) => surroundings.refusal().map_or(State::Off, |reason| State::Refused { reason }),
    }
}

/// Writes the agent or takes it away.
pub fn set(surroundings: &Surroundings, on: bool) -> Result<(), Error> {
    let path = path(surroundings);
    if !on {
        return write::remove(&path);
    }
    if let Some(refusal) = surroundings.refusal() {
        return Err(refusal.into());
    }
    put(&path, &agent(&surroundings.exe.to_string_lossy()))?;
    launchd::allow()
}

/// Lets the agent name this program, and leaves the rest of it as it is.
pub fn repair(surroundings: &Surroundings) -> Result<bool, Error> {
    let path = path(surroundings);
    let Ok(Some(mut agent)) = read(&path) else { return Ok(false) };
    let Some(keys) = agent.as_dictionary_mut() else { return Ok(false) };
    let exe = Value::String(surroundings.exe.to_string_lossy().into_owned());
    if let Some(program) = keys.get_mut("Program") {
        *program = exe.clone();
    }
    if let Some(first) =
        keys.get_mut("ProgramArguments").and_then(Value::as_array_mut).and_then(|words| words.first_mut())
    {
        *first = exe;
    }
    put(&path, &agent).map(|()| true)
}

fn read(path: &Path) -> Result<Option<Value>, Refusal> {
    let unreadable = |cause: String| Refusal::Unreadable(format!("{}: {cause}", path.display()));
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
        Ok(bytes) => match Value::from_reader(io::Cursor::new(bytes)) {
            Ok(agent) => Ok(Some(agent)),
            Err(error) => Err(unreadable(error.to_string())),
        },
    }
}

fn put(path: &Path, agent: &Value) -> Result<(), Error> {
    let failed = |error: plist::Error| Error::Write {
        place: path.display().to_string(),
        source: error.into_io().unwrap_or_else(|_| io::ErrorKind::InvalidData.into()),
    };
    write::replace(path, &render(agent).map_err(failed)?)
}

#[cfg(test)]
mod tests;
