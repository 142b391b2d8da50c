//! Worlds for tests of the planning half: one account, one engine, and paths by hand.

use std::collections::BTreeMap;

use crate::facts::{Binary, EngineFacts, Facts, Kind, Os, PathFact, PathFacts, System};
use crate::policy::Policy;
use crate::spec::{ServerSpec, Text};

/// A person on Linux with a rootful engine.
pub(crate) fn facts() -> Facts {
    Facts {
        system: System {
            os: Os::Linux,
            uid: 1000,
            gid: 1000,
            home: "/home/me".to_owned(),
            own_folders: vec!["/home/me/.mcpproxy".to_owned(), "/home/me/.cache/mcpproxy/logs".to_owned()],
        },
        engine: EngineFacts::default(),
        paths: PathFacts { known: BTreeMap::new() },
        instance: "0f0f0f0f".to_owned(),
        certificates: None,
    }
}

/// The same person on another system.
pub(crate) fn facts_of(os: Os) -> Facts {
    let mut facts = facts();
    facts.system.os = os;
    facts.system.home = match os {
        Os::Linux => "/home/me",
        Os::MacOs => "/Users/me",
        Os::Windows => r"C:\Users\me",
    }
    .to_owned();
    facts.system.own_folders = vec![format!("{}/.mcpproxy", facts.system.home)];
    facts
}

impl Facts {
    /// Adds a folder with these names in it.
    pub(crate) fn with_folder(mut self, path: &str, holds: &[&str]) -> Self {
        self.put(path, path, Kind::Folder, None, holds);
        self
    }

    /// Adds a file.
    pub(crate) fn with_file(mut self, path: &str) -> Self {
        self.put(path, path, Kind::File, None, &[]);
        self
    }

    /// Adds a program.
    pub(crate) fn with_program(mut self, path: &str, binary: Binary) -> Self {
        self.put(path, path, Kind::File, Some(binary), &[]);
        self
    }

    /// Adds a path that leads to another one.
    pub(crate) fn with_link(mut self, path: &str, leads_to: &str, kind: Kind) -> Self {
        self.put(path, leads_to, kind, None, &[]);
        self
    }

    fn put(&mut self, path: &str, canonical: &str, kind: Kind, binary: Option<Binary>, holds: &[&str]) {
        let fact = PathFact {
            canonical: canonical.to_owned(),
            kind,
            owner: (self.system.os != Os::Windows).then_some((1000, 1000)),
            binary,
            holds: holds.iter().map(|&name| name.to_owned()).collect(),
            fingerprint: None,
        };
        self.paths.known.insert(path.to_owned(), fact);
    }
}

/// A server from one line, words parted by spaces.
pub(crate) fn server(line: &str) -> ServerSpec {
    let mut words = line.split(' ');
    ServerSpec {
        name: "demo".to_owned(),
        command: words.next().unwrap_or_default().to_owned(),
        args: words.map(Text::plain).collect(),
        env: Vec::new(),
        working_dir: None,
    }
}

/// A policy with these words in `allow_unsafe`.
pub(crate) fn lifting(names: &[&str]) -> Policy {
    Policy { allow_unsafe: names.iter().map(|&name| name.to_owned()).collect(), ..Policy::default() }
}
