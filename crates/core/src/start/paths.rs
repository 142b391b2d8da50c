//! Where configuration, data and logs lie, decided once from flags, environment and file.
use std::path::{Path, PathBuf};

use mcpproxy_config::Config;

use crate::{LogFolder, Settings};

/// The places of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// The data folder.
    pub data_dir: PathBuf,
    /// The folder of logs.
    pub log_dir: PathBuf,
    /// The local door: a socket, or a pipe on Windows.
    pub socket: PathBuf,
}

impl Paths {
    /// Decides where the configuration lies: `--config`, else the person's own. A file in the working folder is not
    /// looked at: a folder that somebody else filled could bring servers of its own.
    pub fn config_file(settings: &Settings) -> PathBuf {
        if let Some(path) = &settings.config {
            return settings.working_dir.join(expand(path, &settings.home));
        }
        settings.home.join(".mcpproxy").join("mcp_config.json")
    }

    /// Decides the rest, once the file has been read.
    pub fn resolve(settings: &Settings, config_file: PathBuf, config: &Config) -> Self {
        let default = settings.home.join(".mcpproxy");
        let given = settings.data_dir.clone();
        let given = given.or_else(|| settings.variable("MCPPROXY_DATA").map(PathBuf::from));
        let given = given.or_else(|| settings.variable("MCPPROXY_DATA_DIR").map(PathBuf::from));
        let given = given.or_else(|| config.data_dir.clone());
        let data_dir = given
            .map_or_else(|| default.clone(), |path| settings.working_dir.join(expand(&path, &settings.home)));
        let log_dir = log_dir(settings, config, &data_dir, data_dir == default);
        let socket = socket(settings, &data_dir, data_dir == default);
        Self { config: config_file, data_dir, log_dir, socket }
    }

    /// The logs, readable whether or not anything runs.
    pub fn logs(&self) -> LogFolder {
        LogFolder::new(self.log_dir.clone())
    }
}

/// The local door. Pipes have no folder, so a data folder of its own is told apart by a hash of its name.
#[cfg(windows)]
fn socket(settings: &Settings, data_dir: &Path, default: bool) -> PathBuf {
    use sha2::{Digest as _, Sha256};
    let user = settings.variable("USERNAME").unwrap_or("user");
    if default {
        return PathBuf::from(format!(r"\\.\pipe\mcpproxy-{user}"));
    }
    let digest = Sha256::digest(data_dir.display().to_string().as_bytes());
    let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    PathBuf::from(format!(r"\\.\pipe\mcpproxy-{hex}"))
}

#[cfg(not(windows))]
fn socket(_settings: &Settings, data_dir: &Path, _default: bool) -> PathBuf {
    data_dir.join("mcpproxy.sock")
}

fn log_dir(settings: &Settings, config: &Config, data_dir: &Path, default: bool) -> PathBuf {
    let given = settings.log_dir.clone().or_else(|| config.logging.log_dir.clone());
    if let Some(path) = given {
        return settings.working_dir.join(expand(&path, &settings.home));
    }
    if default { system_log_dir(settings) } else { data_dir.join("logs") }
}

#[cfg(target_os = "macos")]
fn system_log_dir(settings: &Settings) -> PathBuf {
    settings.home.join("Library/Logs/mcpproxy")
}

#[cfg(windows)]
fn system_log_dir(settings: &Settings) -> PathBuf {
    let local = settings.variable("LOCALAPPDATA").map(PathBuf::from);
    local.unwrap_or_else(|| settings.home.join("AppData").join("Local")).join("mcpproxy").join("logs")
}

#[cfg(not(any(target_os = "macos", windows)))]
fn system_log_dir(settings: &Settings) -> PathBuf {
    if let Some(state) = settings.variable("XDG_STATE_HOME") {
        return Path::new(state).join("mcpproxy").join("logs");
    }
    if is_root() {
        return PathBuf::from("/var/log/mcpproxy");
    }
    settings.home.join(".local/state/mcpproxy/logs")
}

#[cfg(all(unix, not(target_os = "macos")))]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(any(unix, windows)))]
const fn is_root() -> bool {
    false
}

/// `~` and `~/…` mean the person's home.
fn expand(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix("~").map_or_else(|_| path.to_owned(), |rest| home.join(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Host;

    fn settings() -> Settings {
        Settings::new(Host::Serve, "0", PathBuf::from("/home/ann"))
    }

    fn resolve(settings: &Settings) -> Paths {
        Paths::resolve(settings, Paths::config_file(settings), mcpproxy_config::Document::defaults().config())
    }

    #[test]
    fn without_any_wish_everything_lies_in_the_home() {
        let paths = resolve(&settings());
        assert_eq!(paths.config, Path::new("/home/ann/.mcpproxy/mcp_config.json"));
        assert_eq!(paths.data_dir, Path::new("/home/ann/.mcpproxy"));
    }

    #[test]
    fn a_file_that_lies_in_the_working_folder_is_not_taken_for_the_persons_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mcp_config.json"), "{}").unwrap();
        let settings = Settings { working_dir: folder.path().to_owned(), ..settings() };
        assert_eq!(Paths::config_file(&settings), Path::new("/home/ann/.mcpproxy/mcp_config.json"));
    }

    #[test]
    fn a_data_folder_of_its_own_takes_the_logs_along() {
        let mut settings = settings();
        settings.environment = vec![("MCPPROXY_DATA_DIR".into(), "~/elsewhere".into())];
        let paths = resolve(&settings);
        assert_eq!(paths.data_dir, Path::new("/home/ann/elsewhere"));
        assert_eq!(paths.log_dir, Path::new("/home/ann/elsewhere/logs"));
        settings.data_dir = Some("data".into());
        settings.log_dir = Some("/logs".into());
        let paths = resolve(&settings);
        assert_eq!(paths.data_dir, Path::new("/home/ann/data"));
        assert_eq!(paths.log_dir, Path::new("/logs"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_state_folder_of_the_desktop_standard_holds_the_logs() {
        let mut settings = settings();
        settings.environment = vec![("XDG_STATE_HOME".into(), "/state".into())];
        assert_eq!(resolve(&settings).log_dir, Path::new("/state/mcpproxy/logs"));
    }
}
