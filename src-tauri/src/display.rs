//! What a display needs before anything is drawn. Only Linux asks for something.

/// WebKit's way of handing over pictures that leaves windows blank with some drivers and compositors.
pub(crate) const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Why no window can be shown.
pub(crate) const MISSING: &str = "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). Run the \
proxy without a window: mcpproxy serve";

#[cfg(target_os = "linux")]
mod platform {
    use super::RENDERER;
    use std::{env, os::unix::process::CommandExt, process::Command};

    pub(crate) fn is_there() -> bool {
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
    }

    /// The variable is read by the webview's own process, so it must stand in the environment. Changing that of a
    /// running process is unsound once threads exist; this process starts itself again instead, in its own place.
    pub(crate) fn prepare() -> Option<std::io::Error> {
        if env::var_os(RENDERER).is_some() {
            return None;
        }
        let own = match env::current_exe() {
            Ok(own) => own,
            Err(error) => return Some(error),
        };
        Some(Command::new(own).args(env::args_os().skip(1)).env(RENDERER, "1").exec())
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    pub(crate) const fn is_there() -> bool {
        true
    }

    pub(crate) const fn prepare() -> Option<std::io::Error> {
        None
    }
}

pub(crate) use platform::{is_there, prepare};
