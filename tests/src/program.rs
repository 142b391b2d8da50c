//! Where the built `mcpproxy` is: named by xtask, else built here once by cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

/// The folder of this crate.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The program under test.
pub fn mcpproxy() -> PathBuf {
    built("MCPPROXY_TEST_PROGRAM", "mcpproxy-cli", "mcpproxy")
}

/// The desktop application.
pub fn desktop() -> PathBuf {
    built("MCPPROXY_TEST_DESKTOP", "mcpproxy-desktop", "mcpproxy-desktop")
}

fn built(variable: &str, package: &str, name: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return PathBuf::from(path);
    }
    let root = folder();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    process::checked(Command::new(cargo).args(["build", "--package", package]).current_dir(&root));
    // A test program lies in target/debug/deps; the program lies two folders above it.
    let own = std::env::current_exe().expect("the path of this program");
    let debug = own.parent().and_then(Path::parent).expect("a target folder").to_path_buf();
    debug.join(name)
}
