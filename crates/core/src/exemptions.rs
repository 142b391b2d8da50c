//! Servers that run without isolation for a while. The configuration keeps isolation on; what is kept beside it is only
//! the exemption and its end, so that everything that goes wrong with it leads back into the container.
//!
//! An exemption holds for the command it was given to: an entry that runs something else under the same name has none.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use mcpproxy_config::{Config, ServerConfig};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

/// The longest that a server may be exempted at a time.
pub(crate) const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often the calendar is looked at: timers stand still while the computer sleeps, the calendar does not.
const LOOK: Duration = Duration::from_secs(30);
/// Where exemptions are kept, in the data folder.
const FILE: &str = "unprotected.json";

/// How long a server shall run without isolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// For so long.
    For(Duration),
    /// As long as the program runs.
    UntilQuit,
}

/// For how long a server still runs without isolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unprotected {
    /// Until this moment.
    Until(Timestamp),
    /// As long as the program runs.
    UntilQuit,
}

/// All exemptions, held by the steward.
#[derive(Debug)]
pub(crate) struct Exemptions {
    path: PathBuf,
    entries: BTreeMap<String, Exemption>,
}

#[derive(Debug, Clone, PartialEq)]
struct Exemption {
    end: End,
    /// What it was given to.
    command: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Quit,
    At {
        granted: Timestamp,
        until: Timestamp,
        /// The same by the timer, for a calendar that is set back.
        latest: Instant,
    },
}

#[derive(Serialize, Deserialize, Default)]
struct Stored {
    servers: BTreeMap<String, StoredExemption>,
}

#[derive(Serialize, Deserialize)]
struct StoredExemption {
    granted: Timestamp,
    until: Timestamp,
    command: String,
}

impl Exemptions {
    /// What an earlier run left and is not over yet. A file that cannot be read exempts nobody.
    pub(crate) fn load(data_dir: &Path, now: Timestamp) -> Self {
        let path = data_dir.join(FILE);
        let stored = match fs::read(&path).map(|bytes| serde_json::from_slice::<Stored>(&bytes)) {
            Ok(Ok(stored)) => stored,
            Ok(Err(error)) => {
                tracing::warn!(%error, file = %path.display(), "it cannot be read: all servers are isolated");
                Stored::default()
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, file = %path.display(), "it cannot be read: all servers are isolated");
                }
                Stored::default()
            }
        };
        let entries = stored.servers.into_iter().filter_map(|(name, stored)| {
            let left = Duration::try_from(stored.until.duration_since(now)).ok()?;
            let latest = Instant::now().checked_add(left.min(LONGEST))?;
            let end = End::At { granted: stored.granted, until: stored.until, latest };
            (!end.is_over(now)).then_some((name, Exemption { end, command: stored.command }))
        });
        Self { entries: entries.collect(), path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Exempts a server, in the place of an exemption that it may have, and saves that first.
    pub(crate) fn grant(&mut self, server: &ServerConfig, span: Span, now: Timestamp) -> io::Result<()> {
        let end = match span {
            Span::UntilQuit => End::Quit,
            Span::For(length) => {
                let length = length.min(LONGEST);
                let until =
                    SignedDuration::try_from(length).ok().and_then(|length| now.checked_add(length).ok());
                End::At { granted: now, until: until.unwrap_or(now), latest: Instant::now() + length }
            }
        };
        let mut entries = self.entries.clone();
        entries.insert(server.name.clone(), Exemption { end, command: fingerprint(server) });
        save(&self.path, &entries)?;
        self.entries = entries;
        Ok(())
    }

    /// Takes an exemption back; the file follows as it can, since its entry ends by itself.
    pub(crate) fn revoke(&mut self, name: &str) -> bool {
        let known = self.entries.remove(name).is_some();
        if known {
            self.store();
        }
        known
    }

    /// Takes back what is over, and what was given to servers that are gone or run something else now.
    pub(crate) fn sweep(&mut self, config: &Config, now: Timestamp) -> Vec<String> {
        let over = |name: &String, exemption: &Exemption| {
            let same =
                config.servers.get(name).is_some_and(|server| fingerprint(server) == exemption.command);
            !same || exemption.end.is_over(now)
        };
        let ended: Vec<String> = self
            .entries
            .iter()
            .filter(|(name, exemption)| over(name, exemption))
            .map(|(name, _)| name.clone())
            .collect();
        self.entries.retain(|name, _| !ended.contains(name));
        if !ended.is_empty() {
            self.store();
        }
        ended
    }

    /// For how long a server is exempted.
    pub(crate) fn of(&self, server: &ServerConfig) -> Option<Unprotected> {
        let exemption = self.entries.get(&server.name)?;
        if exemption.command != fingerprint(server) {
            return None;
        }
        Some(match exemption.end {
            End::Quit => Unprotected::UntilQuit,
            End::At { until, .. } => Unprotected::Until(until),
        })
    }

    /// When [`Exemptions::sweep`] is worth calling again.
    pub(crate) fn next_look(&self, now: Timestamp) -> Option<Duration> {
        let ends = self.entries.values().filter_map(|exemption| match exemption.end {
            End::Quit => None,
            End::At { until, .. } => Some(Duration::try_from(until.duration_since(now)).unwrap_or_default()),
        });
        ends.min().map(|left| left.min(LOOK))
    }

    fn store(&self) {
        if let Err(error) = save(&self.path, &self.entries) {
            tracing::warn!(%error, file = %self.path.display(), "the end of an exemption is not saved");
        }
    }
}

impl End {
    /// Whichever clock says so first; one that went back before the beginning counts for nothing.
    fn is_over(self, now: Timestamp) -> bool {
        match self {
            Self::Quit => false,
            Self::At { granted, until, latest } => now >= until || now < granted || Instant::now() >= latest,
        }
    }
}

/// The server as it is run while it is exempted.
pub(crate) fn effective(server: &ServerConfig, unprotected: Option<Unprotected>) -> Cow<'_, ServerConfig> {
    if unprotected.is_none() {
        return Cow::Borrowed(server);
    }
    let mut server = server.clone();
    server.isolation.enabled = Some(false);
    Cow::Owned(server)
}

/// Whether two entries run the same, so that an exemption of one holds for the other.
pub(crate) fn runs_the_same(one: &ServerConfig, other: &ServerConfig) -> bool {
    fingerprint(one) == fingerprint(other)
}

/// Whether a change of an entry says that its server is isolated: it ends an exemption, even where the file says so
/// already.
pub(crate) fn is_ended_by(patch: &serde_json::Value) -> bool {
    patch.pointer("/isolation/enabled") == Some(&serde_json::Value::Bool(true))
}

/// What a server runs: its command and all that can make another command of it.
fn fingerprint(server: &ServerConfig) -> String {
    let parts = serde_json::json!([
        server.command,
        server.args,
        server.working_dir,
        server.env,
        server.protocol.as_str()
    ]);
    let hash = Sha256::digest(parts.to_string().as_bytes());
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What ends with the program is not kept.
fn save(path: &Path, entries: &BTreeMap<String, Exemption>) -> io::Result<()> {
    let servers: BTreeMap<String, StoredExemption> = entries
        .iter()
        .filter_map(|(name, exemption)| match exemption.end {
            End::Quit => None,
            End::At { granted, until, .. } => {
                let command = exemption.command.clone();
                Some((name.clone(), StoredExemption { granted, until, command }))
            }
        })
        .collect();
    if servers.is_empty() {
        return match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    let text = serde_json::to_string_pretty(&Stored { servers }).map_err(io::Error::other)?;
    let fresh = path.with_extension("new");
    fs::write(&fresh, text)?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests;
