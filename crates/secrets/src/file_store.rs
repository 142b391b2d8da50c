//! Secrets in a file of the data folder, for computers without a keyring.
//!
//! The file is readable for its owner alone and not encrypted; [`Store::describe`] says so, and so does whoever
//! picks this store.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::store::check_name;
use crate::{Secret, Store, StoreError};

/// More than any set of secrets needs.
const LIMIT: u64 = 4 << 20;

/// Secrets in a file that only its owner can read.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    /// Serialises reading, changing and writing within this process.
    turn: Mutex<()>,
}

impl FileStore {
    /// The store in this file, which is created when the first secret is kept.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), turn: Mutex::new(()) }
    }

    /// The usual file of a data folder.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self::new(data_dir.join("secrets.json"))
    }

    fn read(&self) -> Result<BTreeMap<String, Zeroizing<String>>, StoreError> {
        let file = match std::fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.failed(error)),
        };
        self.check_mode(&file)?;
        let mut text = Zeroizing::new(String::new());
        file.take(LIMIT).read_to_string(&mut text).map_err(|error| self.failed(error))?;
        let entries: BTreeMap<String, String> = serde_json::from_str(&text)
            .map_err(|_| self.failed("the file is not a list of names and values"))?;
        Ok(entries.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }

    fn write(&self, entries: &BTreeMap<String, Zeroizing<String>>) -> Result<(), StoreError> {
        let plain: BTreeMap<&str, &str> =
            entries.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let text = serde_json::to_vec_pretty(&plain).map_err(|error| self.failed(error))?;
        let text = Zeroizing::new(text);
        let folder =
            self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_private(folder).map_err(|error| self.failed(error))?;
        // A temporary file is the owner's alone from its first moment, and the rename leaves no half of one.
        let mut temporary = tempfile::Builder::new()
            .prefix(".secrets-")
            .tempfile_in(folder)
            .map_err(|error| self.failed(error))?;
        temporary.write_all(&text).map_err(|error| self.failed(error))?;
        temporary.as_file().sync_all().map_err(|error| self.failed(error))?;
        temporary.persist(&self.path).map_err(|error| self.failed(error.error))?;
        Ok(())
    }

    /// A file that others can read is not used: its secrets have to be taken for known.
    #[cfg(unix)]
    fn check_mode(&self, file: &std::fs::File) -> Result<(), StoreError> {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = file.metadata().map_err(|error| self.failed(error))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(self.failed("others may read the file; change that with chmod 600"));
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn check_mode(&self, _file: &std::fs::File) -> Result<(), StoreError> {
        Ok(())
    }

    fn failed(&self, cause: impl std::fmt::Display) -> StoreError {
        StoreError::Failed(format!("{}: {cause}", self.path.display()))
    }

    fn take_turn(&self) -> std::sync::MutexGuard<'_, ()> {
        // Nothing is half done when a holder panics: the file is replaced in one step.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for FileStore {
    fn get(&self, name: &str) -> Result<Option<Secret>, StoreError> {
        let _turn = self.take_turn();
        Ok(self.read()?.get(name).map(|value| Secret::new(value.as_str())))
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), StoreError> {
        check_name(name)?;
        let _turn = self.take_turn();
        let mut entries = self.read()?;
        entries.insert(name.to_owned(), Zeroizing::new(value.expose().to_owned()));
        self.write(&entries)
    }

    fn delete(&self, name: &str) -> Result<bool, StoreError> {
        let _turn = self.take_turn();
        let mut entries = self.read()?;
        let existed = entries.remove(name).is_some();
        if existed {
            self.write(&entries)?;
        }
        Ok(existed)
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        let _turn = self.take_turn();
        Ok(self.read()?.into_keys().collect())
    }

    fn describe(&self) -> String {
        format!("the file {} (readable for you alone, not encrypted)", self.path.display())
    }
}

/// Makes the folder, for its owner alone, if it is not there yet.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, FileStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::in_data_dir(folder.path());
        (folder, store)
    }

    #[test]
    fn the_first_secret_makes_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::in_data_dir(&folder.path().join("not/there"));
        store.set("a", &Secret::new("1")).unwrap();
        assert_eq!(store.list().unwrap(), ["a"]);
    }

    #[test]
    fn a_secret_is_kept_listed_and_forgotten() {
        let (_folder, store) = store();
        assert_eq!(store.list().unwrap(), Vec::<String>::new());
        store.set("b", &Secret::new("2")).unwrap();
        store.set("a", &Secret::new("first")).unwrap();
        store.set("a", &Secret::new("1")).unwrap();
        assert_eq!(store.list().unwrap(), ["a", "b"]);
        assert_eq!(store.get("a").unwrap(), Some(Secret::new("1")));
        assert!(store.delete("a").unwrap());
        assert!(!store.delete("a").unwrap());
        assert_eq!(store.get("a").unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_the_owners_alone_and_is_refused_otherwise() {
        use std::os::unix::fs::PermissionsExt as _;
        let (folder, store) = store();
        store.set("a", &Secret::new("1")).unwrap();
        let path = folder.path().join("secrets.json");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(store.get("a").unwrap_err().code(), "secret_store_failed");
    }

    #[test]
    fn names_that_no_reference_could_hold_are_refused() {
        let (_folder, store) = store();
        for name in ["", "a}b", "${x}", " a", "a\n", crate::store::INDEX, &"x".repeat(201)] {
            assert_eq!(store.set(name, &Secret::new("1")).unwrap_err().code(), "secret_name", "{name}");
        }
        store.set("github/token.1", &Secret::new("1")).unwrap();
    }

    #[test]
    fn a_broken_file_is_reported_and_not_overwritten() {
        let (folder, store) = store();
        let path = folder.path().join("secrets.json");
        std::fs::write(&path, "{").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        assert!(store.set("a", &Secret::new("1")).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{");
    }

    #[test]
    fn concurrent_writers_lose_nothing() {
        let (_folder, store) = store();
        std::thread::scope(|scope| {
            for index in 0..8 {
                let store = &store;
                scope.spawn(move || store.set(&format!("n{index}"), &Secret::new("v")).unwrap());
            }
        });
        assert_eq!(store.list().unwrap().len(), 8);
    }
}
