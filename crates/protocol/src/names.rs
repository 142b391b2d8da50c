//! The names under which tools and prompts of many servers are published together.
//!
//! `server__tool`, at most 64 characters of `[A-Za-z0-9_-]`, is what every known client takes. Where joining or cutting
//! would give two the same name, a short hash of the pair is added. A name depends on the pairs alone, never on the
//! order in which servers came, and is led back through an exact map, never by taking it apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// Longest published name.
pub const LONGEST: usize = 64;
/// What stands between server and tool.
pub const SEPARATOR: &str = "__";

/// A server and what it calls one of its tools or prompts.
pub type Pair = (String, String);

/// Published names for a set of pairs, both ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    owners: HashMap<String, Pair>,
    published: BTreeMap<Pair, String>,
}

impl Names {
    /// Publishes all pairs.
    pub fn new(pairs: impl IntoIterator<Item = Pair>) -> Self {
        let pairs: BTreeSet<Pair> = pairs.into_iter().collect();
        let mut names = Self::default();
        // Names that can be taken apart again in one way only are never changed by what other servers offer.
        let (certain, doubtful): (Vec<Pair>, Vec<Pair>) = pairs.into_iter().partition(is_certain);
        for pair in certain {
            names.insert(joined(&pair), pair);
        }
        let mut wanted: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
        for pair in doubtful {
            wanted.entry(joined(&pair)).or_default().push(pair);
        }
        for (name, pairs) in wanted {
            let alone = pairs.len() == 1 && name.len() <= LONGEST && !names.owners.contains_key(&name);
            for pair in pairs {
                let name = if alone { name.clone() } else { names.hashed(&name, &pair) };
                names.insert(name, pair);
            }
        }
        names
    }

    /// What a pair is published as.
    pub fn published(&self, server: &str, tool: &str) -> Option<&str> {
        self.published.get(&(server.to_owned(), tool.to_owned())).map(String::as_str)
    }

    /// Whom a published name belongs to.
    pub fn owner(&self, name: &str) -> Option<(&str, &str)> {
        self.owners.get(name).map(|(server, tool)| (server.as_str(), tool.as_str()))
    }

    fn insert(&mut self, name: String, pair: Pair) {
        self.owners.insert(name.clone(), pair.clone());
        self.published.insert(pair, name);
    }

    /// The name cut to make room for a hash, longer ones of which are tried until it is free.
    fn hashed(&self, name: &str, (server, tool): &Pair) -> String {
        let mut digest = Sha256::new();
        digest.update((server.len() as u64).to_be_bytes());
        digest.update(server);
        digest.update(tool);
        let mut hash = String::new();
        for byte in digest.finalize() {
            let _ = write!(hash, "{byte:02x}");
        }
        let with = |length: usize| {
            let room = name.len().min(LONGEST - 1 - length);
            format!("{}_{}", &name[..room], &hash[..length])
        };
        (8..=56).step_by(8).map(with).find(|name| !self.owners.contains_key(name)).unwrap_or_else(|| with(60))
    }
}

/// Whether the joined name leads back to this pair and no other.
fn is_certain((server, tool): &Pair) -> bool {
    let clean = |text: &str| !text.is_empty() && text.bytes().all(is_allowed);
    clean(server)
        && clean(tool)
        && !server.contains(SEPARATOR)
        && !server.ends_with('_')
        && server.len() + SEPARATOR.len() + tool.len() <= LONGEST
}

fn joined((server, tool): &Pair) -> String {
    let replace = |text: &str| -> String {
        text.chars().map(|c| if u8::try_from(c).is_ok_and(is_allowed) { c } else { '_' }).collect()
    };
    format!("{}{SEPARATOR}{}", replace(server), replace(tool))
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests;
