//! The data folder: made for its owner alone, refused when others may enter it.
use std::{fs, io, path::Path};

use crate::StartError;

/// The file that keeps the id of this installation.
const INSTANCE: &str = "instance-id";

/// Makes the folder, or checks that nobody else may enter it.
pub(crate) fn prepare(path: &Path) -> Result<(), StartError> {
    let failed = |what| move |error| StartError::Folder { what, path: path.to_owned(), error };
    if path.is_dir() {
        return check(path);
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("Creating"))
}

#[cfg(unix)]
fn check(path: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::PermissionsExt as _;
    let failed = |error| StartError::Folder { what: "Reading", path: path.to_owned(), error };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(StartError::Permission { path: path.to_owned(), mode }) }
}

/// Profiles of other systems are private by themselves.
#[cfg(not(unix))]
fn check(_path: &Path) -> Result<(), StartError> {
    Ok(())
}

/// The id that labels everything this installation makes; drawn once.
pub(crate) fn instance(data_dir: &Path) -> Result<String, StartError> {
    let path = data_dir.join(INSTANCE);
    let failed = |what| {
        let path = path.clone();
        move |error| StartError::Folder { what, path, error }
    };
    match fs::read_to_string(&path) {
        Ok(text) if is_id(text.trim()) => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("Reading")(error)),
    }
    let id = crate::random::uuid();
    fs::write(&path, format!("{id}\n")).map_err(failed("Writing"))?;
    Ok(id)
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_installation_stays() {
        let folder = tempfile::tempdir().unwrap();
        let id = instance(folder.path()).unwrap();
        assert_eq!(instance(folder.path()).unwrap(), id);
        fs::write(folder.path().join(INSTANCE), "").unwrap();
        assert_ne!(instance(folder.path()).unwrap(), id);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_enter_is_refused_with_the_line_that_mends_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        prepare(&path).unwrap();
        prepare(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        let error = prepare(&path).unwrap_err();
        assert_eq!((error.code(), error.exit_code()), ("data_dir_open_to_others", 5));
        assert!(error.to_string().contains("chmod 700"), "{error}");
    }
}
