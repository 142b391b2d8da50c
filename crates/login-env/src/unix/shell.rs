//! Which shell is asked, whether it may be trusted, and with which words.

use std::path::{Path, PathBuf};

use crate::CaptureError;

/// Shells that are tried when neither the user database nor `SHELL` names a usable one.
#[cfg(target_os = "macos")]
const FALLBACKS: &[&str] = &["/bin/zsh", "/bin/bash", "/bin/sh"];
#[cfg(not(target_os = "macos"))]
const FALLBACKS: &[&str] = &["/bin/bash", "/bin/sh"];

/// Programs that stand in the place of a shell in order not to be one.
const NO_SHELLS: &[&str] = &["nologin", "false", "true", "sync", "halt", "shutdown"];

/// The person's shell: that of the user database, since a desktop session may have a wrong `SHELL` or none.
pub(crate) fn choose(database: Option<PathBuf>, variable: Option<&str>) -> Result<PathBuf, CaptureError> {
    let listed = std::fs::read_to_string("/etc/shells").unwrap_or_default();
    let is_listed = |path: &Path| listed.lines().any(|line| Path::new(line.trim()) == path);
    let database = database.filter(|shell| is_shell(shell));
    let variable = variable.map(PathBuf::from).filter(|shell| is_shell(shell) && is_listed(shell));
    let fallbacks = FALLBACKS.iter().map(PathBuf::from).filter(|shell| is_shell(shell));
    let shell = database.into_iter().chain(variable).chain(fallbacks).next().ok_or(CaptureError::NoShell)?;
    trusted(shell)
}

fn is_shell(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_absolute() && path.is_file() && !NO_SHELLS.contains(&name.as_ref())
}

/// Refuses a shell that other users could replace.
pub(crate) fn trusted(shell: PathBuf) -> Result<PathBuf, CaptureError> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let refuse = |reason| Err(CaptureError::UntrustedShell { shell: shell.clone(), reason });
    if !shell.is_absolute() {
        return refuse("its path is relative");
    }
    let Ok(file) = std::fs::metadata(&shell) else { return refuse("it does not exist") };
    let owner = file.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return refuse("it belongs to another user");
    }
    if file.permissions().mode() & 0o002 != 0 {
        return refuse("every user can change it");
    }
    Ok(shell)
}

/// How a shell is told to be a login shell, to be interactive, and what to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `-i -l -c`, as separate words: some shells do not take them glued together.
    Separate,
    /// The C shells take no `-l` beside other words; a leading dash in their name says the same.
    Dashed,
    /// PowerShell.
    PowerShell,
    /// A shell we do not know.
    Unknown,
}

impl Style {
    /// The style of this shell, by its name.
    pub(crate) fn of(shell: &Path) -> Self {
        match shell.file_name().unwrap_or_default().to_string_lossy().as_ref() {
            "zsh" | "bash" | "sh" | "dash" | "ash" | "ksh" | "ksh93" | "mksh" | "oksh" | "fish" | "nu"
            | "xonsh" => Self::Separate,
            "tcsh" | "csh" => Self::Dashed,
            "pwsh" => Self::PowerShell,
            _ => Self::Unknown,
        }
    }

    /// The words before the command.
    pub(crate) fn words(&self, interactive: bool) -> &'static [&'static str] {
        match (self, interactive) {
            (Self::Separate, true) => &["-i", "-l", "-c"],
            (Self::Dashed, _) => &["-c"],
            (Self::PowerShell, _) => &["-Login", "-NonInteractive", "-Command"],
            (Self::Separate, false) | (Self::Unknown, _) => &["-l", "-c"],
        }
    }

    /// The name that the shell is started under, where it is not its own.
    pub(crate) fn own_name(&self, shell: &Path) -> Option<String> {
        let name = shell.file_name().unwrap_or_default().to_string_lossy();
        (*self == Self::Dashed).then(|| format!("-{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_database_stands_above_the_variable() {
        let shell = choose(Some("/bin/sh".into()), Some("/bin/bash")).unwrap();
        assert_eq!(shell, Path::new("/bin/sh"));
    }

    #[test]
    fn a_locked_or_missing_shell_falls_back() {
        for database in ["/usr/sbin/nologin", "/bin/false", "/does/not/exist", "relative"] {
            let shell = choose(Some(database.into()), None).unwrap();
            assert!(FALLBACKS.contains(&shell.to_str().unwrap()), "{database}");
        }
    }

    #[test]
    fn a_variable_that_names_no_listed_shell_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("bash");
        std::fs::write(&fake, "").unwrap();
        let shell = choose(None, fake.to_str()).unwrap();
        assert_ne!(shell, fake);
    }

    #[test]
    fn a_shell_that_everybody_can_change_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let shell = folder.path().join("zsh");
        std::fs::write(&shell, "").unwrap();
        std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(trusted(shell).unwrap_err().code(), "login_env_untrusted_shell");
        assert!(trusted("bash".into()).is_err());
    }

    #[test]
    fn each_family_of_shells_gets_its_own_words() {
        for (shell, style, words) in [
            ("/usr/bin/zsh", Style::Separate, &["-i", "-l", "-c"][..]),
            ("/usr/bin/nu", Style::Separate, &["-i", "-l", "-c"]),
            ("/bin/tcsh", Style::Dashed, &["-c"]),
            ("/usr/bin/pwsh", Style::PowerShell, &["-Login", "-NonInteractive", "-Command"]),
            ("/opt/odd", Style::Unknown, &["-l", "-c"]),
        ] {
            assert_eq!(Style::of(Path::new(shell)), style);
            assert_eq!(style.words(true), words);
        }
        assert_eq!(Style::Dashed.own_name(Path::new("/bin/tcsh")).as_deref(), Some("-tcsh"));
        assert_eq!(Style::Separate.words(false), ["-l", "-c"]);
    }
}
