//! The environment of the person's login shell, for host-run servers and for finding `docker`. From a terminal the
//! process has it already; from a desktop the last answer serves until the shell has been asked again.
use std::{sync::Arc, time::Duration};

use mcpproxy_config::{Config, ShellEnvironment};
use mcpproxy_login_env::{CaptureOptions, Environment, Mode, cached, capture};
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
    pub(super) fn new(settings: &Settings, paths: &Paths, config: &Config) -> Self {
        let mut options = CaptureOptions::new(settings.environment.clone());
        options.mode = match config.shell_environment {
            ShellEnvironment::Always => Mode::Always,
            ShellEnvironment::Never => Mode::Never,
            ShellEnvironment::Auto if settings.terminal => Mode::Never,
            ShellEnvironment::Auto => Mode::Auto,
        };
        options.home = Some(settings.home.clone());
        options.cache_dir = Some(paths.data_dir.clone());
        options.version.clone_from(&settings.version);
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
