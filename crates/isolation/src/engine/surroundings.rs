//! What the search for engines and credentials may know of this computer, as values: the environment, the home folder
//! and the system's rules. Nothing below reads the process's own environment.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::facts::Os;

/// The account and computer that an engine is looked for on.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The rules of paths and the list of usual places.
    pub os: Os,
    /// The person's home folder.
    pub home: PathBuf,
    /// The numeric user, where there are such; it names the folder of rootless engines.
    pub uid: Option<u32>,
    /// Environment variables, those of the login shell included; the first of a name counts.
    pub environment: Vec<(String, String)>,
    /// Where the file system begins; tests put a small computer of their own there.
    pub root: PathBuf,
}

impl Surroundings {
    /// The surroundings on this system.
    pub fn new(home: PathBuf, uid: Option<u32>, environment: Vec<(String, String)>) -> Self {
        Self { os: Os::current(), home, uid, environment, root: PathBuf::from("/") }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .iter()
            .find(|(key, _)| match self.os {
                Os::Windows => key.eq_ignore_ascii_case(name),
                Os::Linux | Os::MacOs => key == name,
            })
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A variable that holds a folder.
    pub(crate) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from)
    }

    /// A path of the system, below the root of the file system.
    pub(crate) fn system(&self, path: &str) -> PathBuf {
        match self.os {
            Os::Windows => PathBuf::from(path),
            Os::Linux | Os::MacOs => self.root.join(path.trim_start_matches('/')),
        }
    }

    /// A path in the home folder.
    pub(crate) fn at_home(&self, path: &str) -> PathBuf {
        self.home.join(path)
    }

    /// Docker's own folder of settings.
    pub(crate) fn docker_folder(&self) -> PathBuf {
        self.folder("DOCKER_CONFIG").unwrap_or_else(|| self.at_home(".docker"))
    }

    /// The folder of sockets of this user's session.
    pub(crate) fn runtime_folder(&self) -> Option<PathBuf> {
        self.folder("XDG_RUNTIME_DIR")
            .or_else(|| self.uid.filter(|uid| *uid != 0).map(|uid| self.system(&format!("/run/user/{uid}"))))
    }

    /// The first program of that name on the PATH given here or in the usual places.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let file = match self.os {
            Os::Windows => format!("{name}.exe"),
            Os::Linux | Os::MacOs => name.to_owned(),
        };
        self.program_folders().into_iter().map(|folder| folder.join(&file)).find(|path| is_program(path))
    }

    /// Where programs are looked for: the PATH given here, then the usual places that exist.
    pub(crate) fn program_folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self
            .variable("PATH")
            .map(|path| {
                std::env::split_paths(OsStr::new(path)).filter(|folder| folder.is_absolute()).collect()
            })
            .unwrap_or_default();
        for folder in self.usual_folders() {
            if folder.is_dir() && !folders.contains(&folder) {
                folders.push(folder);
            }
        }
        folders
    }

    /// Where container products put their programs, beyond what a login shell has on its PATH.
    fn usual_folders(&self) -> Vec<PathBuf> {
        let (system, home): (&[&str], &[&str]) = match self.os {
            Os::MacOs => (
                &[
                    "/usr/local/bin",
                    "/opt/homebrew/bin",
                    "/Applications/Docker.app/Contents/Resources/bin",
                    "/Applications/OrbStack.app/Contents/MacOS/xbin",
                    "/Applications/Rancher Desktop.app/Contents/Resources/resources/darwin/bin",
                    "/opt/podman/bin",
                    "/opt/local/bin",
                    "/run/current-system/sw/bin",
                ],
                &[
                    "Applications/Docker.app/Contents/Resources/bin",
                    ".docker/bin",
                    ".orbstack/bin",
                    ".rd/bin",
                    ".nix-profile/bin",
                ],
            ),
            Os::Linux => (
                &[
                    "/usr/bin",
                    "/usr/local/bin",
                    "/usr/sbin",
                    "/snap/bin",
                    "/home/linuxbrew/.linuxbrew/bin",
                    "/run/current-system/sw/bin",
                ],
                &["bin", ".local/bin", ".rd/bin", ".nix-profile/bin"],
            ),
            Os::Windows => (&[], &["scoop/shims"]),
        };
        let mut folders: Vec<PathBuf> = system.iter().map(|path| self.system(path)).collect();
        folders.extend(home.iter().map(|path| self.at_home(path)));
        if self.os == Os::Windows {
            for (base, path) in [
                ("ProgramFiles", "Docker/Docker/resources/bin"),
                ("ProgramFiles", "Rancher Desktop/resources/resources/win32/bin"),
                ("LOCALAPPDATA", "Programs/Rancher Desktop/resources/resources/win32/bin"),
                ("ProgramFiles", "RedHat/Podman"),
            ] {
                folders.extend(self.folder(base).map(|base| base.join(path)));
            }
        }
        folders
    }
}

/// The path of the `docker` command, which nothing here needs but people ask for.
pub fn docker_path(surroundings: &Surroundings) -> Option<PathBuf> {
    surroundings.program("docker")
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small Linux computer below a folder.
    pub(crate) fn linux(root: &Path, environment: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            os: Os::Linux,
            home: root.join("home/me"),
            uid: Some(1000),
            environment: environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            root: root.to_path_buf(),
        }
    }

    #[cfg(unix)]
    fn install(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    #[cfg(unix)]
    fn docker_is_found_on_the_path_first_and_then_in_the_usual_places() {
        let root = tempfile::tempdir().unwrap();
        let mine = root.path().join("tools");
        install(&root.path().join("snap/bin/docker"), 0o755);
        let path = mine.display().to_string();
        let around = linux(root.path(), &[("PATH", &path)]);
        assert_eq!(docker_path(&around), Some(root.path().join("snap/bin/docker")));
        install(&mine.join("docker"), 0o644);
        assert_eq!(docker_path(&around), Some(root.path().join("snap/bin/docker")), "a file is no program");
        install(&mine.join("docker"), 0o755);
        assert_eq!(docker_path(&around), Some(mine.join("docker")));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let around = linux(Path::new("/nowhere"), &[("DOCKER_CONFIG", ""), ("A", "b")]);
        assert_eq!(around.variable("DOCKER_CONFIG"), None);
        assert_eq!(around.docker_folder(), Path::new("/nowhere/home/me/.docker"));
        assert_eq!(around.variable("A"), Some("b"));
    }

    #[test]
    fn names_of_variables_fold_case_on_windows_alone() {
        let mut around = linux(Path::new("/"), &[("Path", "x")]);
        assert_eq!(around.variable("PATH"), None);
        around.os = Os::Windows;
        assert_eq!(around.variable("PATH"), Some("x"));
    }
}
