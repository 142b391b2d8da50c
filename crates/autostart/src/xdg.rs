//! Linux and the BSDs: a desktop entry in the person's autostart folder, as the XDG autostart specification says.
//!
//! Settings panels switch an entry off by writing `Hidden=true` (KDE, Xfce) or by removing it (GNOME); the person's file
//! goes before the administrator's of the same name.

mod entry;
mod exec;

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::state::{Error, Place, Refusal, State};
use crate::{APP_ID, HIDDEN, NAME, Surroundings, write};
use entry::Entry;

/// The icon and the program's name in the packages.
const ICON: &str = "mcpproxy-desktop";

/// The person's entry.
pub fn path(surroundings: &Surroundings) -> PathBuf {
    let config = surroundings.config_home.clone().unwrap_or_else(|| surroundings.home.join(".config"));
    in_folder(&config)
}

fn in_folder(config: &Path) -> PathBuf {
    config.join("autostart").join(format!("{APP_ID}.desktop"))
}

/// The whole entry for a program; [`refusal`] says which paths cannot be written.
///
/// Without `TryExec`, which would hide a moved program instead of showing it, and without a delay: the tray waits for
/// its panel by itself.
pub fn render(exe: &str) -> String {
    let exec = exec::escape(&format!("{} {HIDDEN}", exec::quote(exe)));
    format!(
        "[Desktop Entry]\nType=Application\nVersion=1.0\nName={NAME}\n\
         Comment=Runs MCP servers in containers, behind one address\nExec={exec}\nIcon={ICON}\n\
         Terminal=false\nStartupNotify=false\nX-GNOME-Autostart-enabled=true\n"
    )
}

/// Why a path cannot stand in an entry.
pub fn refusal(exe: &str, by_systemd: bool) -> Option<Refusal> {
    // `%%` ought to be a plain `%`, but neither GLib nor systemd finds the program then. systemd makes a unit of the
    // entry whose quotes it does not read back itself, and says so in the journal alone.
    let fails =
        |letter: &char| *letter == '%' || by_systemd && matches!(letter, '\\' | '$' | '`' | '"' | '\'');
    exe.chars().find(fails).map(Refusal::Unstartable)
}

/// How the entry stands.
pub fn state(surroundings: &Surroundings) -> State {
    match current(surroundings) {
        Err(refusal) => State::Refused { reason: refusal },
        Ok(Some((path, text))) => judge(&path, &text, surroundings),
        Ok(None) => match surroundings.refusal() {
            Some(reason) => State::Refused { reason },
            None => State::Off,
        },
    }
}

/// Writes the entry or takes it away.
pub fn set(surroundings: &Surroundings, on: bool) -> Result<(), Error> {
    let path = path(surroundings);
    if on {
        if let Some(refusal) = surroundings.refusal() {
            return Err(refusal.into());
        }
        return write::replace(&path, render(&surroundings.exe.to_string_lossy()).as_bytes());
    }
    write::remove(&path)?;
    if !matches!(state(surroundings), State::On | State::Stale { .. }) {
        return Ok(());
    }
    // What is left is the administrator's; this is how the specification lets a person decline it.
    write::replace(&path, format!("[Desktop Entry]\nType=Application\nName={NAME}\nHidden=true\n").as_bytes())
}

/// Lets the person's own entry name this program, and leaves the rest of it as it is.
pub fn repair(surroundings: &Surroundings) -> Result<bool, Error> {
    let path = path(surroundings);
    let Ok(Some(text)) = read(&path) else { return Ok(false) };
    let Some(mended) = Entry::parse(&text).with_program(&text, &surroundings.exe.to_string_lossy()) else {
        return Ok(false);
    };
    write::replace(&path, mended.as_bytes()).map(|()| true)
}

/// The entry that the session reads, with its text.
fn current(surroundings: &Surroundings) -> Result<Option<(PathBuf, String)>, Refusal> {
    let administrators = surroundings.config_dirs.iter().map(|folder| in_folder(folder));
    for path in std::iter::once(path(surroundings)).chain(administrators) {
        if let Some(text) = read(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Option<String>, Refusal> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::Unreadable(format!("{}: {error}", path.display()))),
    }
}

fn judge(path: &Path, text: &str, surroundings: &Surroundings) -> State {
    let entry = Entry::parse(text);
    if entry.is_switched_off(&surroundings.desktops) {
        return State::DisabledByPerson { place: Place::StartupApplications(path.to_path_buf()) };
    }
    // Nothing starts by an entry without a program, whoever wrote it.
    let Some(program) = entry.program() else { return State::Off };
    let program = found(&program, &surroundings.search);
    if surroundings.is_this(&program) { State::On } else { State::Stale { path: program } }
}

/// The file that the session starts for a program named with or without its folder.
fn found(program: &str, search: &[PathBuf]) -> PathBuf {
    let program = PathBuf::from(program);
    if program.components().count() > 1 {
        return program;
    }
    search.iter().map(|folder| folder.join(&program)).find(|path| path.is_file()).unwrap_or(program)
}

// These go through the crate's own words, which lead here on the systems that read such entries.
#[cfg(test)]
#[cfg(not(any(windows, target_os = "macos")))]
mod tests;
