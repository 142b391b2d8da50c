//! A change of a client's file, drawn completely before anything is written: what is added, what is taken, how it
//! looks as a difference, and by what it is known again when the person has said yes.

mod masked;

use indexmap::IndexMap;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::diff::{self, Line};
use crate::file::File;
use crate::keep::{self, Backups};
use crate::ours::{ENTRY, is_ours, key_of};
use crate::text::{at, named, read, set};
use crate::{Client, ClientError, Entry, Ours, Surroundings};

/// Stands for a key that does not exist yet.
const NO_KEY: &str = "••••••••";

/// What shall happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Our entry goes in, these others out.
    Connect {
        /// Names of entries that are now served by MCPProxy.
        take: Vec<String>,
    },
    /// Our entry goes out.
    Disconnect,
}

/// A change that is known to be possible and was not made yet.
pub struct Plan {
    /// The client.
    pub client: &'static Client,
    /// The file as people write its path.
    pub path: String,
    /// The difference, secrets masked; empty when there is nothing to do.
    pub difference: Vec<Line>,
    /// Names this change, so that exactly it is carried out.
    pub fingerprint: String,
    before: Option<String>,
    after: String,
    taken: Vec<String>,
    kept: keep::Kept,
}

/// A client's file as it was read.
pub(crate) struct Contents {
    pub(crate) text: Option<String>,
    pub(crate) value: Value,
}

impl Contents {
    /// Reads a file; one that is not there says nothing.
    pub(crate) fn of(file: &File<'_>, client: &'static Client) -> Result<Self, ClientError> {
        let text = file.read()?;
        let value = read(client.format, text.as_deref().unwrap_or_default())
            .map_err(|mistake| ClientError::Broken { client: client.name, file: file.shown(), mistake })?;
        Ok(Self { text, value })
    }

    /// Its servers as they stand there.
    pub(crate) fn servers(&self, client: &Client) -> Map<String, Value> {
        at(&self.value, client.path).map(named).unwrap_or_default()
    }

    /// Our entries in it: name, value, and what it says.
    pub(crate) fn ours(&self, client: &Client) -> Vec<(String, Value, Entry)> {
        let servers = self.servers(client).into_iter();
        let read = servers.filter_map(|(name, value)| Entry::read(&value).map(|entry| (name, value, entry)));
        read.filter(|(name, _, entry)| is_ours(name, entry)).collect()
    }
}

impl Plan {
    /// Draws a change. `key` is the client's key, where it has one already.
    ///
    /// # Errors
    /// When the client is not there, its file is broken or cannot be read, or names something it does not have.
    pub fn draw(
        client: &'static Client,
        surroundings: &Surroundings,
        ours: &Ours,
        action: &Action,
        key: Option<&str>,
    ) -> Result<Self, ClientError> {
        if !client.is_there(surroundings) {
            return Err(ClientError::Absent { client: client.name });
        }
        let file = File::of(client, surroundings);
        let contents = Contents::of(&file, client)?;
        let changes = changes(client, &contents, ours, action, key.unwrap_or(NO_KEY))?;
        let before = contents.text.clone().unwrap_or_default();
        let after = changed(client, &file, &before, &changes)?;
        let after_value = read(client.format, &after).unwrap_or_default();
        if !says(client, &contents, &after_value, &changes) {
            let reason = "it is written in an unusual way; add the entry by hand".to_owned();
            return Err(ClientError::Unusable { client: client.name, file: file.shown(), reason });
        }
        let taken = match action {
            Action::Connect { take } => take.clone(),
            Action::Disconnect => Vec::new(),
        };
        let kept = keep::Kept::new(&file.path, contents.servers(client), changes);
        let mask = masked::Mask::new(&[&contents.value, &after_value]);
        let difference = mask.lines(diff::unified(&before, &after));
        let fingerprint = fingerprint(contents.text.as_deref(), &after, key);
        Ok(Self {
            client,
            path: file.shown(),
            difference,
            fingerprint,
            before: contents.text,
            after,
            taken,
            kept,
        })
    }

    /// Whether the file says already what it should.
    pub fn is_done(&self) -> bool {
        self.before.as_deref().unwrap_or_default() == self.after
    }

    /// The names of the entries that go out.
    pub fn taken(&self) -> Vec<&str> {
        self.taken.iter().map(String::as_str).collect()
    }

    /// Keeps a copy and writes the file in one step.
    ///
    /// # Errors
    /// [`ClientError::Changed`] when the file is not what the plan was drawn from; nothing is written then.
    pub fn write(self, surroundings: &Surroundings, backups: &Backups) -> Result<(), ClientError> {
        if self.is_done() {
            return Ok(());
        }
        let file = File::of(self.client, surroundings);
        let copy = backups
            .keep(self.client, &self.kept, self.before.as_deref(), &self.after)
            .map_err(|error| file.failed("Keeping a copy of", error))?;
        let written = file.write(&self.after, self.before.as_deref());
        if written.is_err() {
            copy.discard();
        }
        written
    }
}

/// The text with each of these entries set.
fn changed(
    client: &'static Client,
    file: &File<'_>,
    before: &str,
    changes: &IndexMap<String, Value>,
) -> Result<String, ClientError> {
    changes.iter().try_fold(before.to_owned(), |text, (name, value)| {
        let mut path = client.path.to_vec();
        path.push(name);
        let broken = |mistake| ClientError::Broken { client: client.name, file: file.shown(), mistake };
        set(client.format, &text, &path, value).map_err(broken)
    })
}

/// Whether a text says what was meant and nothing else: a key that stands twice, for example, is read by each program
/// in its own way.
fn says(client: &Client, before: &Contents, after: &Value, changes: &IndexMap<String, Value>) -> bool {
    let mut wanted = before.servers(client);
    for (name, value) in changes {
        wanted.shift_remove(name);
        if !value.is_null() {
            wanted.insert(name.clone(), value.clone());
        }
    }
    let rest = |value: &Value| {
        let mut rest = value.as_object().cloned().unwrap_or_default();
        client.path.first().map(|key| rest.shift_remove(*key));
        rest
    };
    at(after, client.path).map(named).unwrap_or_default() == wanted && rest(&before.value) == rest(after)
}

/// Each entry that gets another value, null for those that go.
fn changes(
    client: &'static Client,
    contents: &Contents,
    ours: &Ours,
    action: &Action,
    key: &str,
) -> Result<IndexMap<String, Value>, ClientError> {
    let mine = contents.ours(client);
    let mut changes = IndexMap::new();
    match action {
        Action::Disconnect => changes.extend(mine.into_iter().map(|(name, ..)| (name, Value::Null))),
        Action::Connect { take } => {
            let servers = contents.servers(client);
            for name in take {
                if !servers.contains_key(name) || mine.iter().any(|(own, ..)| own == name) {
                    return Err(ClientError::UnknownEntry { client: client.name, name: name.clone() });
                }
                changes.insert(name.clone(), Value::Null);
            }
            // One that the person renamed stays where it is.
            let main = mine.iter().find(|(name, ..)| name == ENTRY).or(mine.first());
            let name = main.map_or_else(|| ENTRY.to_owned(), |(name, ..)| name.clone());
            let wanted = ours.value(client, key);
            let same = main.is_some_and(|(_, value, _)| *value == wanted);
            if !same {
                changes.insert(name, wanted);
            }
        }
    }
    Ok(changes)
}

/// The key that stands in a client's file, if our entry is there.
pub(crate) fn standing_key(contents: &Contents, client: &Client) -> Option<String> {
    contents.ours(client).iter().find_map(|(.., entry)| key_of(entry).map(str::to_owned))
}

/// What is there and what shall be there, whichever key the client will get.
fn fingerprint(before: Option<&str>, after: &str, key: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update([u8::from(before.is_some())]);
    hash.update(before.unwrap_or_default());
    hash.update([0]);
    hash.update(match key.filter(|key| !key.is_empty()) {
        Some(key) => after.replace(key, NO_KEY),
        None => after.to_owned(),
    });
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
