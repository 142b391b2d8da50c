//! The first start without a file: one is written, with a key, and isolated where an engine answers at once.
use std::{path::Path, time::Duration};

use mcpproxy_config::{ConfigError, Document, Starter};
use mcpproxy_isolation::engine::Finder;
use mcpproxy_messages::phrases;
use tokio::time::timeout;

/// How long an engine may take to answer for isolation to start switched on.
const LIMIT: Duration = Duration::from_secs(2);

/// Reads the file, or writes the first one.
pub(crate) async fn load_or_create(
    path: &Path,
    listen: Option<&str>,
    finder: &Finder,
) -> Result<Document, ConfigError> {
    match Document::load(path) {
        Err(ConfigError::NotFound { .. }) => {}
        loaded => return loaded,
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|source| ConfigError::Write { path: path.to_owned(), source })?;
    }
    let isolation = timeout(LIMIT, finder.find()).await.is_ok_and(|status| status.engine().is_some());
    let api_key = crate::random::key();
    let document = match Document::create(path, &Starter { api_key: &api_key, isolation, listen }) {
        // Somebody else was faster; theirs counts.
        Err(ConfigError::Changed { .. }) => Document::load(path)?,
        created => created?,
    };
    tracing::info!(isolation, "{}{}", phrases::CREATED_CONFIG, path.display());
    Ok(document)
}

/// Writes a key into a file that has none, so that no door stands open.
pub(crate) fn ensure_key(document: &mut Document, path: &Path) -> Result<(), ConfigError> {
    if document.config().api_key.as_deref().is_some_and(|key| !key.is_empty()) {
        return Ok(());
    }
    document.set(&["api_key"], &crate::random::key().into())?;
    document.save(path)
}

#[cfg(test)]
mod tests {
    use mcpproxy_isolation::engine::{FinderOptions, Surroundings};

    use super::*;

    /// A finder on a computer without any engine.
    fn nowhere(home: &Path) -> Finder {
        let mut surroundings = Surroundings::new(home.to_owned(), None, Vec::new());
        surroundings.root = home.to_owned();
        Finder::new(FinderOptions { endpoint: None, surroundings, last_engine: None })
    }

    #[tokio::test]
    async fn without_an_engine_the_first_file_has_a_key_and_isolation_off() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/mcp_config.json");
        let document = load_or_create(&path, None, &nowhere(home.path())).await.unwrap();
        let key = document.config().api_key.clone().unwrap();
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(!document.config().isolation.enabled);
        let again = load_or_create(&path, None, &nowhere(home.path())).await.unwrap();
        assert_eq!(again.config().api_key.as_deref(), Some(key.as_str()));
    }

    #[tokio::test]
    async fn a_file_without_a_key_gets_one_and_keeps_its_comments() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("mcp_config.json");
        std::fs::write(&path, "{\n  // mine\n  \"mcpServers\": []\n}\n").unwrap();
        let mut document = Document::load(&path).unwrap();
        ensure_key(&mut document, &path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("// mine"), "{text}");
        assert_eq!(Document::load(&path).unwrap().config().api_key.as_ref().map(String::len), Some(64));
    }
}
