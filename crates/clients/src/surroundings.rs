//! Where a person's programs keep their files, as values: nothing in this crate looks at the process it runs in.

use std::path::{Path, PathBuf};

/// The operating systems whose places differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux and the other Unix systems.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl System {
    /// The system this program was built for.
    pub const fn current() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// Home, system and environment of the person.
#[derive(Clone)]
pub struct Surroundings {
    /// The home folder.
    pub home: PathBuf,
    /// The operating system.
    pub system: System,
    variables: Vec<(String, String)>,
}

/// Variables may hold secrets, so they are not shown.
impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("home", &self.home)
            .field("system", &self.system)
            .finish_non_exhaustive()
    }
}

impl Surroundings {
    /// A person's home with the variables of their environment, some of which move a client's folder.
    pub fn new(home: PathBuf, system: System, variables: Vec<(String, String)>) -> Self {
        Self { home, system, variables }
    }

    /// A variable, none when it is absent or empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The folder in which applications keep their settings.
    pub(crate) fn settings_folder(&self) -> PathBuf {
        match self.system {
            System::MacOs => self.home.join("Library/Application Support"),
            System::Windows => self.named_folder("APPDATA", &["AppData", "Roaming"]),
            System::Linux => self.config_folder(),
        }
    }

    /// `~/.config`, or where the desktop standard's variable points.
    pub(crate) fn config_folder(&self) -> PathBuf {
        self.named_folder("XDG_CONFIG_HOME", &[".config"])
    }

    /// `%LOCALAPPDATA%`.
    pub(crate) fn local_folder(&self) -> PathBuf {
        self.named_folder("LOCALAPPDATA", &["AppData", "Local"])
    }

    /// The folder a variable names, if it is absolute, else one below the home.
    pub(crate) fn named_folder(&self, variable: &str, usual: &[&str]) -> PathBuf {
        let given = self.variable(variable).map(Path::new).filter(|path| path.is_absolute());
        given.map_or_else(
            || usual.iter().fold(self.home.clone(), |path, part| path.join(part)),
            Path::to_owned,
        )
    }

    /// A path as people write it: below the home with `~`.
    pub fn shown(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) => Path::new("~").join(rest).display().to_string(),
            Err(_) => path.display().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_moves_a_folder_only_to_an_absolute_place() {
        let with = |value: &str| {
            let variables = vec![("XDG_CONFIG_HOME".to_owned(), value.to_owned())];
            Surroundings::new("/home/ann".into(), System::Linux, variables).settings_folder()
        };
        assert_eq!(with("/elsewhere"), Path::new("/elsewhere"));
        assert_eq!(with("relative"), Path::new("/home/ann/.config"));
        assert_eq!(with(""), Path::new("/home/ann/.config"));
    }

    #[test]
    fn paths_below_the_home_are_shown_with_a_tilde() {
        let ann = Surroundings::new("/home/ann".into(), System::Linux, Vec::new());
        assert_eq!(ann.shown(Path::new("/home/ann/.cursor/mcp.json")), "~/.cursor/mcp.json");
        assert_eq!(ann.shown(Path::new("/etc/x.json")), "/etc/x.json");
    }
}
