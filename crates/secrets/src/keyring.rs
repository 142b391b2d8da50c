//! The system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.
//!
//! Keyrings may wait for a person who is not there. Every operation therefore runs on one thread of its own and is
//! given up after three seconds; what was given up before its turn came is not done later.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use crate::store::{INDEX, check_name};
use crate::{Secret, Store, StoreError};

/// The name under which all our entries stand in the keyring.
const SERVICE: &str = "mcpproxy";
/// How long one operation may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Requests that may wait behind one that the keyring does not answer.
const QUEUE: usize = 16;
/// In front of values that an earlier program stored as base64.
const ENCODED: &str = "go-keyring-base64:";

type Reply<T> = Result<T, StoreError>;

enum Work {
    Get(String, SyncSender<Reply<Option<Secret>>>),
    Set(String, Secret, SyncSender<Reply<()>>),
    Delete(String, SyncSender<Reply<bool>>),
    List(SyncSender<Reply<Vec<String>>>),
}

struct Request {
    work: Work,
    until: Instant,
}

/// The system's keyring.
pub struct Keyring {
    queue: SyncSender<Request>,
}

impl Keyring {
    /// Opens the keyring of this session.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where there is none, as on a server without a desktop.
    pub fn open() -> Result<Self, StoreError> {
        Self::open_for(SERVICE)
    }

    fn open_for(service: &'static str) -> Result<Self, StoreError> {
        let (queue, requests) = sync_channel(QUEUE);
        let (opened, outcome) = sync_channel(1);
        // The thread ends when this keyring is dropped, or when the system answers after that.
        std::thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || match open_store() {
                Ok(store) => {
                    if opened.send(Ok(())).is_ok() {
                        serve(&Worker { store, service }, &requests);
                    }
                }
                Err(error) => {
                    // Nobody waits any more when this fails.
                    let _ = opened.send(Err(error));
                }
            })
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        match outcome.recv_timeout(PATIENCE) {
            Ok(Ok(())) => Ok(Self { queue }),
            Ok(Err(error)) => Err(store_error(&error)),
            Err(_) => Err(StoreError::TimedOut(PATIENCE.as_secs())),
        }
    }

    fn ask<T>(&self, work: impl FnOnce(SyncSender<Reply<T>>) -> Work) -> Reply<T> {
        let timed_out = || StoreError::TimedOut(PATIENCE.as_secs());
        let (reply, answer) = sync_channel(1);
        let request = Request { work: work(reply), until: Instant::now() + PATIENCE };
        match self.queue.try_send(request) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(timed_out()),
            Err(TrySendError::Disconnected(_)) => {
                return Err(StoreError::Failed("its thread ended".to_owned()));
            }
        }
        match answer.recv_timeout(PATIENCE) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(timed_out()),
            Err(RecvTimeoutError::Disconnected) => Err(StoreError::Failed("its thread ended".to_owned())),
        }
    }
}

impl Store for Keyring {
    fn get(&self, name: &str) -> Result<Option<Secret>, StoreError> {
        self.ask(|reply| Work::Get(name.to_owned(), reply))
    }

    fn set(&self, name: &str, value: &Secret) -> Result<(), StoreError> {
        check_name(name)?;
        self.ask(|reply| Work::Set(name.to_owned(), value.clone(), reply))
    }

    fn delete(&self, name: &str) -> Result<bool, StoreError> {
        check_name(name)?;
        self.ask(|reply| Work::Delete(name.to_owned(), reply))
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        self.ask(Work::List)
    }

    fn describe(&self) -> String {
        let name = if cfg!(target_os = "macos") {
            "the macOS keychain"
        } else if cfg!(windows) {
            "the Windows Credential Manager"
        } else {
            "the keyring of this session"
        };
        name.to_owned()
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

#[cfg(target_os = "macos")]
fn open_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open_store() -> Result<std::sync::Arc<CredentialStore>, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// Works through requests until the keyring is dropped; late ones are passed over.
fn serve(worker: &Worker, requests: &Receiver<Request>) {
    for request in requests {
        if Instant::now() >= request.until {
            continue;
        }
        // An answer that nobody waits for any more is dropped.
        let _ = match request.work {
            Work::Get(name, reply) => reply.send(worker.get(&name)).is_ok(),
            Work::Set(name, value, reply) => reply.send(worker.set(&name, &value)).is_ok(),
            Work::Delete(name, reply) => reply.send(worker.delete(&name)).is_ok(),
            Work::List(reply) => reply.send(worker.list()).is_ok(),
        };
    }
}

/// The side that talks to the system and may be kept waiting.
struct Worker {
    store: std::sync::Arc<CredentialStore>,
    service: &'static str,
}

impl Worker {
    fn entry(&self, name: &str) -> Reply<Entry> {
        self.store.build(self.service, name, None).map_err(|error| store_error(&error))
    }

    fn get(&self, name: &str) -> Reply<Option<Secret>> {
        match self.entry(name)?.get_password() {
            Ok(value) => decoded(Zeroizing::new(value)).map(Some),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(store_error(&error)),
        }
    }

    fn set(&self, name: &str, value: &Secret) -> Reply<()> {
        // The index first: a name without a value is harmless, a value that nobody can list is not.
        let mut names = self.names()?;
        if names.insert(name.to_owned()) {
            self.write_names(&names)?;
        }
        self.entry(name)?.set_password(value.expose()).map_err(|error| store_error(&error))
    }

    fn delete(&self, name: &str) -> Reply<bool> {
        let existed = match self.entry(name)?.delete_credential() {
            Ok(()) => true,
            Err(Error::NoEntry) => false,
            Err(error) => return Err(store_error(&error)),
        };
        let mut names = self.names()?;
        if names.remove(name) {
            self.write_names(&names)?;
        }
        Ok(existed)
    }

    fn list(&self) -> Reply<Vec<String>> {
        Ok(self.names()?.into_iter().collect())
    }

    fn names(&self) -> Reply<BTreeSet<String>> {
        let index = self.get(INDEX)?;
        let lines = index.as_ref().map(Secret::expose).unwrap_or_default().lines();
        Ok(lines.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    fn write_names(&self, names: &BTreeSet<String>) -> Reply<()> {
        let text = names.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        self.entry(INDEX)?.set_password(&text).map_err(|error| store_error(&error))
    }
}

fn decoded(value: Zeroizing<String>) -> Reply<Secret> {
    let Some(encoded) = value.strip_prefix(ENCODED) else { return Ok(Secret::new(value.as_str())) };
    let unreadable = || StoreError::Failed("an entry is not readable".to_owned());
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| unreadable())?;
    let bytes = Zeroizing::new(bytes);
    std::str::from_utf8(&bytes).map(Secret::new).map_err(|_| unreadable())
}

/// Errors that could carry a value (such as one that is not text) are not quoted.
fn store_error(error: &Error) -> StoreError {
    match error {
        Error::NoStorageAccess(_) => StoreError::Locked,
        Error::PlatformFailure(cause) => StoreError::Unavailable(cause.to_string()),
        Error::TooLong(..) => StoreError::Failed("the name or the value is too long for it".to_owned()),
        Error::Ambiguous(_) => StoreError::Failed("it has several entries of this name".to_owned()),
        _ => StoreError::Failed("it refused the entry".to_owned()),
    }
}

#[cfg(test)]
mod tests;
