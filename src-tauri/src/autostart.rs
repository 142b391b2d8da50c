//! Start at login, as the system tells it, for the menu and for the pages.

use crate::face::Face;
use mcpproxy_autostart::{State, Surroundings};
use mcpproxy_core::Settings;
use mcpproxy_menu::Autostart;
use serde_json::{Value, json};

/// What the entry is about; none where that cannot be told.
pub(crate) fn surroundings(_settings: &Settings) -> Option<Surroundings> {
    Surroundings::of_this_process().inspect_err(|error| tracing::debug!(code = error.code(), "{error}")).ok()
}

/// What the menu shows. Reads the system's entry, so it belongs on a thread that may wait.
pub(crate) fn row(face: &Face) -> Autostart {
    let Some(surroundings) = face.autostart() else { return Autostart::Unknown };
    match mcpproxy_autostart::state(&surroundings) {
        State::On => Autostart::On,
        State::Off | State::Stale { .. } => Autostart::Off,
        State::DisabledByPerson { .. } | State::Refused { .. } => Autostart::Refused,
        State::Unsupported => Autostart::Unknown,
    }
}

/// What the pages show.
pub(crate) fn view(face: &Face) -> Value {
    let Some(surroundings) = face.autostart() else { return json!({"state": "unsupported", "detail": ""}) };
    let state = mcpproxy_autostart::state(&surroundings);
    let (word, detail) = match &state {
        State::On => ("on", String::new()),
        State::Off => ("off", String::new()),
        State::Stale { path } => ("off", path.display().to_string()),
        State::DisabledByPerson { .. } => ("disabled_by_person", String::new()),
        State::Refused { reason } => ("refused", reason.to_string()),
        State::Unsupported => ("unsupported", String::new()),
    };
    json!({"state": word, "code": state.code(), "detail": detail})
}

/// Writes what a person asked for.
pub(crate) fn set(face: &Face, on: bool) -> Result<(), (&'static str, String)> {
    let surroundings = Surroundings::of_this_process().map_err(|error| (error.code(), error.to_string()))?;
    let _ = face;
    mcpproxy_autostart::set(&surroundings, on).map(drop).map_err(|error| (error.code(), error.to_string()))
}

/// Lets an entry that names a program that is gone name this one.
pub(crate) fn repair(face: &Face) {
    if let Some(surroundings) = face.autostart()
        && let Err(error) = mcpproxy_autostart::repair(&surroundings)
    {
        tracing::warn!(code = error.code(), "{error}");
    }
}
