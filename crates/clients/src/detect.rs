//! What can be said of a client without changing anything.

use std::path::PathBuf;

use crate::file::File;
use crate::plan::{Contents, standing_key};
use crate::{Client, ClientError, Entry, Surroundings};

/// What was found of a client.
#[derive(Debug)]
pub struct Found {
    /// The client.
    pub client: &'static Client,
    /// Its file, whether or not it is there.
    pub path: PathBuf,
    /// The path as people write it.
    pub shown: String,
    /// Its state.
    pub condition: Condition,
}

/// The state of a client's file.
#[derive(Debug)]
pub enum Condition {
    /// Nothing of the client is on this computer.
    Absent,
    /// The client is there, its file is not yet.
    NoFile,
    /// The file can be read.
    Readable {
        /// Our entry in it.
        ours: Option<Entry>,
        /// How many other servers it has.
        others: usize,
    },
    /// It cannot, or not without asking the person.
    Trouble(ClientError),
}

/// Looks at one client. With `consent` also where the system asks the person.
pub fn detect(client: &'static Client, surroundings: &Surroundings, consent: bool) -> Found {
    let file = File::of(client, surroundings);
    let condition = if !client.is_there(surroundings) {
        Condition::Absent
    } else if client.needs_consent(surroundings) && !consent {
        Condition::Trouble(ClientError::NeedsConsent { client: client.name })
    } else {
        match Contents::of(&file, client) {
            Err(error) => Condition::Trouble(error),
            Ok(contents) if contents.text.is_none() => Condition::NoFile,
            Ok(contents) => {
                let mut mine = contents.ours(client);
                let others = contents.servers(client).len() - mine.len();
                Condition::Readable { ours: mine.drain(..).next().map(|(.., entry)| entry), others }
            }
        }
    };
    Found { client, shown: file.shown(), path: file.path, condition }
}

/// The key that stands in a client's file, if our entry is there and carries one.
///
/// # Errors
/// When the file cannot be read.
pub fn key_in_file(
    client: &'static Client,
    surroundings: &Surroundings,
) -> Result<Option<String>, ClientError> {
    let file = File::of(client, surroundings);
    Ok(standing_key(&Contents::of(&file, client)?, client))
}

/// Whether our entry stands in a client's file.
///
/// # Errors
/// When the file cannot be read.
pub fn is_connected(client: &'static Client, surroundings: &Surroundings) -> Result<bool, ClientError> {
    let file = File::of(client, surroundings);
    Ok(!Contents::of(&file, client)?.ours(client).is_empty())
}
