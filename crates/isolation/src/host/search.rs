//! Finds a program as a shell would, on a PATH that is not this process's own.

use std::env;
use std::path::{Path, PathBuf};

/// The absolute path of a program: as written if it has a folder, else the first on `path` that can be executed.
pub fn find_program(program: &str, path: &str, working_dir: Option<&Path>) -> Option<PathBuf> {
    let written = Path::new(program);
    if written.components().count() > 1 || written.is_absolute() {
        let base = working_dir.unwrap_or_else(|| Path::new(""));
        return variants(&base.join(written)).find(|candidate| is_executable(candidate));
    }
    env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .flat_map(|folder| variants(&folder.join(written)).collect::<Vec<_>>())
        .find(|candidate| is_executable(candidate))
}

/// The spellings of a program's file: on Windows the name may lack its extension.
fn variants(path: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let extensions: &[&str] = if cfg!(windows) { &["exe", "cmd", "bat", "com"] } else { &[] };
    let extended = path.extension().is_none().then(|| extensions.iter().map(|e| path.with_extension(e)));
    extended.into_iter().flatten().chain([path.to_path_buf()]).collect::<Vec<_>>().into_iter()
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}
