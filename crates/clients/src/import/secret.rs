//! Values of an entry that look like secrets: where they stand, and what they may be called in the keyring.

use mcpproxy_secrets::mask;

use crate::Entry;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A variable of the environment.
    Env(String),
    /// A header.
    Header(String),
    /// An argument, by its position; the value begins behind so many bytes.
    Argument(usize, usize),
}

/// A value that looks like a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue {
    /// Where it stands.
    pub place: Place,
    /// A name for it.
    pub name: String,
    /// A longer one, where that is taken.
    pub long_name: String,
    /// The value.
    pub value: String,
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretValue")
            .field("place", &self.place)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl SecretValue {
    /// Puts a reference in its place.
    pub(super) fn replace(&self, entry: &mut Entry, reference: &str) {
        let target = match &self.place {
            Place::Env(name) => entry.env.get_mut(name),
            Place::Header(name) => entry.headers.get_mut(name),
            Place::Argument(at, behind) => {
                if let Some(arg) = entry.args.get_mut(*at) {
                    arg.replace_range(*behind.min(&arg.len()).., reference);
                }
                return;
            }
        };
        if let Some(value) = target {
            reference.clone_into(value);
        }
    }
}

/// Finds them. References are none: their values are kept elsewhere already.
pub(super) fn find(server: &str, entry: &Entry) -> Vec<SecretValue> {
    let mut found = Vec::new();
    let mut put = |place, name: &str, value: &str| {
        if value.is_empty() || value.contains("${") {
            return;
        }
        let plain = usable(name);
        let long_name = format!("{}.{plain}", usable(server));
        // Only a variable's own name says what it is without the server beside it.
        let name = if matches!(place, Place::Env(_)) { plain } else { long_name.clone() };
        found.push(SecretValue { place, name, long_name, value: value.to_owned() });
    };
    for (name, value) in &entry.env {
        if mask::looks_secret(name, value) {
            put(Place::Env(name.clone()), name, value);
        }
    }
    for (name, value) in &entry.headers {
        if mask::looks_secret(name, value) {
            put(Place::Header(name.clone()), name, value);
        }
    }
    let mut before: Option<&str> = None;
    for (at, arg) in entry.args.iter().enumerate() {
        if let Some((behind, name)) = in_argument(arg, before) {
            put(Place::Argument(at, behind), name, &arg[behind..]);
        }
        before = (arg.starts_with('-') && !arg.contains('=')).then_some(arg.as_str());
    }
    found
}

/// Where in an argument a secret begins, and what it is called.
fn in_argument<'a>(arg: &'a str, before: Option<&'a str>) -> Option<(usize, &'a str)> {
    if let Some(flag) = before.filter(|_| !arg.starts_with('-'))
        && mask::looks_secret(flag, "")
    {
        return Some((0, flag));
    }
    for separator in ["=", ": ", ":"] {
        let Some((name, value)) = arg.split_once(separator) else { continue };
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        if is_name && !value.is_empty() && mask::looks_secret(name, value) {
            return Some((name.len() + separator.len(), name));
        }
    }
    mask::looks_secret("", arg).then_some((0, "secret"))
}

fn usable(name: &str) -> String {
    let name = name.trim_matches('-');
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .take(80)
        .collect()
}
