//! Windows: reading and writing the value, in the key of the person who is signed in and in no other.
//!
//! A start with an administrator's rights writes the same key, so that it never switches a program on for everybody.

use std::io;

use windows_registry::CURRENT_USER;

use crate::state::{Error, Refusal, State};
use crate::{NAME, Surroundings, run_value};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const APPROVED: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run";

/// `HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)`: no such key or value.
const NOT_FOUND: i32 = 0x8007_0002_u32.cast_signed();

/// How the entry stands.
pub(crate) fn state(surroundings: &Surroundings) -> State {
    match value().and_then(|value| Ok((value, switch()?))) {
        Ok((value, switch)) => run_value::judge(value.as_deref(), switch.as_deref(), surroundings),
        Err(error) => State::Refused { reason: Refusal::Unreadable(error.to_string()) },
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

fn value() -> io::Result<Option<String>> {
    let Some(key) = present(CURRENT_USER.open(RUN).map_err(io::Error::from))? else { return Ok(None) };
    present(key.get_string(NAME).map_err(io::Error::from))
}

fn switch() -> io::Result<Option<Vec<u8>>> {
    let Some(key) = present(CURRENT_USER.open(APPROVED).map_err(io::Error::from))? else { return Ok(None) };
    let value = present(key.get_value(NAME).map_err(io::Error::from))?;
    Ok(value.map(|value| value.to_vec()))
}

fn put(value: &str) -> Result<(), Error> {
    let key = CURRENT_USER.create(RUN);
    key.and_then(|key| key.set_string(NAME, value)).map_err(|error| failed(RUN, error.into()))
}

fn remove(path: &str) -> Result<(), Error> {
    let key = CURRENT_USER.options().read().write().open(path).map_err(io::Error::from);
    let removed = match present(key) {
        Ok(Some(key)) => present(key.remove_value(NAME).map_err(io::Error::from)).map(drop),
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    removed.map_err(|error| failed(path, error))
}

fn present<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.raw_os_error() == Some(NOT_FOUND) || error.kind() == io::ErrorKind::NotFound => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn failed(path: &str, source: io::Error) -> Error {
    Error::Write { place: format!("HKEY_CURRENT_USER\\{path}"), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_written_read_mended_and_removed_in_the_persons_own_key() {
        let mut here = Surroundings::of_this_process().unwrap();
        set(&here, true).unwrap();
        assert_eq!(
            (state(&here), value().unwrap()),
            (State::On, Some(run_value::render(here.exe.to_str().unwrap())))
        );

        let off = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        CURRENT_USER.create(APPROVED).unwrap().set_bytes(NAME, windows_registry::Type::Bytes, &off).unwrap();
        assert_eq!(state(&here).code(), "autostart_disabled_by_person");
        assert!(!crate::repair(&here).unwrap());
        set(&here, true).unwrap();
        assert_eq!(state(&here), State::On);

        let old = std::mem::replace(&mut here.exe, r"C:\New Place\mcpproxy-desktop.exe".into());
        assert_eq!(state(&here), State::Stale { path: old });
        assert!(repair(&here).unwrap());
        assert_eq!(state(&here), State::On);

        set(&here, false).unwrap();
        assert_eq!(value().unwrap(), None);
    }
}
