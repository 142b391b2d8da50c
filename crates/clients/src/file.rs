//! A client's file on disk: read whole, replaced whole, and only while it still is what was read.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::{Client, ClientError, Surroundings};

/// Larger files are no settings.
const LIMIT: u64 = 32 << 20;
/// Symbolic links that are followed.
const LINKS: usize = 16;

/// One client's file.
pub(crate) struct File<'a> {
    client: &'static Client,
    surroundings: &'a Surroundings,
    pub(crate) path: PathBuf,
}

impl<'a> File<'a> {
    pub(crate) fn of(client: &'static Client, surroundings: &'a Surroundings) -> Self {
        Self::at(client, surroundings, client.file(surroundings))
    }

    pub(crate) fn at(client: &'static Client, surroundings: &'a Surroundings, path: PathBuf) -> Self {
        Self { client, surroundings, path }
    }

    pub(crate) fn shown(&self) -> String {
        self.surroundings.shown(&self.path)
    }

    /// Its text; nothing when there is no file.
    pub(crate) fn read(&self) -> Result<Option<String>, ClientError> {
        let metadata = match fs::metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error)
                if error.kind() == ErrorKind::NotFound && fs::symlink_metadata(&self.path).is_err() =>
            {
                return Ok(None);
            }
            Err(error) => return Err(self.failed("Reading", error)),
        };
        // Asked before opening: a pipe would keep us waiting for somebody to write.
        if !metadata.is_file() {
            return Err(self.unusable("it is not an ordinary file"));
        }
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.path).map_err(|error| self.failed("Reading", error))?;
        file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(|error| self.failed("Reading", error))?;
        if bytes.len() as u64 > LIMIT {
            return Err(self.unusable("it is larger than 32 MB"));
        }
        if bytes.contains(&0) {
            return Err(self.unusable("it is not saved as UTF-8"));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.unusable("it is not saved as UTF-8"))
    }

    /// Replaces it, or makes it, in one step, provided it still says `expected`. Mode and symbolic links stay.
    pub(crate) fn write(&self, text: &str, expected: Option<&str>) -> Result<(), ClientError> {
        let target = self.target()?;
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|error| self.failed("Creating the folder of", error))?;
        let mut temporary = tempfile::Builder::new()
            .prefix(".mcpproxy-")
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(|error| self.failed("Writing", error))?;
        temporary.write_all(text.as_bytes()).map_err(|error| self.failed("Writing", error))?;
        if let Ok(metadata) = fs::metadata(&target) {
            // Before the rename, so that nobody who could read it ever cannot.
            let kept = temporary.as_file().set_permissions(metadata.permissions());
            kept.map_err(|error| self.failed("Writing", error))?;
        }
        temporary.as_file().sync_all().map_err(|error| self.failed("Writing", error))?;
        // Compared last, so that the moment in which a change could be missed is as short as it can be.
        if self.read()?.as_deref() != expected {
            return Err(ClientError::Changed { client: self.client.name });
        }
        temporary.persist(&target).map_err(|error| self.failed("Writing", error.error))?;
        Ok(())
    }

    /// Removes it, provided it still says `expected`.
    pub(crate) fn remove(&self, expected: &str) -> Result<(), ClientError> {
        if self.read()?.as_deref() != Some(expected) {
            return Err(ClientError::Changed { client: self.client.name });
        }
        fs::remove_file(&self.path).map_err(|error| self.failed("Removing", error))
    }

    /// The file behind the symbolic links.
    fn target(&self) -> Result<PathBuf, ClientError> {
        let mut current = self.path.clone();
        for _ in 0..LINKS {
            match fs::read_link(&current) {
                Ok(target) => current = current.parent().unwrap_or(Path::new("")).join(target),
                Err(_) => return Ok(current),
            }
        }
        Err(self.unusable("its symbolic links go in a circle"))
    }

    pub(crate) fn failed(&self, what: &'static str, error: std::io::Error) -> ClientError {
        let client = self.client.name;
        if error.kind() == ErrorKind::PermissionDenied {
            return ClientError::Refused { client, file: self.shown() };
        }
        ClientError::Failed { client, what, file: self.shown(), error }
    }

    fn unusable(&self, reason: &str) -> ClientError {
        ClientError::Unusable { client: self.client.name, file: self.shown(), reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{System, find};

    fn cursor(home: &Path) -> Surroundings {
        Surroundings::new(home.to_owned(), System::Linux, Vec::new())
    }

    #[test]
    fn a_file_that_changed_since_it_was_read_is_not_written() {
        let home = tempfile::tempdir().unwrap();
        let around = cursor(home.path());
        let file = File::of(find("cursor").unwrap(), &around);
        file.write("{}", None).unwrap();
        assert_eq!(file.read().unwrap().as_deref(), Some("{}"));
        assert_eq!(file.write("{1}", Some("{ }")).unwrap_err().code(), "client_file_changed");
        assert_eq!(file.write("{1}", None).unwrap_err().code(), "client_file_changed");
        assert_eq!(file.read().unwrap().as_deref(), Some("{}"));
        assert_eq!(
            fs::read_dir(home.path().join(".cursor")).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let around = cursor(home.path());
        let file = File::of(find("cursor").unwrap(), &around);
        fs::create_dir_all(&file.path).unwrap();
        assert_eq!(file.read().unwrap_err().code(), "client_file_unusable");
        fs::remove_dir(&file.path).unwrap();
        fs::write(&file.path, [0xFF, 0xFE, 0x7B, 0]).unwrap();
        assert_eq!(file.read().unwrap_err().code(), "client_file_unusable");
    }

    #[cfg(unix)]
    #[test]
    fn mode_and_symbolic_link_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let home = tempfile::tempdir().unwrap();
        let around = cursor(home.path());
        let real = home.path().join("dotfiles.json");
        fs::write(&real, "{}").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        fs::create_dir(home.path().join(".cursor")).unwrap();
        symlink("../dotfiles.json", home.path().join(".cursor/mcp.json")).unwrap();
        let file = File::of(find("cursor").unwrap(), &around);
        file.write("{ }", Some("{}")).unwrap();
        assert!(fs::symlink_metadata(&file.path).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "{ }");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
