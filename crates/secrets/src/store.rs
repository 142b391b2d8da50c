//! Places that keep secrets for longer than a process lives.

use crate::Secret;

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It is locked and was not unlocked in time.
    #[error("The keyring is locked. Unlock it and try again.")]
    Locked,
    /// There is no such store on this computer or in this session.
    #[error("There is no keyring in this session: {0}")]
    Unavailable(String),
    /// It did not answer in time.
    #[error("The keyring did not answer within {0} s.")]
    TimedOut(u64),
    /// A name that cannot be kept: empty, too long, or with characters that references cannot have.
    #[error("{0} cannot be the name of a secret. Use letters, digits, dots, dashes and underscores.")]
    BadName(String),
    /// Reading or writing failed.
    #[error("The secrets could not be read or saved: {0}")]
    Failed(String),
}

impl StoreError {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked => "keychain_locked",
            Self::Unavailable(_) => "keychain_unavailable",
            Self::TimedOut(_) => "keychain_timeout",
            Self::BadName(_) => "secret_name",
            Self::Failed(_) => "secret_store_failed",
        }
    }
}

/// A place that keeps secrets. Calls block, at most for a few seconds.
pub trait Store: Send + Sync {
    /// The value of an entry, `None` if there is none.
    fn get(&self, name: &str) -> Result<Option<Secret>, StoreError>;
    /// Keeps a value, replacing an earlier one.
    fn set(&self, name: &str, value: &Secret) -> Result<(), StoreError>;
    /// Forgets an entry; tells whether there was one.
    fn delete(&self, name: &str) -> Result<bool, StoreError>;
    /// The names of all entries, sorted.
    fn list(&self) -> Result<Vec<String>, StoreError>;
    /// What to call this store in front of people.
    fn describe(&self) -> String;
}

/// The longest name of an entry.
const LONGEST_NAME: usize = 200;

/// Refuses names that a reference could not name again, and our own index entry.
pub(crate) fn check_name(name: &str) -> Result<(), StoreError> {
    let usable = |c: char| c.is_alphanumeric() || "._-/@+ ".contains(c);
    let good = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.trim() == name
        && name.chars().all(usable)
        && name != INDEX;
    good.then_some(()).ok_or_else(|| StoreError::BadName(name.chars().take(60).collect()))
}

/// The entry that lists the names of all others, since keyrings cannot be asked for them everywhere.
pub(crate) const INDEX: &str = "_mcpproxy_secret_registry";
