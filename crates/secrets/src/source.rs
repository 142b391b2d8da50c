//! Where referenced values come from.

use std::collections::HashMap;
use std::sync::Arc;

use crate::{Reference, Secret, Store, StoreError};

/// Why a source has no value for a reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// It is not there, or empty.
    #[error("it is not set.")]
    Missing,
    /// The keyring is locked.
    #[error("the system keyring is locked. Unlock it and try again.")]
    Locked,
    /// There is no keyring, or it does not answer.
    #[error("the system keyring cannot be used: {0}")]
    Unavailable(String),
}

impl SourceError {
    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "secret_missing",
            Self::Locked => "keychain_locked",
            Self::Unavailable(_) => "keychain_unavailable",
        }
    }
}

/// Where referenced values come from. May take seconds (a keyring asks the person), so call it where blocking
/// is allowed.
pub trait Source: Send + Sync {
    /// The value of a reference.
    ///
    /// # Errors
    /// Why there is none.
    fn get(&self, reference: &Reference) -> Result<Secret, SourceError>;
}

/// The usual source: an environment handed in as a value, and the stores in the order they are asked.
#[derive(Clone, Default)]
pub struct Sources {
    environment: HashMap<String, Secret>,
    stores: Vec<Arc<dyn Store>>,
}

impl Sources {
    /// A source over these variables and no store.
    pub fn new(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let environment = environment.into_iter().map(|(name, value)| (name, Secret::new(value))).collect();
        Self { environment, stores: Vec::new() }
    }

    /// Also asks this store, after the ones already there.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn Store>) -> Self {
        self.stores.push(store);
        self
    }

    /// The first store that has the entry. A locked store may hold it; one that is not there does not matter as long
    /// as another one answers, since that is where the entry would have been kept.
    fn stored(&self, name: &str) -> Result<Secret, SourceError> {
        let (mut locked, mut answered, mut unavailable) = (false, false, None);
        for store in &self.stores {
            match store.get(name) {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => answered = true,
                Err(StoreError::Locked) => locked = true,
                Err(error) => unavailable = Some(error.to_string()),
            }
        }
        Err(match unavailable {
            _ if locked => SourceError::Locked,
            Some(reason) if !answered => SourceError::Unavailable(reason),
            _ => SourceError::Missing,
        })
    }
}

impl Source for Sources {
    fn get(&self, reference: &Reference) -> Result<Secret, SourceError> {
        match reference {
            Reference::Env(name) => self.environment.get(name).cloned().ok_or(SourceError::Missing),
            Reference::Keyring(name) => self.stored(name),
        }
    }
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources")
            .field("variables", &self.environment.len())
            .field("stores", &self.stores.len())
            .finish()
    }
}
