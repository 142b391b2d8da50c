//! The folders in which programs are looked for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A longer entry is no folder anybody made.
const LONGEST_ENTRY: usize = 4096;

/// Where `PATH` is put together from, in this order.
pub(crate) struct Search<'a> {
    pub(crate) captured: Option<&'a str>,
    pub(crate) process: Option<&'a str>,
    /// The folder of a mounted AppImage, whose own programs are not meant for others.
    pub(crate) app_dir: Option<&'a str>,
    /// Folders of well-known tools; only those that exist are taken.
    pub(crate) bundle_dirs: &'a [PathBuf],
}

impl Search<'_> {
    /// All usable folders, each once.
    pub(crate) fn joined(&self) -> String {
        let mut seen = HashSet::new();
        let mut folders: Vec<PathBuf> = Vec::new();
        let written = [self.captured, self.process].into_iter().flatten().flat_map(std::env::split_paths);
        let bundles = self.bundle_dirs.iter().filter(|folder| folder.is_dir()).cloned();
        for folder in written.chain(bundles) {
            if let Some(reason) = self.problem(&folder) {
                tracing::debug!(folder = %folder.display(), reason, "a folder of PATH is left out");
            } else if seen.insert(folder.clone()) {
                warn_if_open_to_all(&folder);
                folders.push(folder);
            }
        }
        // Entries came out of a split, so joining cannot fail; without any, nothing is found, which is honest.
        let joined = std::env::join_paths(folders).unwrap_or_default();
        joined.to_string_lossy().into_owned()
    }

    fn problem(&self, folder: &Path) -> Option<&'static str> {
        if folder.as_os_str().is_empty() || !folder.is_absolute() {
            return Some("it is relative");
        }
        if folder.as_os_str().len() > LONGEST_ENTRY {
            return Some("it is too long");
        }
        let own = self.app_dir.is_some_and(|app_dir| !app_dir.is_empty() && folder.starts_with(app_dir));
        own.then_some("it belongs to this program's own package")
    }
}

/// Anybody could put a program there; it is still the person's own choice.
#[cfg(unix)]
fn warn_if_open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(folder).map(|metadata| metadata.permissions().mode()).unwrap_or(0);
    if mode & 0o002 != 0 && mode & 0o1000 == 0 {
        tracing::warn!(folder = %folder.display(), "a folder of PATH can be written by every user");
    }
}

#[cfg(not(unix))]
fn warn_if_open_to_all(_folder: &Path) {}

/// Finds a program by its name in these folders.
pub(crate) fn find_program(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) {
        return None;
    }
    folders.iter().flat_map(|folder| candidates(folder, name)).find(|path| is_program(path))
}

#[cfg(unix)]
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    vec![folder.join(name)]
}

#[cfg(not(unix))]
fn candidates(folder: &Path, name: &str) -> Vec<PathBuf> {
    let suffixes = ["", ".exe", ".cmd", ".bat", ".com"];
    suffixes.iter().map(|suffix| folder.join(format!("{name}{suffix}"))).collect()
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file() && path.extension().is_some()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn joined(captured: &str, process: &str, bundle_dirs: &[PathBuf]) -> String {
        Search { captured: Some(captured), process: Some(process), app_dir: None, bundle_dirs }.joined()
    }

    #[test]
    fn the_shells_folders_come_first_and_each_once() {
        assert_eq!(joined("/b:/a:/b", "/a:/c", &[]), "/b:/a:/c");
    }

    #[test]
    fn empty_relative_and_dot_entries_are_dropped() {
        assert_eq!(joined(":/a::.:bin:../x:/b:", "", &[]), "/a:/b");
    }

    #[test]
    fn a_missing_folder_stays_but_a_missing_bundle_does_not() {
        let here = tempfile::tempdir().unwrap();
        let bundles = [here.path().to_owned(), here.path().join("absent")];
        assert_eq!(
            joined("/does/not/exist", "", &bundles),
            format!("/does/not/exist:{}", here.path().display())
        );
    }

    #[test]
    fn folders_of_the_appimage_itself_are_removed() {
        let search = Search {
            captured: Some("/tmp/.mount_x/usr/bin:/usr/bin"),
            process: None,
            app_dir: Some("/tmp/.mount_x"),
            bundle_dirs: &[],
        };
        assert_eq!(search.joined(), "/usr/bin");
    }

    #[test]
    fn a_program_is_found_by_name_if_it_can_be_run() {
        use std::os::unix::fs::PermissionsExt as _;
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(first.path().join("tool"), "not executable").unwrap();
        let program = second.path().join("tool");
        std::fs::write(&program, "").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let folders = [first.path().to_owned(), second.path().to_owned()];
        assert_eq!(find_program(&folders, "tool"), Some(program));
        assert_eq!(find_program(&folders, "../tool"), None);
        assert_eq!(find_program(&folders, ""), None);
    }
}
