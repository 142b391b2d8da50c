//! Windows: the text of a value in the `Run` key, and the bytes in which Windows keeps the person's switch for it.
//!
//! The path stands in quotes whether it needs them or not: without them `C:\Program.exe` would run instead of a program
//! in `C:\Program Files`.

use std::path::{Path, PathBuf};

use crate::state::{Place, Refusal, State};
use crate::{HIDDEN, Surroundings};

/// Windows passes over longer values without a word.
const LONGEST: usize = 260;

/// The value for a program.
pub fn render(exe: &str) -> String {
    join(exe, HIDDEN)
}

fn join(exe: &str, rest: &str) -> String {
    format!("\"{exe}\" {rest}").trim_end().to_owned()
}

/// Why a path cannot stand in a value.
pub fn refusal(exe: &str) -> Option<Refusal> {
    // No file of Windows has a quote in its name; in a value it would end the path.
    if exe.contains('"') {
        return Some(Refusal::ControlInPath);
    }
    (render(exe).encode_utf16().count() > LONGEST).then_some(Refusal::PathTooLong)
}

/// The program and the rest of a command line, by the rule that Windows has for the first word: quotes hold it together,
/// a backslash is a backslash.
pub fn split(line: &str) -> (&str, &str) {
    let (program, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => line.split_once([' ', '\t']).unwrap_or((line, "")),
    };
    (program, rest.trim_start_matches([' ', '\t']))
}

/// The value with another program in front of its arguments.
pub fn with_program(line: &str, exe: &str) -> String {
    join(exe, split(line).1)
}

/// Whether Windows starts the value: the first byte is odd where the person switched it off, and without bytes nobody
/// did.
pub fn is_approved(bytes: Option<&[u8]>) -> bool {
    bytes.and_then(<[u8]>::first).is_none_or(|first| first % 2 == 0)
}

/// How the entry stands, from the value and the bytes of the switch.
pub fn judge(value: Option<&str>, switch: Option<&[u8]>, surroundings: &Surroundings) -> State {
    let Some(value) = value else {
        return surroundings.refusal().map_or(State::Off, |reason| State::Refused { reason });
    };
    if !is_approved(switch) {
        return State::DisabledByPerson { place: Place::StartupApps };
    }
    let program = PathBuf::from(split(value).0);
    if is_same(&program, &surroundings.exe) || surroundings.is_this(&program) {
        State::On
    } else {
        State::Stale { path: program }
    }
}

/// Windows does not tell upper from lower case.
fn is_same(one: &Path, other: &Path) -> bool {
    cfg!(windows) && one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests;
