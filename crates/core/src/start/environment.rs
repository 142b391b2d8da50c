//! The environment of the person's login shell, for host-run servers and for finding `docker`. From a terminal the
//! process has it already; from a desktop the last answer serves until the shell has been asked again.
use std::{path::PathBuf, sync::Arc, time::Duration};

use mcpproxy_config::{Document, ShellEnvironment};
use mcpproxy_login_env::{CaptureOptions, Environment, Mode, Recipient, cached, capture};
use mcpproxy_secrets::{Reference, Secret, SourceError, Sources, references};
use tokio::{sync::watch, time::timeout};

use crate::{Paths, Settings};

/// How long a first start waits for the shell before it goes on with what the process has; later ones begin with the
/// answer of the time before. The new answer is taken when it comes.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Where the environment comes from.
pub(super) struct Source {
    options: CaptureOptions,
    process: Environment,
}

impl Source {
    pub(super) fn new(settings: &Settings, paths: &Paths, document: &Document) -> Self {
        let mut options = CaptureOptions::new(settings.environment.clone());
        options.mode = match document.config().shell_environment {
            ShellEnvironment::Always => Mode::Always,
            ShellEnvironment::Never => Mode::Never,
            ShellEnvironment::Auto if settings.terminal => Mode::Never,
            ShellEnvironment::Auto => Mode::Auto,
        };
        options.home = Some(settings.home.clone());
        options.cache_dir = Some(paths.data_dir.clone());
        options.version.clone_from(&settings.version);
        options.responder = responder();
        options.wanted = wanted(document.text());
        let process = Environment::of_process(&settings.environment);
        Self { options, process }
    }

    /// What is known soon; the receiver learns what comes later.
    pub(super) async fn capture(self) -> watch::Receiver<Arc<Environment>> {
        let Self { options, process } = self;
        if options.mode == Mode::Never {
            return watch::channel(Arc::new(process)).1;
        }
        let earlier = cached(&options);
        let patience = if earlier.is_some() { Duration::ZERO } else { PATIENCE };
        let (publish, known) = watch::channel(Arc::new(earlier.unwrap_or(process)));
        let (first, answered) = tokio::sync::oneshot::channel();
        // Ends by itself within the deadlines of the options.
        tokio::spawn(async move {
            match capture(options).await {
                Ok(environment) => {
                    publish.send_replace(Arc::new(environment));
                }
                Err(error) => tracing::info!(code = error.code(), "{error}"),
            }
            let _ = first.send(());
        });
        let _ = timeout(patience, answered).await;
        known
    }
}

/// The terminal's program, which answers the shell in its own words; it lies beside whichever program this is. Without
/// it the shell prints the answer itself.
fn responder() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let beside = own.with_file_name(format!("mcpproxy{}", std::env::consts::EXE_SUFFIX));
    beside.is_file().then_some(beside)
}

/// The variables that the configuration refers to.
fn wanted(text: &str) -> Vec<String> {
    let name = |reference| match reference {
        Reference::Env(name) => Some(name),
        Reference::Keyring(_) => None,
    };
    references(text).into_iter().filter_map(name).collect()
}

/// Where references get their values: what the process has, the stores, and what the login shell knows by then.
pub(super) struct Known {
    pub(super) sources: Sources,
    pub(super) environment: watch::Receiver<Arc<Environment>>,
}

impl mcpproxy_secrets::Source for Known {
    fn get(&self, reference: &Reference) -> Result<Secret, SourceError> {
        let missing = match self.sources.get(reference) {
            Err(SourceError::Missing) => SourceError::Missing,
            answer => return answer,
        };
        let Reference::Env(name) = reference else { return Err(missing) };
        let environment = self.environment.borrow();
        let wanted = environment.wanted().find(|(known, _)| known == name).map(|(_, value)| value.to_owned());
        let value = wanted.or_else(|| environment.for_child(Recipient::HostServer).remove(name));
        value.filter(|value| !value.is_empty()).map(Secret::new).ok_or(missing)
    }
}

#[cfg(test)]
mod tests {
    use mcpproxy_secrets::Source as _;

    use super::*;

    #[test]
    fn the_shell_is_asked_for_what_the_configuration_refers_to() {
        let text = r#"{"a": "Bearer ${env:TOKEN}", "b": ["${keyring:x}", "${env:OTHER}", "${env:TOKEN}"]}"#;
        assert_eq!(wanted(text), ["TOKEN", "OTHER"]);
    }

    #[test]
    fn a_late_answer_gives_references_their_values() {
        let of = |variables: &[(String, String)]| Arc::new(Environment::of_process(variables));
        let (publish, environment) = watch::channel(of(&[]));
        let known = Known { sources: Sources::new([("A".to_owned(), "given".to_owned())]), environment };
        let get =
            |name: &str| known.get(&Reference::Env(name.to_owned())).map(|secret| secret.expose().to_owned());
        assert_eq!(get("LANG"), Err(SourceError::Missing));
        publish.send_replace(of(&[
            ("LANG".to_owned(), "de_DE.UTF-8".to_owned()),
            ("A".to_owned(), "x".to_owned()),
        ]));
        assert_eq!(get("LANG").as_deref(), Ok("de_DE.UTF-8"));
        assert_eq!(get("A").as_deref(), Ok("given"));
    }
}
