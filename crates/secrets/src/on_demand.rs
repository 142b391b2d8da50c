//! The system's keyring, opened when it is first asked: a session without one costs a start nothing, and one that
//! appears later (the person logs in, the daemon comes up) is found.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{Keyring, Secret, Store, StoreError};

/// A keyring that opens itself.
#[derive(Default)]
pub struct KeyringOnDemand {
    open: Mutex<Option<Arc<Keyring>>>,
}

impl KeyringOnDemand {
    /// The open keyring. A failure is not remembered: the next question asks the system again.
    fn keyring(&self) -> Result<Arc<Keyring>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keyring) = open.as_ref() {
            return Ok(Arc::clone(keyring));
        }
        let keyring = Arc::new(Keyring::open()?);
        *open = Some(Arc::clone(&keyring));
        Ok(keyring)
    }
}

impl Store for KeyringOnDemand {
    fn get(&self, name: &str) -> Result<Option<Secret>, StoreError> {
        self.keyring()?.get(name)
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), StoreError> {
        self.keyring()?.set(name, value)
    }

    fn delete(&self, name: &str) -> Result<bool, StoreError> {
        self.keyring()?.delete(name)
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.keyring()?.list()
    }

    fn describe(&self) -> String {
        self.keyring().map_or_else(|_| "the system's keyring".to_owned(), |keyring| keyring.describe())
    }
}
