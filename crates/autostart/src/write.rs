//! Replacing a small file whole, so that the session never reads half of an entry.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::state::Error;

/// Puts `bytes` at `path`, in one step, readable to all; a link keeps leading to its file.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    put(&target, bytes).map_err(|source| failed(&target, source))
}

fn put(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::Builder::new();
    // Hidden and without the ending that the session looks for.
    draft.prefix(".mcpproxy-").suffix(".new");
    #[cfg(unix)]
    draft.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644));
    let mut draft = draft.tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(target)?;
    Ok(())
}

/// Takes the file away; one that is not there is away.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed(path, source)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Write { place: path.display().to_string(), source }
}
