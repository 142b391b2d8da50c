//! One process for each data folder: a lock that the system drops with the process, and a note of who holds it.
use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

/// The locked file; it stays for ever, only its lock comes and goes.
const LOCK: &str = "mcpproxy.lock";
/// Who holds the lock. A file of its own, since a locked file cannot be read everywhere.
const HOLDER: &str = "mcpproxy.instance.json";

/// Who holds a data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// `serve`, `detached` or `app`.
    pub kind: String,
    /// The address it listens on, once bound.
    pub address: Option<String>,
    /// Its version.
    pub version: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = match self.kind.as_str() {
            "app" => "the app",
            "detached" => "mcpproxy, started for a client",
            _ => "mcpproxy serve",
        };
        write!(out, "{program} (process {}", self.pid)?;
        if let Some(address) = &self.address {
            write!(out, ", {address}")?;
        }
        out.write_str(")")
    }
}

/// The lock, held as long as this value lives.
#[derive(Debug)]
pub(crate) struct InstanceLock {
    _file: File,
    holder: PathBuf,
}

/// Why the lock was not taken.
#[derive(Debug)]
pub(crate) enum LockError {
    Held(Holder),
    Io(PathBuf, io::Error),
}

impl InstanceLock {
    /// Takes the lock of a data folder and notes who holds it.
    pub(crate) fn take(data_dir: &Path, me: &Holder) -> Result<Self, LockError> {
        let path = data_dir.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| LockError::Io(path.clone(), error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(data_dir))),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(path, error)),
        }
        let holder = data_dir.join(HOLDER);
        note(&holder, me).map_err(|error| LockError::Io(holder.clone(), error))?;
        Ok(Self { _file: file, holder })
    }
}

impl Drop for InstanceLock {
    fn drop(&mut self) {
        // Before the lock goes: nobody else can have written it yet.
        let _ = fs::remove_file(&self.holder);
    }
}

/// Writes the note anew, e.g. with the address that was bound.
pub(crate) fn renew_note(data_dir: &Path, me: &Holder) -> io::Result<()> {
    note(&data_dir.join(HOLDER), me)
}

fn note(path: &Path, me: &Holder) -> io::Result<()> {
    let text = serde_json::to_string(me).map_err(io::Error::other)?;
    let fresh = path.with_extension("json.new");
    fs::write(&fresh, text)?;
    fs::rename(fresh, path)
}

/// Who says that it holds a folder; a holder that has not written its note yet is unknown.
pub(crate) fn holder(data_dir: &Path) -> Holder {
    fs::read_to_string(data_dir.join(HOLDER))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| Holder { pid: 0, kind: "serve".into(), address: None, version: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> Holder {
        Holder { pid: 7, kind: "app".into(), address: Some("127.0.0.1:8080".into()), version: "1".into() }
    }

    #[test]
    fn the_second_one_learns_who_holds_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = InstanceLock::take(folder.path(), &me()).unwrap();
        let LockError::Held(holder) = InstanceLock::take(folder.path(), &me()).unwrap_err() else { panic!() };
        assert_eq!(holder, me());
        assert_eq!(holder.to_string(), "the app (process 7, 127.0.0.1:8080)");
        drop(first);
        InstanceLock::take(folder.path(), &me()).unwrap();
    }

    #[test]
    fn a_note_that_a_crash_left_behind_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(HOLDER), r#"{"pid":1,"kind":"serve","address":null,"version":"0"}"#)
            .unwrap();
        let _lock = InstanceLock::take(folder.path(), &me()).unwrap();
        assert_eq!(holder(folder.path()), me());
    }
}
