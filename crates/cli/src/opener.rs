//! Opens a file or a folder with what the person's system uses for it.

use std::{ffi::OsStr, path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// How long an opener may take to say that it failed; one that stays longer shows something.
const PATIENCE: Duration = Duration::from_secs(3);

/// The system's openers, the usual one first. Each takes the path as its last word.
const OPENERS: &[&[&str]] = if cfg!(target_os = "macos") {
    &[&["open"]]
} else if cfg!(windows) {
    &[&["explorer.exe"]]
} else {
    &[&["xdg-open"], &["gio", "open"], &["wslview"]]
};

/// Opens `path`; false where nothing here can. `has_display` tells whether a window could be seen.
pub(crate) async fn open(path: &Path, has_display: bool) -> bool {
    if !has_display {
        return false;
    }
    for words in OPENERS {
        if try_open(words, path.as_os_str()).await {
            return true;
        }
    }
    false
}

/// Whether windows can be shown: on Linux and the BSDs only where a display is named.
pub(crate) fn has_display(variable: impl Fn(&str) -> Option<String>) -> bool {
    let named = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows))
        || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(named)
}

async fn try_open(words: &[&str], path: &OsStr) -> bool {
    let [program, first @ ..] = words else { return false };
    let mut command = Command::new(program);
    command.args(first).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Some openers stay as long as the browser they started; Ctrl-C here must not end it.
    #[cfg(unix)]
    command.process_group(0);
    let Ok(mut child) = command.spawn() else { return false };
    match timeout(PATIENCE, child.wait()).await {
        // Windows' own opener says 1 whatever happened.
        Ok(Ok(status)) => status.success() || cfg!(windows),
        Ok(Err(_)) => false,
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn an_opener_that_fails_or_is_missing_is_told() {
        assert!(try_open(&["true"], OsStr::new("/x")).await);
        assert!(!try_open(&["false"], OsStr::new("/x")).await);
        assert!(!try_open(&["no-such-opener-anywhere"], OsStr::new("/x")).await);
        assert!(!try_open(&[], OsStr::new("/x")).await);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn an_opener_gets_the_path_as_one_word() {
        // Succeeds exactly when its only argument is the whole path.
        let words = ["sh", "-c", "test \"$#\" = 1 && test \"$1\" = '/a b;c'", "opener"];
        assert!(try_open(&words, OsStr::new("/a b;c")).await);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn without_a_display_nothing_is_opened() {
        assert!(!has_display(|_| None));
        assert!(!has_display(|_| Some(String::new())));
        assert!(has_display(|name| (name == "WAYLAND_DISPLAY").then(|| "wayland-0".to_owned())));
    }
}
