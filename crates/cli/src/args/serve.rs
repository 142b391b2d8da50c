//! Arguments of `serve`.

use clap::Args;
use std::path::PathBuf;

/// Arguments of `serve`; flags that older scripts pass are taken.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen at, host:port
    #[arg(short = 'l', long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The admin key, instead of the one in the file
    #[arg(long, value_name = "KEY", hide_env_values = true)]
    pub(crate) api_key: Option<String>,
    /// Taken for older scripts: this command never shows a tray
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL", hide = true)]
    pub(crate) tray: Option<bool>,
    /// Taken for older scripts: the file's folder is used
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) log_file: Option<PathBuf>,
    /// Started by `mcpproxy stdio`: end some time after the last client left
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}
