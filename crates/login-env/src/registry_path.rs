//! `PATH` as Windows keeps it: the computer's folders, then the person's, then what only this process was given.
//!
//! A process keeps the `PATH` of the moment it was started. The registry has what an installer wrote since then, so it
//! is read before each start of a server. Reading is all that is Windows' own here; the rest is text.

use std::collections::HashSet;

/// A longer entry is no folder anybody made.
const LONGEST_ENTRY: usize = 4096;

/// A value of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// As it stands there.
    pub(crate) text: String,
    /// Whether `%NAME%` in it stands for a variable (`REG_EXPAND_SZ`).
    pub(crate) expands: bool,
}

/// The folders of computer, person and process, each once, in this order.
pub(crate) fn merge(written: &[Written], process: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let kept = written.iter().map(|value| match value.expands {
        true => expand(&value.text, &variable),
        false => value.text.clone(),
    });
    let mut seen = HashSet::new();
    let mut folders: Vec<String> = Vec::new();
    for text in kept.chain([process.to_owned()]) {
        for folder in split(&text) {
            let known = folder.trim_end_matches(['\\', '/']).replace('/', "\\").to_lowercase();
            if is_usable(&folder) && seen.insert(known) {
                folders.push(folder);
            }
        }
    }
    folders.join(";")
}

/// Puts variables in; a name that is unknown stays as it is written, as Windows does it.
fn expand(text: &str, variable: impl Fn(&str) -> Option<String>) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        whole.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let value = after.find('%').and_then(|end| Some((end, variable(&after[..end])?)));
        match value {
            Some((end, value)) => {
                whole.push_str(&value);
                rest = &after[end + 1..];
            }
            None => {
                whole.push('%');
                rest = after;
            }
        }
    }
    whole.push_str(rest);
    whole
}

/// The entries; one in quotes may hold a semicolon.
fn split(text: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ';' if !quoted => entries.push(String::new()),
            // The list always has a last entry.
            _ => entries.iter_mut().next_back().into_iter().for_each(|entry| entry.push(character)),
        }
    }
    entries.into_iter().map(|entry| entry.trim().to_owned()).collect()
}

/// Only a whole path from a drive or a share: a relative one means another folder for each process.
fn is_usable(folder: &str) -> bool {
    let bytes = folder.as_bytes();
    let drive =
        bytes.len() >= 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && b"\\/".contains(&bytes[2]);
    let share = folder.starts_with(r"\\") && bytes.len() > 2;
    // A joined list must stay the same list when it is split again.
    (drive || share) && folder.len() <= LONGEST_ENTRY && !folder.contains([';', '%'])
}

#[cfg(windows)]
pub(crate) use reading::read;

#[cfg(windows)]
mod reading {
    use super::Written;
    use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE, Type};

    const MACHINE: &str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    const PERSON: &str = "Environment";

    /// What the registry has now: the computer's value, then the person's; one that is not there is left out.
    pub(crate) fn read() -> Vec<Written> {
        [(LOCAL_MACHINE, MACHINE), (CURRENT_USER, PERSON)]
            .into_iter()
            .filter_map(|(root, path)| value(root, path))
            .collect()
    }

    fn value(root: &Key, path: &str) -> Option<Written> {
        let value = root.open(path).ok()?.get_value("Path").ok()?;
        let expands = value.ty() == Type::ExpandString;
        Some(Written { text: String::try_from(value).ok()?, expands })
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_registry_has_a_path() {
            assert!(!super::read().is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variable(name: &str) -> Option<String> {
        match name.to_ascii_uppercase().as_str() {
            "SYSTEMROOT" => Some(r"C:\Windows".to_owned()),
            "USERPROFILE" => Some(r"C:\Users\me".to_owned()),
            _ => None,
        }
    }

    fn written(text: &str, expands: bool) -> Written {
        Written { text: text.to_owned(), expands }
    }

    #[test]
    fn the_computer_comes_first_then_the_person_then_the_process() {
        let registry = [
            written(r"%SystemRoot%\system32;C:\Program Files\nodejs\", true),
            written(r"%USERPROFILE%\.local\bin", true),
        ];
        let merged = merge(&registry, r"c:\windows\SYSTEM32;C:\ours;C:\program files\nodejs", variable);
        assert_eq!(merged, r"C:\Windows\system32;C:\Program Files\nodejs\;C:\Users\me\.local\bin;C:\ours");
    }

    #[test]
    fn a_plain_value_is_not_expanded_and_what_stays_unknown_is_no_folder() {
        assert_eq!(merge(&[written(r"%SystemRoot%\a;C:\b", false)], "", variable), r"C:\b");
        assert_eq!(
            merge(&[written(r"%NoSuchName%\a;C:\b;%SystemRoot%", true)], "", variable),
            r"C:\b;C:\Windows"
        );
    }

    #[test]
    fn percent_signs_that_name_nothing_stay() {
        assert_eq!(expand("100%", variable), "100%");
        assert_eq!(expand("a%b%c%SYSTEMROOT%d", variable), r"a%b%cC:\Windowsd");
        assert_eq!(expand("%%", variable), "%%");
    }

    #[test]
    fn quotes_hold_an_entry_together_and_relative_entries_are_dropped() {
        assert_eq!(split(r#""C:\a;b";C:\c"#), [r"C:\a;b", r"C:\c"]);
        assert_eq!(
            merge(&[written(r#".;bin;\x;C:;"C:\tools";\\server\share"#, false)], "", variable),
            r"C:\tools;\\server\share"
        );
    }

    #[test]
    fn without_a_registry_the_process_keeps_what_it_has() {
        assert_eq!(merge(&[], r"C:\a;C:\a\;C:/b", variable), r"C:\a;C:/b");
    }

    proptest! {
        #[test]
        fn merging_again_changes_nothing(text in r#"[a-cA-C:;%"\\/ ]{0,60}"#, process in r"([A-C]:\\[a-c]{0,3};){0,5}") {
            let once = merge(&[written(&text, true)], &process, variable);
            prop_assert_eq!(merge(&[written(&once, false)], &process, variable), once);
        }
    }
}
