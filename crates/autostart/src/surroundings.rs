//! What the entry depends on: gathered once at the rim, a plain value below it, so that tests use folders of their own.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::state::{Error, Refusal};

/// Where a process of the person's session lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The person's home folder.
    pub home: PathBuf,
    /// `XDG_CONFIG_HOME`, where it is set to an absolute path.
    pub config_home: Option<PathBuf>,
    /// `XDG_CONFIG_DIRS`: where the administrator's entries are.
    pub config_dirs: Vec<PathBuf>,
    /// The program that shall start at login.
    pub exe: PathBuf,
    /// The folders of `PATH`, for entries that name a program without its folder.
    pub search: Vec<PathBuf>,
    /// The names of the desktop that runs, from `XDG_CURRENT_DESKTOP`.
    pub desktops: Vec<String>,
    /// Whether systemd starts the session's programs, as it does for GNOME and KDE; other desktops use GLib's reader.
    pub by_systemd: bool,
    /// Whether this runs in a sandbox whose files the session does not read (Flatpak, Snap).
    pub sandboxed: bool,
}

impl Surroundings {
    /// Those of this process. `exe` is the program itself, or the AppImage that it was started from.
    pub fn of_this_process() -> Result<Self, Error> {
        let unknown = |what| move |source| Error::Unknown { what, source };
        let exe = env::current_exe().map_err(unknown("where it was started from"))?;
        let no_home = || io::Error::new(io::ErrorKind::NotFound, "no home folder is set");
        let home = env::home_dir().ok_or_else(no_home).map_err(unknown("your home folder"))?;
        let desktops = env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let desktops: Vec<String> =
            desktops.split(':').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let in_snap = exe.starts_with("/snap");
        Ok(Self {
            by_systemd: Path::new("/run/systemd/system").exists()
                && desktops.iter().any(|name| matches!(name.as_str(), "GNOME" | "KDE")),
            config_home: env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute()),
            config_dirs: config_dirs(env::var_os("XDG_CONFIG_DIRS")),
            exe: started(exe, env::var_os("APPIMAGE"), env::var_os("APPDIR")),
            search: absolute(env::var_os("PATH")),
            desktops,
            // A snap hands its variables on to what it starts, so only the program's own place counts.
            sandboxed: Path::new("/.flatpak-info").exists() || in_snap,
            home,
        })
    }

    /// Why an entry for this program would not work, whatever the system's settings are.
    pub fn refusal(&self) -> Option<Refusal> {
        let Some(path) = self.exe.to_str() else { return Some(Refusal::PathNotText) };
        if path.chars().any(char::is_control) {
            return Some(Refusal::ControlInPath);
        }
        if cfg!(target_os = "macos") { crate::launch_agent::refusal(path) } else { None }
            .or_else(|| if cfg!(windows) { crate::run_value::refusal(path) } else { None })
            .or_else(|| {
                if cfg!(any(windows, target_os = "macos")) {
                    None
                } else {
                    crate::xdg::refusal(path, self.by_systemd)
                }
            })
    }

    /// Whether an entry that names `program` starts this program.
    pub(crate) fn is_this(&self, program: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        program == self.exe || real(program) == real(&self.exe)
    }
}

/// The folders of a list that mean the same wherever this runs; the specification passes over all others.
fn absolute(list: Option<OsString>) -> Vec<PathBuf> {
    let folders = list.iter().flat_map(env::split_paths);
    folders.filter(|folder| folder.is_absolute()).collect()
}

/// Where the administrator's configuration is.
fn config_dirs(list: Option<OsString>) -> Vec<PathBuf> {
    let folders = absolute(list);
    if folders.is_empty() { vec![PathBuf::from("/etc/xdg")] } else { folders }
}

/// The file to start again: the AppImage where this program comes out of one, since its mount point is gone at login.
fn started(exe: PathBuf, image: Option<OsString>, mounted_at: Option<OsString>) -> PathBuf {
    // Both variables are handed on to children: they count only for a program inside that image.
    if let (Some(image), Some(mounted_at)) = (image, mounted_at)
        && exe.starts_with(&mounted_at)
    {
        return PathBuf::from(image);
    }
    // Linux says so after the file was replaced under a running program, as an upgrade of the package does.
    match exe.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        Some(path) if !exe.exists() => PathBuf::from(path),
        _ => exe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(text: &str) -> Option<OsString> {
        Some(OsString::from(text))
    }

    #[test]
    fn an_appimage_is_started_again_by_its_own_file() {
        let inside = PathBuf::from("/tmp/.mount_x/usr/bin/mcpproxy-desktop");
        let image = started(inside, os("/home/a/MCPProxy.AppImage"), os("/tmp/.mount_x"));
        assert_eq!(image, Path::new("/home/a/MCPProxy.AppImage"));
    }

    #[test]
    fn the_appimage_of_a_terminal_that_started_us_is_not_ours() {
        let exe = PathBuf::from("/usr/bin/mcpproxy-desktop");
        assert_eq!(started(exe.clone(), os("/home/a/Terminal.AppImage"), os("/tmp/.mount_t")), exe);
    }

    #[cfg(unix)]
    #[test]
    fn an_empty_list_of_folders_is_none_and_relative_ones_do_not_count() {
        assert_eq!(config_dirs(None), [PathBuf::from("/etc/xdg")]);
        assert_eq!(config_dirs(os("")), [PathBuf::from("/etc/xdg")]);
        assert_eq!(config_dirs(os("xdg:/opt/xdg:.")), [PathBuf::from("/opt/xdg")]);
    }

    #[test]
    fn a_program_replaced_while_it_runs_keeps_its_path() {
        let gone = PathBuf::from("/usr/nowhere/mcpproxy-desktop (deleted)");
        assert_eq!(started(gone, None, None), Path::new("/usr/nowhere/mcpproxy-desktop"));
    }

    #[test]
    fn this_process_has_a_home_and_a_program() {
        let here = Surroundings::of_this_process().unwrap();
        assert!(here.exe.is_absolute() && here.home.is_absolute());
        assert!(here.is_this(&here.exe));
    }
}
