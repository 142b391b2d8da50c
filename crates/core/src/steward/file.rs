//! The configuration file on disk: read, edited and saved away from the async threads, and known again by content.
use std::{fs, path::PathBuf, time::SystemTime};

use mcpproxy_config::{ConfigError, Document, ServerConfig};
use serde_json::{Value, json};

use crate::{CommandError, Edit, FileProblem};

/// The file and the state of it that is in use.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    /// When what is in use was last written, so that a `touch` is told from our own save.
    seen: Option<SystemTime>,
}

/// What a look at the file found.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing has happened to it since it was read or written by us.
    Unchanged,
    /// Its content is the one in use, but somebody touched it.
    Touched,
    /// It says something else.
    New(Box<Document>),
    /// It cannot be used.
    Broken(ConfigError),
}

impl File {
    pub(crate) fn new(path: PathBuf) -> Self {
        let seen = modified(&path);
        Self { path, seen }
    }

    /// Looks what stands in it, compared with the text in use.
    pub(super) async fn look(&mut self, text_in_use: &str) -> Look {
        let path = self.path.clone();
        let (time, loaded) = blocking(move || (modified(&path), Document::load(&path))).await;
        let touched = time != self.seen;
        match loaded {
            Ok(document) if document.text() == text_in_use => {
                self.seen = time;
                if touched { Look::Touched } else { Look::Unchanged }
            }
            Ok(document) => {
                self.seen = time;
                Look::New(Box::new(document))
            }
            Err(error) => Look::Broken(error),
        }
    }

    /// Reads the file as it is now, applies `edits` and saves it; once more from the start where somebody else
    /// wrote in between.
    pub(super) async fn edit(
        &mut self,
        edits: impl Fn(&Document) -> Result<Vec<Edit>, CommandError> + Send + Clone + 'static,
    ) -> Result<(Document, Vec<Edit>), CommandError> {
        let mut tries = 3;
        loop {
            let (path, edits) = (self.path.clone(), edits.clone());
            let outcome = blocking(move || {
                let mut document = Document::load(&path)
                    .map_err(|error| CommandError::FileBroken { error: error.to_string() })?;
                let edits = edits(&document)?;
                for edit in &edits {
                    apply(&mut document, edit)?;
                }
                if !edits.is_empty() {
                    document.save(&path)?;
                }
                Ok((modified(&path), document, edits))
            })
            .await;
            match outcome {
                Err(CommandError::Config(ConfigError::Changed { .. })) if tries > 1 => tries -= 1,
                Err(error) => return Err(error),
                Ok((time, document, edits)) => {
                    self.seen = time;
                    return Ok((document, edits));
                }
            }
        }
    }
}

fn modified(path: &std::path::Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// Carries out one edit on the text.
pub(crate) fn apply(document: &mut Document, edit: &Edit) -> Result<(), CommandError> {
    let null = Value::Null;
    let value = edit.value.as_ref();
    match &edit.server {
        None => {
            let path: Vec<&str> = edit.path.iter().map(String::as_str).collect();
            document.set(&path, value.unwrap_or(&null))?;
        }
        Some(name) if !edit.path.is_empty() => {
            let nested = edit
                .path
                .iter()
                .rev()
                .fold(value.cloned().unwrap_or(Value::Null), |inner, key| json!({key: inner}));
            document.patch_server(name, &nested)?;
        }
        Some(name) => match value {
            None => document.remove_server(name)?,
            Some(patch) if document.config().servers.contains_key(name) => {
                document.patch_server(name, patch)?
            }
            Some(entry) => document.add_server(&ServerConfig::from_value(entry)?)?,
        },
    }
    Ok(())
}

/// What is wrong, for snapshots.
pub(crate) fn problem(error: &ConfigError) -> FileProblem {
    let at = error.position();
    FileProblem {
        code: error.code(),
        sentence: error.to_string(),
        line: at.map(|at| at.line),
        column: at.map(|at| at.column),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and this task with it.
            Err(_) => std::future::pending().await,
        },
    }
}
