//! Copies of clients' files from before each change, and the way back.
//!
//! A copy holds whatever secrets the file held, so the folder is the owner's alone. As long as nobody else wrote, undo
//! gives back the same bytes; after that it takes only our own changes back.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::file::File;
use crate::plan::{Contents, hex};
use crate::text::set;
use crate::{Client, ClientError, Surroundings};

/// Changes of one client that can be undone.
const KEPT: usize = 10;

/// What a change did, so that it can be taken back.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Kept {
    path: PathBuf,
    /// What each changed entry said before; null where there was none.
    before: Map<String, Value>,
    /// What each says after.
    after: IndexMap<String, Value>,
    /// The hash of the whole file after the change.
    #[serde(default)]
    hash: String,
    /// There was a file before.
    #[serde(default)]
    existed: bool,
    #[serde(default)]
    at: Option<Timestamp>,
}

impl Kept {
    pub(crate) fn new(path: &Path, servers: Map<String, Value>, after: IndexMap<String, Value>) -> Self {
        let before = after.keys().map(|name| (name.clone(), servers.get(name).cloned().unwrap_or_default()));
        let before = before.collect();
        Self { path: path.to_owned(), before, after, hash: String::new(), existed: false, at: None }
    }
}

/// The folder of kept copies.
#[derive(Debug, Clone)]
pub struct Backups {
    folder: PathBuf,
}

/// How a change was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The file as people write its path.
    pub path: String,
    /// The file is byte for byte what it was; else only our own changes were taken back.
    pub whole: bool,
}

/// A copy that was just made.
pub(crate) struct Copy(Vec<PathBuf>);

impl Copy {
    /// Forgets it, since the change it belongs to was not made.
    pub(crate) fn discard(self) {
        for path in self.0 {
            if let Err(error) = fs::remove_file(&path) {
                tracing::debug!(%error, "a copy of a change that was not made stays");
            }
        }
    }
}

impl Backups {
    /// The folder below an installation's data folder.
    pub fn in_data_dir(data_dir: &Path) -> Self {
        Self { folder: data_dir.join("client-backups") }
    }

    /// Whether there is a change to undo.
    pub fn has(&self, client: &Client) -> bool {
        !self.numbers(client).is_empty()
    }

    /// Whether the newest change put our entry in, so that its absence is somebody else's doing.
    pub fn expects_entry(&self, client: &Client) -> bool {
        let Some(number) = self.numbers(client).last().copied() else { return false };
        let record = fs::read(self.folder.join(client.id).join(format!("{number:06}.json"))).ok();
        let record: Option<Kept> = record.and_then(|record| serde_json::from_slice(&record).ok());
        record.is_some_and(|record| record.after.values().any(|value| !value.is_null()))
    }

    pub(crate) fn keep(
        &self,
        client: &Client,
        kept: &Kept,
        before: Option<&str>,
        after: &str,
    ) -> io::Result<Copy> {
        let folder = self.folder.join(client.id);
        private_folder(&self.folder)?;
        private_folder(&folder)?;
        let number = self.free_number(client);
        let record =
            Kept { hash: hash(after), existed: before.is_some(), at: Some(Timestamp::now()), ..kept.clone() };
        let mut made = Copy(Vec::new());
        if let Some(before) = before {
            made.0.push(write(&folder.join(format!("{number:06}.copy")), before.as_bytes())?);
        }
        // Written last: a copy without its record is no change.
        let record = serde_json::to_vec_pretty(&record).map_err(io::Error::from);
        match record.and_then(|record| write(&folder.join(format!("{number:06}.json")), &record)) {
            Ok(path) => made.0.push(path),
            Err(error) => {
                made.discard();
                return Err(error);
            }
        }
        for old in self.numbers(client).iter().rev().skip(KEPT) {
            self.forget(client, *old);
        }
        Ok(made)
    }

    /// Takes the newest change of a client back.
    ///
    /// # Errors
    /// When there is none, or the file is broken or changes at this moment.
    pub fn undo(&self, client: &'static Client, surroundings: &Surroundings) -> Result<Undone, ClientError> {
        let number =
            *self.numbers(client).last().ok_or(ClientError::NothingToUndo { client: client.name })?;
        let folder = self.folder.join(client.id);
        let unreadable = |error: io::Error| ClientError::Failed {
            client: client.name,
            what: "Reading the copy of",
            file: surroundings.shown(&folder),
            error,
        };
        let record = fs::read(folder.join(format!("{number:06}.json"))).map_err(unreadable)?;
        let record: Kept = serde_json::from_slice(&record).map_err(|error| unreadable(error.into()))?;
        let file = File::at(client, surroundings, record.path.clone());
        let current = file.read()?;
        let untouched = current.as_deref().is_some_and(|text| hash(text) == record.hash);
        if let Some(text) = current.as_deref().filter(|_| untouched && !record.existed) {
            file.remove(text)?;
        } else if untouched {
            let copy = fs::read_to_string(folder.join(format!("{number:06}.copy"))).map_err(unreadable)?;
            file.write(&copy, current.as_deref())?;
        } else if let Some(text) = &current {
            let back = taken_back(client, &file, &record, text)?;
            file.write(&back, Some(text))?;
        }
        self.forget(client, number);
        Ok(Undone { path: file.shown(), whole: untouched })
    }

    fn forget(&self, client: &Client, number: u64) {
        for ending in ["json", "copy"] {
            let path = self.folder.join(client.id).join(format!("{number:06}.{ending}"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "a copy of a client's file could not be removed");
                }
                _ => {}
            }
        }
    }

    /// The numbers of the records, oldest first.
    fn numbers(&self, client: &Client) -> Vec<u64> {
        let names = self.names(client).into_iter();
        let mut numbers: Vec<u64> =
            names.filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// A number that no file has: a copy without its record is left where a change was broken off.
    fn free_number(&self, client: &Client) -> u64 {
        let names = self.names(client).into_iter();
        let used = names.filter_map(|name| name.split_once('.')?.0.parse::<u64>().ok());
        used.max().unwrap_or(0).saturating_add(1)
    }

    fn names(&self, client: &Client) -> Vec<String> {
        let entries = fs::read_dir(self.folder.join(client.id)).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

/// The text without our changes: entries that are still as we left them get back what they said before, those that we
/// took come back unless somebody put another one there.
fn taken_back(
    client: &'static Client,
    file: &File<'_>,
    record: &Kept,
    text: &str,
) -> Result<String, ClientError> {
    let contents = Contents::of(file, client)?;
    let servers = contents.servers(client);
    let mine = contents.ours(client);
    let mut back = text.to_owned();
    for (name, after) in &record.after {
        let now = servers.get(name).cloned().unwrap_or_default();
        let before = record.before.get(name).cloned().unwrap_or_default();
        let still_ours = now == *after || mine.iter().any(|(own, ..)| own == name);
        if !still_ours || now == before {
            continue;
        }
        let mut path = client.path.to_vec();
        path.push(name);
        back = set(client.format, &back, &path, &before).map_err(|mistake| ClientError::Broken {
            client: client.name,
            file: file.shown(),
            mistake,
        })?;
    }
    Ok(back)
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Temporary files are their owner's alone from their first moment.
fn write(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new().tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(path.to_owned())
}
