//! Where things are: the workspace's root and its one target folder.

use std::env;
use std::path::{Path, PathBuf};

/// The folder that holds the workspace's manifest.
pub(crate) fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

/// The folder that cargo builds into, and that everything made along the way goes into.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// The `mcpproxy` program of the debug profile.
pub(crate) fn program() -> PathBuf {
    target().join("debug").join(format!("mcpproxy{}", env::consts::EXE_SUFFIX))
}

/// The desktop application of the debug profile.
pub(crate) fn desktop_program() -> PathBuf {
    target().join("debug").join(format!("mcpproxy-desktop{}", env::consts::EXE_SUFFIX))
}

/// The cargo that started this, else the one on PATH.
pub(crate) fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
