//! Keys of single clients: each opens `/mcp` only, carries its name, and can be taken away alone.
use jiff::Timestamp;
use mcpproxy_clients::Client;
use mcpproxy_secrets::{Secret, mask};

use super::{ClientFailure, locked};
use crate::Core;

/// Longest name of a key.
const LONGEST: usize = 64;

/// A key without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its name, usually a client's id.
    pub name: String,
    /// Its outline.
    pub masked: String,
    /// When it was last used since the program started.
    pub seen_at: Option<Timestamp>,
}

impl Core {
    /// The keys of single clients, in the order of the file.
    pub fn keys(&self) -> Vec<KeyView> {
        let heard = locked(&self.inner.clients.heard).clone();
        let config = self.config();
        let view = |name: &String, key: &String| KeyView {
            name: name.clone(),
            masked: mask::value(key),
            seen_at: heard.get(name).copied(),
        };
        config.keys.iter().map(|key| view(&key.name, &key.key)).collect()
    }

    /// Makes a key. Its value is told this once.
    ///
    /// # Errors
    /// When the name is taken or cannot be used.
    pub async fn add_key(&self, name: &str) -> Result<Secret, ClientFailure> {
        let usable = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > LONGEST || !name.chars().all(usable) {
            return Err(ClientFailure::KeyName { name: name.chars().take(LONGEST).collect() });
        }
        let _turn = self.inner.clients.turn.lock().await;
        if self.config().keys.iter().any(|key| key.name == name) {
            return Err(ClientFailure::KeyExists { name: name.to_owned() });
        }
        let key = Secret::new(crate::random::key());
        self.put_key(name, Some(key.clone())).await?;
        Ok(key)
    }

    /// Takes a key away; who used it is refused from the next request on.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn revoke_key(&self, name: &str) -> Result<(), ClientFailure> {
        let _turn = self.inner.clients.turn.lock().await;
        if !self.config().keys.iter().any(|key| key.name == name) {
            return Err(ClientFailure::UnknownKey { name: name.to_owned() });
        }
        self.put_key(name, None).await
    }

    /// The key of a client, if it has one.
    pub(super) fn key_of(&self, client: &Client) -> Option<String> {
        let config = self.config();
        config.keys.iter().find(|key| key.name == client.id).map(|key| key.key.clone())
    }
}
