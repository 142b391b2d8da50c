//! Reading a desktop entry as far as a start at login depends on it.

use super::exec;

/// The keys of the `[Desktop Entry]` group; the last of two equal keys counts, as for GLib.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    keys: Vec<(String, String)>,
}

impl Entry {
    pub(super) fn parse(text: &str) -> Self {
        Self { keys: keys(text).map(|(_, key, value)| (key.to_owned(), value.to_owned())).collect() }
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.keys.iter().rfind(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// Whether somebody switched the entry off, for all desktops or for the one that runs.
    pub(super) fn is_switched_off(&self, desktops: &[String]) -> bool {
        let lists = |key| {
            self.get(key)
                .map(|list| list.split(';').any(|name| desktops.iter().any(|desktop| desktop == name)))
        };
        self.get("Hidden") == Some("true")
            || self.get("X-GNOME-Autostart-enabled") == Some("false")
            || lists("OnlyShowIn") == Some(false)
            || lists("NotShowIn") == Some(true)
    }

    /// The program that the entry starts.
    pub(super) fn program(&self) -> Option<String> {
        if self.get("Type") != Some("Application") {
            return None;
        }
        let line = exec::unescape(self.get("Exec")?);
        exec::program(&line).map(|word| word.text)
    }

    /// `text`, which this was parsed from, with another program in its `Exec` line.
    pub(super) fn with_program(&self, text: &str, program: &str) -> Option<String> {
        let line = exec::unescape(self.get("Exec")?);
        let old = exec::program(&line)?;
        let new = format!("{}{}{}", &line[..old.start], exec::quote(program), &line[old.end..]);
        let (at, ..) = keys(text).filter(|(_, key, _)| *key == "Exec").last()?;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[at] = format!("Exec={}", exec::escape(&new));
        Some(lines.join("\n") + "\n")
    }
}

/// Line number, key and value of the main group.
fn keys(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut in_group = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let line = line.trim();
        if line.starts_with('[') {
            in_group = line == "[Desktop Entry]";
        }
        let (key, value) = line.split_once('=').filter(|_| in_group && !line.starts_with(['#', '[']))?;
        Some((number, key.trim_end(), value.trim_start()))
    })
}
