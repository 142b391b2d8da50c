//! An environment as a value, and what of it a child process gets.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where an environment came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The login shell answered.
    Shell,
    /// The answer of an earlier start.
    Cache,
    /// This process's own environment alone.
    Process,
}

/// Who an environment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// A server that runs on this computer outside a container.
    HostServer,
    /// The engine's command line and its credential helpers.
    EngineTool,
}

/// An environment as a value: allow-listed variables only.
#[derive(Clone, PartialEq, Eq)]
pub struct Environment {
    pub(crate) origin: Origin,
    pub(crate) variables: BTreeMap<String, String>,
    /// Variables of the operator's own that children need but the shell is never asked for (`HOME`, `USER`).
    pub(crate) session: BTreeMap<String, String>,
    /// Variables that the configuration refers to by name; only those, and never kept on disk.
    pub(crate) wanted: BTreeMap<String, String>,
}

impl Environment {
    /// What this process itself was given, without asking anybody.
    pub fn of_process(process: &[(String, String)]) -> Self {
        crate::allow::from_process(process)
    }

    /// Where it came from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// A variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).or_else(|| self.session.get(name)).map(String::as_str)
    }

    /// Variables of the shell that the configuration refers to by name; treat their values as secrets.
    pub fn wanted(&self) -> impl Iterator<Item = (&str, &str)> {
        self.wanted.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The folders in which programs are looked for, in order.
    pub fn path(&self) -> Vec<PathBuf> {
        self.variables.get("PATH").map(|path| std::env::split_paths(path).collect()).unwrap_or_default()
    }

    /// `PATH` as one text.
    pub fn path_text(&self) -> &str {
        self.variables.get("PATH").map(String::as_str).unwrap_or_default()
    }

    /// The same as it is now: on Windows with the `PATH` that the registry has by now, so that a tool which was
    /// installed a moment ago is found. Elsewhere nothing can be newer than the shell's answer.
    #[must_use]
    pub fn now(&self) -> std::borrow::Cow<'_, Self> {
        #[cfg(windows)]
        {
            let variable = |name: &str| self.get(&name.to_ascii_uppercase()).map(str::to_owned);
            let path = crate::registry_path::merge(&crate::registry_path::read(), self.path_text(), variable);
            let mut fresh = self.clone();
            fresh.variables.insert("PATH".to_owned(), path);
            std::borrow::Cow::Owned(fresh)
        }
        #[cfg(not(windows))]
        std::borrow::Cow::Borrowed(self)
    }

    /// The complete environment for a child process, to be used after clearing its own.
    pub fn for_child(&self, recipient: Recipient) -> BTreeMap<String, String> {
        crate::allow::for_child(self, recipient)
    }

    /// Finds a program by its name, as a shell would.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        crate::path::find_program(&self.path(), name)
    }

    /// Names of variables that differ between two environments; values stay where they are.
    pub fn changed_names(&self, other: &Self) -> Vec<String> {
        let names = self.variables.keys().chain(other.variables.keys());
        let mut changed: Vec<String> =
            names.filter(|name| self.variables.get(*name) != other.variables.get(*name)).cloned().collect();
        changed.sort();
        changed.dedup();
        changed
    }
}

/// Values may hold credentials (a proxy's user, for one), so only names are shown.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("origin", &self.origin)
            .field("names", &self.variables.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
