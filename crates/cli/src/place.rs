//! Where the terminal's words apply: settings from flags and environment, and the client that fits them.

use crate::{args::Global, client::Client};
use anyhow::{Context, Result};
use mcpproxy_core::{Host, LogFolder, Paths, Secret, Settings};
use std::{env, io::IsTerminal, path::PathBuf};

/// Settings from the flags of this call; the only place that reads the process environment.
pub(crate) fn settings(global: &Global, host: Host) -> Result<Settings> {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let home = home.context("The home folder is unknown. Set HOME.")?;
    let mut settings = Settings::new(host, env!("CARGO_PKG_VERSION"), home);
    settings.config.clone_from(&global.config);
    settings.data_dir.clone_from(&global.data_dir);
    settings.log_dir.clone_from(&global.log_dir);
    settings.log_level.clone_from(&global.log_level);
    settings.log_to_file = global.log_to_file.unwrap_or(true);
    settings.environment = env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    settings.working_dir = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    settings.program = env::current_exe().ok();
    settings.terminal = std::io::stdin().is_terminal();
    Ok(settings)
}

/// An installation, as far as its files tell.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) settings: Settings,
    pub(crate) paths: Paths,
    pub(crate) client: Client,
    named: bool,
}

impl Place {
    /// Finds the installation that the flags mean. A broken file does not hide a running instance.
    pub(crate) fn find(global: &Global) -> Result<Self> {
        let settings = settings(global, Host::Serve)?;
        let paths = mcpproxy_core::locate(&settings);
        let client = match &global.endpoint {
            Some(endpoint) => {
                let key = settings.variable("MCPPROXY_API_KEY").map(str::to_owned);
                Client::for_endpoint(endpoint, key)?
            }
            None => Client::for_data_dir(&paths.data_dir),
        };
        Ok(Self { settings, paths, client, named: global.endpoint.is_some() })
    }

    /// Whether the person named where the instance is.
    pub(crate) fn named_endpoint(&self) -> bool {
        self.named
    }

    /// Its logs, readable whether or not anything runs.
    pub(crate) fn logs(&self) -> LogFolder {
        self.paths.logs()
    }
}

/// A key given as a flag or in the environment.
pub(crate) fn secret(text: &str) -> Secret {
    Secret::new(text)
}
