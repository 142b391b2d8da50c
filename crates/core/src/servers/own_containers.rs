//! Containers that servers' own commands started: each command leaves its container's id in a file of this folder for
//! as long as it runs, so that reaping what an earlier life left does not end what this one uses.
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// Where the ids are, in the data folder.
pub(crate) fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("own-containers")
}

/// Forgets the ids of an earlier life, so that its containers are reaped; before the first server starts.
pub(crate) fn forget(folder: &Path) {
    for file in id_files(folder) {
        if let Err(error) = fs::remove_file(&file) {
            tracing::debug!(file = %file.display(), %error, "a container's id of an earlier run stays");
        }
    }
}

/// The ids of the containers that run now.
pub(crate) fn running(folder: &Path) -> HashSet<String> {
    id_files(folder)
        .filter_map(|file| fs::read_to_string(file).ok())
        .map(|text| text.trim().to_owned())
        .filter(|id| !id.is_empty())
        .collect()
}

fn id_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "cid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_until_they_are_forgotten() {
        let data = tempfile::tempdir().unwrap();
        let folder = folder(data.path());
        assert!(running(&folder).is_empty());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a-1.cid"), "abc\n").unwrap();
        fs::write(folder.join("b-2.cid"), "").unwrap();
        fs::write(folder.join("note.txt"), "def").unwrap();
        assert_eq!(running(&folder), HashSet::from(["abc".to_owned()]));
        forget(&folder);
        assert!(running(&folder).is_empty() && folder.join("note.txt").is_file());
    }
}
