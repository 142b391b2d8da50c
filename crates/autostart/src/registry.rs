//! Windows: reading and writing the value, in the key of the person who is signed in and in no other.
//!
//! A start with an administrator's rights writes the same key, so that it never switches a program on for everybody.

use std::io;

use windows_registry::{CURRENT_USER, Key};

use crate::state::{Error, Refusal, State};
use crate::{NAME, Surroundings, run_value};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`: no such key or value.
const NOT_FOUND: i32 = 0x8007_0002_u32.cast_signed();

type Outcome<T> = Result<T, windows_registry::Error>;

/// How the entry stands.
pub(crate) fn state(surroundings: &Surroundings) -> State {
    let switch = present(CURRENT_USER.open(APPROVED).and_then(|key| key.get_value(NAME)));
    match (value(), switch) {
        (Ok(value), Ok(switch)) => run_value::judge(value.as_deref(), switch.as_deref(), surroundings),
        (Err(error), _) | (_, Err(error)) => {
            State::Refused { reason: Refusal::Unreadable(error.to_string()) }
        }
    }
}

/// Writes the value or takes it away. Switching on takes back a "disabled" of Windows' own settings.
pub(crate) fn set(surroundings: &Surroundings, on: bool) -> Result<(), Error> {
    if !on {
        return remove(RUN);
    }
    if let Some(refusal) = surroundings.refusal() {
        return Err(refusal.into());
    }
    put(&run_value::render(&surroundings.exe.to_string_lossy()))?;
    remove(APPROVED)
}

/// Lets the value name this program, and leaves its arguments as they are.
pub(crate) fn repair(surroundings: &Surroundings) -> Result<bool, Error> {
    let Ok(Some(value)) = value() else { return Ok(false) };
    put(&run_value::with_program(&value, &surroundings.exe.to_string_lossy())).map(|()| true)
}

fn value() -> Outcome<Option<String>> {
    present(CURRENT_USER.open(RUN).and_then(|key| key.get_string(NAME)))
}

fn put(value: &str) -> Result<(), Error> {
    CURRENT_USER.create(RUN).and_then(|key| key.set_string(NAME, value)).map_err(|error| failed(RUN, error))
}

fn remove(path: &str) -> Result<(), Error> {
    let key: Outcome<Option<Key>> = present(CURRENT_USER.options().read().write().open(path));
    let removed = key.and_then(|key| key.map_or(Ok(Some(())), |key| present(key.remove_value(NAME))));
    removed.map(|_| ()).map_err(|error| failed(path, error))
}

fn present<T>(outcome: Outcome<T>) -> Outcome<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code().0 == NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed(path: &str, error: windows_registry::Error) -> Error {
    Error::Write { place: format!("HKEY_CURRENT_USER\\{path}"), source: io::Error::other(error.to_string()) }
}
