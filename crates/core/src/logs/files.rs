//! A log file that rotates by size: `main.log` becomes `main-TIME.log`, and only the newest few are kept.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

/// The part of a file's name that comes from a server: other characters become `_`, and then a few digits keep the
/// name apart from others that look the same without them.
pub(super) fn safe_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|character| match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => character,
            _ => '_',
        })
        .collect();
    if safe == name { safe } else { format!("{safe}-{:08x}", fingerprint(name)) }
}

/// The FNV-1a hash: the same in every version and on every system, as the name of a file must be.
fn fingerprint(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// The same in 64 bits, for telling one text from another.
pub(super) fn fingerprint64(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The older parts of the log at `path`: `STEM-2…`, so that `server-a` does not take the parts of `server-a-b`.
pub(super) fn older_parts(path: &Path) -> io::Result<Vec<PathBuf>> {
    let prefix = format!("{}-", stem(path));
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.strip_prefix(&prefix).is_some_and(is_stamp) {
            found.push(path);
        }
    }
    Ok(found)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// One file and its older parts.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    file: File,
    size: u64,
    max_size: u64,
    max_backups: usize,
}

impl RotatingFile {
    /// Opens or creates the file at its end.
    pub(super) fn open(path: PathBuf, max_size: u64, max_backups: usize) -> io::Result<Self> {
        let file = open_private(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size, max_size, max_backups })
    }

    /// Appends one line, and rotates before it where it would not fit.
    pub(super) fn write_line(&mut self, line: &str, now: Timestamp) -> io::Result<()> {
        let length = line.len() as u64 + 1;
        if self.size > 0 && self.size + length > self.max_size {
            self.rotate(now)?;
        }
        let mut bytes = Vec::with_capacity(line.len() + 1);
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
        self.file.write_all(&bytes)?;
        self.size += length;
        Ok(())
    }

    fn rotate(&mut self, now: Timestamp) -> io::Result<()> {
        let stamp = now.strftime("%Y-%m-%dT%H-%M-%S%.3f").to_string();
        let mut backup = self.path.with_file_name(format!("{}-{stamp}.log", stem(&self.path)));
        let mut again = 1;
        while backup.exists() {
            backup = self.path.with_file_name(format!("{}-{stamp}.{again}.log", stem(&self.path)));
            again += 1;
        }
        fs::rename(&self.path, &backup)?;
        self.file = open_private(&self.path)?;
        self.size = 0;
        let mut backups = older_parts(&self.path)?;
        backups.sort();
        for old in backups.iter().rev().skip(self.max_backups) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

/// Whether `rest` is `2026-01-02T15-04-05….log`.
fn is_stamp(rest: &str) -> bool {
    const SHAPE: &[u8] = b"dddd-dd-ddTdd-dd-dd";
    let bytes = rest.as_bytes();
    rest.ends_with(".log")
        && bytes.len() > SHAPE.len()
        && SHAPE.iter().zip(bytes).all(|(shape, byte)| match shape {
            b'd' => byte.is_ascii_digit(),
            literal => literal == byte,
        })
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_file_moves_aside_and_only_the_newest_parts_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path().join("main.log"), 20, 2).unwrap();
        for turn in 0..8_i64 {
            let now = Timestamp::from_second(1_700_000_000 + turn).unwrap();
            log.write_line(&format!("line {turn} 0123456789"), now).unwrap();
        }
        let names = names(folder.path());
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(fs::read_to_string(folder.path().join("main.log")).unwrap(), "line 7 0123456789\n");
        assert!(fs::read_to_string(folder.path().join(&names[1])).unwrap().starts_with("line 6"));
    }

    #[test]
    fn rotation_leaves_the_parts_of_a_longer_name_alone() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("server-a-b-2026-01-02T15-04-05.000.log");
        fs::write(&other, "other").unwrap();
        let mut log = RotatingFile::open(folder.path().join("server-a.log"), 1, 0).unwrap();
        log.write_line("one", Timestamp::UNIX_EPOCH).unwrap();
        log.write_line("two", Timestamp::UNIX_EPOCH).unwrap();
        assert!(other.exists());
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn rotations_within_one_millisecond_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path().join("main.log"), 1, 9).unwrap();
        for _ in 0..4 {
            log.write_line("x", Timestamp::UNIX_EPOCH).unwrap();
        }
        assert_eq!(names(folder.path()).len(), 4);
    }

    #[test]
    fn a_servers_name_cannot_leave_the_folder() {
        let name = safe_name("../org/server");
        assert!(name.starts_with(".._org_server-") && !name.contains('/'), "{name}");
    }

    #[test]
    fn each_servers_name_has_a_file_of_its_own() {
        assert_eq!(safe_name("a_b-1.2"), "a_b-1.2");
        let names = ["a b", "a_b", "a/b", "a:b", "ä"].map(safe_name);
        let different: std::collections::HashSet<&String> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert_eq!(fingerprint("a"), 0xe40c_292c);
    }

    #[cfg(unix)]
    #[test]
    fn a_log_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.log");
        RotatingFile::open(path.clone(), 10, 1).unwrap();
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
