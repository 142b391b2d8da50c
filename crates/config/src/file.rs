//! The file on disk: bounded reading, and saving that never leaves half a file behind.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use crate::ConfigError;

/// More than any configuration needs; a larger file is taken for a mistake.
const LIMIT: u64 = 16 << 20;

/// How many symbolic links are followed before they are taken for a circle.
const LINKS: usize = 40;

/// What a file contained when it was read or written, to notice changes by others.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<u8>);

/// Reads a configuration as text.
pub(crate) fn read(path: &Path) -> Result<(String, Fingerprint), ConfigError> {
    let bytes = read_bytes(path)?;
    let text = decode(&bytes).map_err(|reason| ConfigError::Unusable { path: path.to_owned(), reason })?;
    Ok((text.to_owned(), Fingerprint(bytes)))
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ConfigError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => ConfigError::NotFound { path: path.to_owned() },
        _ => ConfigError::Read { path: path.to_owned(), source },
    };
    let unusable = |reason| ConfigError::Unusable { path: path.to_owned(), reason };
    // Asked before opening: a pipe would keep us waiting for somebody to write.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(unusable("it is a folder"));
    }
    if !metadata.is_file() && !is_null_device(path) {
        return Err(unusable("it is not an ordinary file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        return Err(unusable("it is larger than 16 MB"));
    }
    Ok(bytes)
}

fn is_null_device(path: &Path) -> bool {
    path == Path::new("/dev/null") || path == Path::new("NUL")
}

fn decode(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("it is saved as UTF-16; save it as UTF-8");
    }
    if bytes.contains(&0) {
        return Err("it contains zero bytes; save it as UTF-8 text");
    }
    std::str::from_utf8(bytes).map_err(|_| "it is not valid UTF-8 text")
}

/// Writes a file that must not exist yet.
pub(crate) fn create(path: &Path, text: &str) -> Result<Fingerprint, ConfigError> {
    let target = resolve_links(path)?;
    let temporary = write_beside(&target, text)?;
    match temporary.persist_noclobber(&target) {
        Ok(_) => settle(&target),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(ConfigError::Changed { path: path.to_owned() });
        }
        Err(error) => return Err(write_error(&target, error.error)),
    }
    Ok(Fingerprint(text.as_bytes().to_vec()))
}

/// Replaces a file, provided it still is what `expected` says (`None`: whatever it is).
pub(crate) fn save(
    path: &Path,
    text: &str,
    expected: Option<&Fingerprint>,
) -> Result<Fingerprint, ConfigError> {
    let target = resolve_links(path)?;
    if target.exists() && !target.is_file() {
        return Err(ConfigError::Unusable { path: target, reason: "it is not an ordinary file" });
    }
    let temporary = write_beside(&target, text)?;
    // Compared last, so that the moment in which a change could be missed is as short as it can be.
    if let Some(Fingerprint(expected)) = expected {
        let unchanged = match read_bytes(&target) {
            Ok(current) => current == *expected,
            Err(ConfigError::NotFound { .. }) => false,
            Err(error) => return Err(error),
        };
        if !unchanged {
            return Err(ConfigError::Changed { path: path.to_owned() });
        }
    }
    temporary.persist(&target).map_err(|error| write_error(&target, error.error))?;
    settle(&target);
    Ok(Fingerprint(text.as_bytes().to_vec()))
}

/// Follows symbolic links to the file that is to be written, which need not exist.
fn resolve_links(path: &Path) -> Result<PathBuf, ConfigError> {
    let mut current = path.to_owned();
    for _ in 0..LINKS {
        match std::fs::read_link(&current) {
            Ok(target) => current = current.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(current),
        }
    }
    Err(ConfigError::Unusable { path: path.to_owned(), reason: "its symbolic links go in a circle" })
}

/// A complete, flushed copy in the same folder; only the owner may read it from its first moment.
fn write_beside(target: &Path, text: &str) -> Result<tempfile::NamedTempFile, ConfigError> {
    let failed = |error| write_error(target, error);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::Builder::new().prefix(".mcp_config-").suffix(".tmp").tempfile_in(folder).map_err(failed)?;
    temporary.write_all(text.as_bytes()).map_err(failed)?;
    temporary.as_file().sync_all().map_err(failed)?;
    Ok(temporary)
}

/// Makes the rename itself durable where the system has a way to ask for it; the data already is.
fn settle(target: &Path) {
    #[cfg(unix)]
    if let Some(folder) = target.parent()
        && let Ok(folder) =
            std::fs::File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        && let Err(error) = folder.sync_all()
    {
        tracing::debug!(error = %error, "the folder of the configuration could not be flushed");
    }
    #[cfg(not(unix))]
    let _ = target;
}

fn write_error(path: &Path, source: std::io::Error) -> ConfigError {
    ConfigError::Write { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
