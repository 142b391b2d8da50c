//! What the terminal may know without a running core: places, the file, the secrets' store, the engine at this
//! moment. Nothing here starts anything.
use std::{path::Path, sync::Arc};

use mcpproxy_config::{Config, ConfigError, Document, Warning, WarningKind};
use mcpproxy_isolation::engine::{Engine, Finder, FinderOptions, Surroundings};
use mcpproxy_secrets::{FileStore, Secret, Store, StoreError};

use crate::{EngineView, LogFolder, LogLine, LogSource, Paths, Settings};

/// Where an installation's things lie. A file that cannot be read counts as one that says nothing.
pub fn locate(settings: &Settings) -> Paths {
    let file = Paths::config_file(settings);
    let known = Document::load(&file).unwrap_or_else(|_| Document::defaults());
    Paths::resolve(settings, file, known.config())
}

/// Reads and checks the configuration file.
///
/// # Errors
/// What is wrong in it, with line and column.
pub fn read_config(settings: &Settings) -> Result<Config, ConfigError> {
    Ok(Document::load(&Paths::config_file(settings))?.config().clone())
}

/// What is worth saying about a file that works: where it stands, and the sentence.
///
/// # Errors
/// As [`read_config`].
pub fn config_warnings(settings: &Settings) -> Result<Vec<String>, ConfigError> {
    let document = Document::load(&Paths::config_file(settings))?;
    Ok(warning_sentences(&document).into_iter().map(|(_, sentence)| sentence).collect())
}

/// The warnings that a person should read, each with its sentence.
pub(crate) fn warning_sentences(document: &Document) -> Vec<(&Warning, String)> {
    let told = document.warnings().iter().filter(|warning| warning.kind != WarningKind::EnabledAbsent);
    told.map(|warning| (warning, warning_sentence(warning))).collect()
}

fn warning_sentence(warning: &Warning) -> String {
    let server = warning.server.as_deref().unwrap_or_default();
    let sentence =
        mcpproxy_messages::render(warning.kind.code(), &[("key", &warning.key), ("server", server)]);
    let place = warning.at.map(|at| format!("line {}, column {}: ", at.line, at.column)).unwrap_or_default();
    let whose = if server.is_empty() { String::new() } else { format!("{server}: ") };
    format!("{place}{whose}{sentence}")
}

/// The admin key as environment and file have it.
pub fn stored_key(settings: &Settings) -> Option<Secret> {
    let given = settings.variable("MCPPROXY_API_KEY").map(Secret::new);
    given.or_else(|| read_config(settings).ok()?.api_key.filter(|key| !key.is_empty()).map(Secret::new))
}

/// The engine as one look finds it.
pub async fn engine_now(settings: &Settings) -> EngineView {
    let config = read_config(settings).ok();
    let isolation = config.as_ref().map(|config| &config.isolation);
    let surroundings =
        Surroundings::new(settings.home.clone(), crate::start::uid(), settings.environment.clone());
    let docker_path = surroundings.program("docker");
    let options = FinderOptions {
        endpoint: isolation.and_then(|keys| keys.endpoint.clone()),
        surroundings,
        last_engine: None,
    };
    let status = Finder::new(options).find().await;
    let info = status.engine().map(Engine::info);
    EngineView {
        code: status.state.code(),
        fields: status.state.arguments(),
        available: info.is_some(),
        endpoint: status.endpoint.as_ref().map(ToString::to_string),
        source: status.source.as_ref().map(ToString::to_string),
        version: info.map(|info| info.version.clone()),
        docker_path,
        isolation_enabled: isolation.is_some_and(|keys| keys.enabled),
        failures: 0,
        checked_at: Some(jiff::Timestamp::now()),
        answered_at: info.map(|_| jiff::Timestamp::now()),
    }
}

/// Where secrets are kept: the system's keyring, or a file where there is none.
#[derive(Clone)]
pub struct Vault {
    stores: Vec<Arc<dyn Store>>,
}

/// The secrets' store of an installation.
pub fn vault(settings: &Settings) -> Vault {
    Vault { stores: stores(&locate(settings).data_dir) }
}

/// Where secrets are looked for, in order: the system's keyring where there is one, then a file of our own.
pub(crate) fn stores(data_dir: &Path) -> Vec<Arc<dyn Store>> {
    let file: Arc<dyn Store> = Arc::new(FileStore::in_data_dir(data_dir));
    keyring().into_iter().chain([file]).collect()
}

#[cfg(feature = "keyring")]
fn keyring() -> Option<Arc<dyn Store>> {
    Some(Arc::new(mcpproxy_secrets::KeyringOnDemand::default()))
}

#[cfg(not(feature = "keyring"))]
const fn keyring() -> Option<Arc<dyn Store>> {
    None
}

impl Vault {
    /// Keeps a value and says where: in the first store that can.
    ///
    /// # Errors
    /// When no store takes it, what the last one said.
    pub async fn set(&self, name: &str, value: Secret) -> Result<String, StoreError> {
        let name = name.to_owned();
        self.ask(move |stores| {
            let (last, others) = stores.split_last().ok_or_else(no_store)?;
            for store in others {
                if store.set(&name, &value).is_ok() {
                    return Ok(store.describe());
                }
            }
            last.set(&name, &value).map(|()| last.describe())
        })
        .await
    }

    /// The names of all secrets, never their values.
    ///
    /// # Errors
    /// When the last store cannot be read; a missing keyring holds nothing.
    pub async fn list(&self) -> Result<Vec<String>, StoreError> {
        self.ask(|stores| {
            let (last, others) = stores.split_last().ok_or_else(no_store)?;
            let mut names = last.list()?;
            names.extend(others.iter().filter_map(|store| store.list().ok()).flatten());
            names.sort();
            names.dedup();
            Ok(names)
        })
        .await
    }

    /// Forgets a secret wherever it is kept; tells whether there was one.
    ///
    /// # Errors
    /// When the last store cannot be written.
    pub async fn delete(&self, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.ask(move |stores| {
            let (last, others) = stores.split_last().ok_or_else(no_store)?;
            let elsewhere = others.iter().any(|store| store.delete(&name).unwrap_or(false));
            Ok(last.delete(&name)? || elsewhere)
        })
        .await
    }

    /// Stores may block for seconds on a locked keyring: never on a thread that serves others.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&[Arc<dyn Store>]) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let stores = self.stores.clone();
        match tokio::task::spawn_blocking(move || question(&stores)).await {
            Ok(answer) => answer,
            Err(_) => Err(no_store()),
        }
    }
}

fn no_store() -> StoreError {
    StoreError::Unavailable("its store did not answer".to_owned())
}

/// New lines of a log file, for readers outside the process that writes it. Follows the file through rotation.
#[derive(Debug)]
pub struct FileFollow {
    path: std::path::PathBuf,
    seen: u64,
    rest: Vec<u8>,
}

impl LogFolder {
    /// Follows a log from its present end on.
    ///
    /// # Errors
    /// When the file is there and cannot be looked at.
    pub fn follow(&self, source: &LogSource) -> std::io::Result<FileFollow> {
        let path = self.path().join(source.file_name());
        let seen = match std::fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(FileFollow { path, seen, rest: Vec::new() })
    }
}

impl FileFollow {
    /// The lines that were completed since the last call.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(&mut self) -> std::io::Result<Vec<LogLine>> {
        use std::io::{Read as _, Seek as _, SeekFrom};
        let mut file = match std::fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        if file.metadata()?.len() < self.seen {
            // Rotated: what follows stands in a new file.
            self.seen = 0;
            self.rest.clear();
        }
        file.seek(SeekFrom::Start(self.seen))?;
        self.seen += file.read_to_end(&mut self.rest)? as u64;
        let Some(end) = self.rest.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(Vec::new());
        };
        let whole: Vec<u8> = self.rest.drain(..=end).collect();
        Ok(String::from_utf8_lossy(&whole).lines().map(LogLine::parse).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_keyring_secrets_are_kept_in_the_data_folder() {
        let home = tempfile::tempdir().unwrap();
        let file: Arc<dyn Store> = Arc::new(FileStore::in_data_dir(home.path()));
        let vault = Vault { stores: vec![file] };
        vault.set("TOKEN", Secret::new("value")).await.unwrap();
        assert_eq!(vault.list().await.unwrap(), ["TOKEN"]);
        assert!(vault.delete("TOKEN").await.unwrap());
        assert_eq!(vault.list().await.unwrap(), [] as [&str; 0]);
    }

    #[test]
    fn a_followed_file_gives_whole_lines_and_survives_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("main.log");
        std::fs::write(&path, "old\n").unwrap();
        let mut follow = LogFolder::new(folder.path().to_owned()).follow(&LogSource::Main).unwrap();
        assert_eq!(follow.read().unwrap(), []);
        std::fs::write(&path, "old\nfirst\nsec").unwrap();
        let lines = follow.read().unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].message, "first");
        std::fs::write(&path, "new\n").unwrap();
        assert_eq!(follow.read().unwrap()[0].message, "new");
    }
}
