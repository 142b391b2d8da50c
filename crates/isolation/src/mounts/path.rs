//! Paths of this computer as text, by the rules of its system, so that Windows and macOS rules hold in tests
//! anywhere. Nothing here looks at the disk.

use crate::facts::{Os, System};
use crate::launcher::is_drive_path;

/// The absolute form of a path as people write it: `~`, `$HOME`, `%USERPROFILE%`, `file://`, or relative to a
/// folder. `..` is kept, since only the disk knows where it leads. None when it is no path of this system.
pub fn absolute(text: &str, folder: Option<&str>, system: &System) -> Option<String> {
    let text = match text.strip_prefix("file://") {
        Some(rest) if system.os == Os::Windows => rest.trim_start_matches('/'),
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => text,
    };
    if text.is_empty() || text.contains(['\0', '\n']) {
        return None;
    }
    for home in ["~", "$HOME", "${HOME}", "%USERPROFILE%"] {
        if let Some(rest) = text.strip_prefix(home)
            && (rest.is_empty() || rest.starts_with(['/', '\\']))
        {
            return Some(tidy(&format!("{}{rest}", system.home), system.os));
        }
    }
    if is_absolute(text, system.os) {
        return Some(tidy(text, system.os));
    }
    let folder = folder?;
    let looks_like_a_flag = text.starts_with('-') || text.contains("://");
    (!looks_like_a_flag).then(|| tidy(&format!("{folder}/{text}"), system.os))
}

/// Whether a path begins at a root of this system.
pub fn is_absolute(text: &str, os: Os) -> bool {
    match os {
        Os::Windows => is_drive_path(text) || text.starts_with(r"\\") || text.starts_with("//"),
        Os::Linux | Os::MacOs => text.starts_with('/'),
    }
}

/// Takes off what says nothing: doubled and trailing separators and `.`; on Windows every separator becomes `\`,
/// and the dots and spaces that the system drops from the end of a name go too.
pub fn tidy(path: &str, os: Os) -> String {
    if os != Os::Windows {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        return format!("/{}", parts.join("/"));
    }
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    let shared = path.starts_with(r"\\") || path.starts_with("//");
    let parts: Vec<&str> = path
        .split(['/', '\\'])
        .map(|part| if part == ".." { part } else { part.trim_end_matches(['.', ' ']) })
        .filter(|part| !part.is_empty())
        .collect();
    match (shared, parts.as_slice()) {
        (true, _) => format!(r"\\{}", parts.join(r"\")),
        (false, [drive]) if drive.ends_with(':') => format!(r"{drive}\"),
        (false, _) => parts.join(r"\"),
    }
}

/// The form in which two paths are compared: `..` followed as if no link were there, `/` between parts, lower case
/// where the system does not tell `A` from `a`.
pub fn comparable(path: &str, os: Os) -> String {
    let tidied = tidy(path, os).replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in tidied.split('/').filter(|part| !part.is_empty()) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let root = if os == Os::Windows { "" } else { "/" };
    let joined = format!("{root}{}", parts.join("/"));
    if os.folds_case() { joined.to_lowercase() } else { joined }
}

/// Whether one comparable path is another or lies in it.
pub fn is_within(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folder that holds a path; none for a root.
pub fn parent(path: &str, os: Os) -> Option<String> {
    let separator = if os == Os::Windows { '\\' } else { '/' };
    let (folder, name) = path.rsplit_once(separator)?;
    if name.is_empty() {
        return None;
    }
    Some(match (os, folder) {
        (Os::Linux | Os::MacOs, "") => "/".to_owned(),
        (Os::Windows, drive) if drive.len() == 2 && drive.ends_with(':') => format!(r"{drive}\"),
        _ => folder.to_owned(),
    })
}

/// Where a path of this computer appears in a container: at the same place, with drive letters as Docker Desktop
/// knows them (`C:\x` is `/c/x`).
pub fn inside(path: &str, os: Os) -> String {
    if os != Os::Windows {
        return path.to_owned();
    }
    let slashed = path.replace('\\', "/");
    match slashed.split_once(":/") {
        Some((drive, rest)) if drive.len() == 1 => {
            format!("/{}/{rest}", drive.to_lowercase()).trim_end_matches('/').to_owned()
        }
        _ => slashed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn system(os: Os) -> System {
        let home = match os {
            Os::Linux => "/home/me",
            Os::MacOs => "/Users/me",
            Os::Windows => r"C:\Users\me",
        };
        System { os, uid: 1000, gid: 1000, home: home.to_owned(), own_folders: Vec::new() }
    }

    #[test]
    fn paths_are_made_absolute_as_people_write_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(absolute(text, Some("/work"), &system(Os::Linux)).as_deref(), expected, "{text}");
        };
        check("~", Some("/home/me"));
        check("~/a//b/./c/", Some("/home/me/a/b/c"));
        check("$HOME/a", Some("/home/me/a"));
        check("file:///a%20b", Some("/a%20b"));
        check("src/server.py", Some("/work/src/server.py"));
        check("../up", Some("/work/../up"));
        check("~other/x", Some("/work/~other/x"));
        check("--flag", None);
        check("https://example.com/x", None);
        check("", None);
    }

    #[test]
    fn windows_paths_are_tidied_and_compared_without_case() {
        assert_eq!(tidy("C:/Users//me./x. ", Os::Windows), r"C:\Users\me\x");
        assert_eq!(tidy(r"\\?\C:\x\", Os::Windows), r"C:\x");
        assert_eq!(tidy("C:/", Os::Windows), r"C:\");
        assert_eq!(comparable(r"C:\Users\ME\..\You", Os::Windows), "c:/users/you");
        assert_eq!(inside(r"C:\Users\me\x", Os::Windows), "/c/Users/me/x");
        assert_eq!(inside(r"C:\", Os::Windows), "/c");
        assert_eq!(
            absolute(r"%USERPROFILE%\x", None, &system(Os::Windows)).as_deref(),
            Some(r"C:\Users\me\x")
        );
        assert_eq!(parent(r"C:\x", Os::Windows).as_deref(), Some(r"C:\"));
        assert_eq!(parent(r"C:\", Os::Windows), None);
    }

    #[test]
    fn a_neighbour_with_the_same_beginning_is_not_inside() {
        assert!(is_within("/home/me/.ssh/id", "/home/me/.ssh"));
        assert!(is_within("/anything", "/"));
        assert!(!is_within("/home/me/.sshfs", "/home/me/.ssh"));
    }

    proptest! {
        #[test]
        fn comparing_forgets_every_detour(parts in prop::collection::vec("[a-c]{1,3}", 1..5), at in 0usize..5) {
            let plain = format!("/{}", parts.join("/"));
            let mut detour = parts.clone();
            let at = at.min(parts.len());
            detour.splice(at..at, ["x".to_owned(), "..".to_owned(), ".".to_owned(), String::new()]);
            prop_assert_eq!(comparable(&format!("/{}/", detour.join("/")), Os::Linux), plain);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            for os in [Os::Linux, Os::MacOs, Os::Windows] {
                let _ = absolute(&text, Some("/x"), &system(os));
                let tidied = tidy(&text, os);
                parent(&tidied, os);
                inside(&tidied, os);
                comparable(&text, os);
            }
        }
    }
}
