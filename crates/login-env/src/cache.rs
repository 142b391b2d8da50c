//! The answer of an earlier start, so that the next one need not wait for a slow shell.
//!
//! Only allow-listed variables are kept, in a file for the owner's eyes alone, together with everything that would
//! make the answer stale: the shell, its start-up files, and our version.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};

use crate::allow::is_captured;
use crate::parse::LONGEST_ANSWER;

/// Start-up files, relative to the home folder; a change of one makes the answer stale.
const STARTUP_FILES: &[&str] = &[
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".kshrc",
    ".tcshrc",
    ".cshrc",
    ".login",
    ".xonshrc",
    ".config/fish/config.fish",
    ".config/nushell/env.nu",
    ".config/nushell/config.nu",
    ".config/nushell/login.nu",
];

/// What an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

impl Key {
    /// The key for this shell and these start-up files as they are now.
    pub(crate) fn new(shell: &Path, home: &Path, version: &str) -> Self {
        let mut key = format!("{version}\n{}\n", shell.display());
        for name in STARTUP_FILES {
            if let Ok(file) = std::fs::metadata(home.join(name)) {
                let changed = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let nanoseconds = changed.map(|time| time.as_nanos()).unwrap_or_default();
                key.push_str(&format!("{name} {} {nanoseconds}\n", file.len()));
            }
        }
        Self(key)
    }
}

/// The file of a cache folder.
pub(crate) fn file(folder: &Path) -> PathBuf {
    folder.join("environment.json")
}

/// The kept answer; with a key only if nothing changed since.
pub(crate) fn load(folder: &Path, key: Option<&Key>) -> Option<BTreeMap<String, String>> {
    let mut text = String::new();
    let file = std::fs::File::open(file(folder)).ok()?;
    file.take(LONGEST_ANSWER as u64 * 2).read_to_string(&mut text).ok()?;
    let value: Value = serde_json::from_str(&text).ok()?;
    if let Some(Key(key)) = key
        && value.get("key")?.as_str()? != key
    {
        return None;
    }
    let variables = value.get("variables")?.as_object()?.iter();
    let texts = variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Some(texts.filter(|(name, _)| is_captured(name)).collect())
}

/// Keeps an answer; a failure only costs time at the next start.
pub(crate) fn store(folder: &Path, key: &Key, variables: &BTreeMap<String, String>) {
    let kept: BTreeMap<&String, &String> = variables.iter().filter(|(name, _)| is_captured(name)).collect();
    let text = json!({ "key": key.0, "variables": kept }).to_string();
    let written = (|| -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::Builder::new().prefix(".environment-").tempfile_in(folder)?;
        temporary.write_all(text.as_bytes())?;
        temporary.persist(file(folder)).map_err(|error| error.error)?;
        Ok(())
    })();
    if let Err(error) = written {
        tracing::debug!(error = %error, "the login shell's answer could not be kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> BTreeMap<String, String> {
        BTreeMap::from([("PATH".to_owned(), "/a".to_owned()), ("TOKEN".to_owned(), "hidden".to_owned())])
    }

    #[test]
    fn an_answer_is_kept_without_what_is_not_on_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::new(Path::new("/bin/sh"), folder.path(), "1");
        store(folder.path(), &key, &answer());
        let kept = load(folder.path(), Some(&key)).unwrap();
        assert_eq!(kept, BTreeMap::from([("PATH".to_owned(), "/a".to_owned())]));
        assert!(!std::fs::read_to_string(file(folder.path())).unwrap().contains("hidden"));
    }

    #[test]
    fn a_changed_startup_file_shell_or_version_makes_it_stale() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::new(Path::new("/bin/sh"), folder.path(), "1");
        store(folder.path(), &key, &answer());
        std::fs::write(folder.path().join(".zshrc"), "export A=1").unwrap();
        for (shell, version) in [("/bin/sh", "1"), ("/bin/sh", "2"), ("/bin/zsh", "1")] {
            assert_eq!(load(folder.path(), Some(&Key::new(Path::new(shell), folder.path(), version))), None);
        }
        assert!(load(folder.path(), None).is_some());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        store(folder.path(), &Key::new(Path::new("/bin/sh"), folder.path(), "1"), &answer());
        assert_eq!(std::fs::metadata(file(folder.path())).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(file(folder.path()), "{").unwrap();
        assert_eq!(load(folder.path(), None), None);
    }
}
