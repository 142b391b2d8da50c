//! A configuration file in memory: its text, and what the text says.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::file::{self, Fingerprint};
use crate::{Config, ConfigError, ServerConfig, Starter, Warning, edit, read};

/// A configuration file in memory: its text, and what the text says. Every edit keeps it valid.
#[derive(Clone)]
pub struct Document {
    text: String,
    config: Config,
    warnings: Vec<Warning>,
    home: Option<PathBuf>,
    loaded: Option<Fingerprint>,
}

impl Document {
    /// Reads a file; an empty one means the defaults.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let (text, fingerprint) = file::read(path)?;
        let mut document = Self::parse(&text)?;
        document.loaded = Some(fingerprint);
        Ok(document)
    }

    /// Reads a text; an empty one means the defaults.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::parse_with_home(text, std::env::home_dir().as_deref())
    }

    /// Reads a text for the person whose home folder `~` means.
    pub fn parse_with_home(text: &str, home: Option<&Path>) -> Result<Self, ConfigError> {
        let (config, warnings) = read::read(text, home).map_err(|mut errors| errors.swap_remove(0))?;
        let home = home.map(Path::to_owned);
        Ok(Self { text: text.to_owned(), config, warnings, home, loaded: None })
    }

    /// What a configuration says that says nothing.
    pub fn defaults() -> Self {
        let config = Config::default();
        Self { text: String::new(), config, warnings: Vec::new(), home: std::env::home_dir(), loaded: None }
    }

    /// Writes the first file of a new installation, unless there is one already.
    pub fn create(path: &Path, starter: &Starter<'_>) -> Result<Self, ConfigError> {
        let mut document = Self::parse(&starter.text())?;
        document.loaded = Some(file::create(path, &document.text)?);
        Ok(document)
    }

    /// Finds everything that is wrong with a text, or else what is worth saying about it.
    pub fn check(text: &str) -> Result<Vec<Warning>, Vec<ConfigError>> {
        read::read(text, std::env::home_dir().as_deref()).map(|(_, warnings)| warnings)
    }

    /// What the text says, with every default filled in.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What is worth saying about the text.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The text as it would be saved.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text as a value, comments left out.
    pub fn value(&self) -> Value {
        read::parse(&self.text)
            .ok()
            .flatten()
            .map_or_else(|| Value::Object(Map::new()), |tree| tree.to_value())
    }

    /// One server's entry as it stands in the text, with its name.
    pub fn entry(&self, name: &str) -> Option<Value> {
        let mut entry = edit::entry_of(&self.text, name)?;
        if let Value::Object(entry) = &mut entry {
            entry.insert("name".to_owned(), Value::String(name.to_owned()));
        }
        Some(entry)
    }

    /// Adds a server at the end.
    pub fn add_server(&mut self, server: &ServerConfig) -> Result<(), ConfigError> {
        if self.config.servers.contains_key(&server.name) {
            return Err(ConfigError::DuplicateServer { name: server.name.clone() });
        }
        self.apply(edit::add_server(&self.text, server)?)
    }

    /// Merges `patch` into a server's entry (RFC 7396): `null` removes a key, objects merge, the rest replaces.
    pub fn patch_server(&mut self, name: &str, patch: &Value) -> Result<(), ConfigError> {
        self.known(name)?;
        self.apply(edit::patch_server(&self.text, name, patch)?)
    }

    /// Removes a server.
    pub fn remove_server(&mut self, name: &str) -> Result<(), ConfigError> {
        self.known(name)?;
        self.apply(edit::remove_server(&self.text, name)?)
    }

    /// Sets the value at a path such as `["docker_isolation", "enabled"]`; `null` removes the key.
    pub fn set(&mut self, path: &[&str], value: &Value) -> Result<(), ConfigError> {
        self.apply(edit::set(&self.text, path, value)?)
    }

    /// Saves atomically, for the owner's eyes only; a symbolic link stays one.
    ///
    /// # Errors
    /// [`ConfigError::Changed`] when the file differs from what was loaded; nothing is written then.
    pub fn save(&mut self, path: &Path) -> Result<(), ConfigError> {
        self.loaded = Some(file::save(path, &self.text, self.loaded.as_ref())?);
        Ok(())
    }

    fn known(&self, name: &str) -> Result<(), ConfigError> {
        let known = self.config.servers.contains_key(name);
        known.then_some(()).ok_or_else(|| ConfigError::UnknownServer { name: name.to_owned() })
    }

    /// Takes over an edited text, if it still is a valid configuration.
    fn apply(&mut self, text: String) -> Result<(), ConfigError> {
        let loaded = self.loaded.take();
        match Self::parse_with_home(&text, self.home.as_deref()) {
            Ok(document) => *self = Self { loaded, ..document },
            Err(error) => {
                self.loaded = loaded;
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The text holds keys and perhaps secrets, so only its length is shown.
impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.text.len())
            .field("config", &self.config)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
