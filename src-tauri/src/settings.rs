//! What the core is given: arguments, environment and home as values.

use crate::args::Args;
use mcpproxy_core::{Host, Settings};
use std::{env, path::PathBuf};

/// Settings of this start; the only place that reads the process environment.
pub(crate) fn settings(args: &Args) -> Option<Settings> {
    let home = directories::BaseDirs::new()?.home_dir().to_owned();
    let mut settings = Settings::new(Host::App, env!("CARGO_PKG_VERSION"), home);
    settings.config.clone_from(&args.config);
    settings.data_dir.clone_from(&args.data_dir);
    settings.log_dir.clone_from(&args.log_dir);
    settings.listen.clone_from(&args.listen);
    settings.environment = env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(key, _)| key != crate::display::RENDERER)
        .collect();
    settings.working_dir = env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    // A desktop gives a program less than the person's terminal has.
    settings.terminal = false;
    Some(settings)
}
