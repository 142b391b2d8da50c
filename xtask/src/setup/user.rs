//! An ordinary user for the tests that root would wave through: permissions, sockets, folders.

use anyhow::Result;

use super::is_root;
use crate::commands::{command, quiet, succeeds};

/// The name of the ordinary user.
pub(crate) const NAME: &str = "mcpproxy-test";

/// Creates the ordinary user where that is possible and needed: who is not root is one already.
pub(crate) fn ensure() -> Result<()> {
    if !is_root() || succeeds(&mut command("id", ["-u", NAME])) {
        return Ok(());
    }
    println!("Creating the user {NAME} (tests that must not be root)");
    quiet(&mut command("useradd", ["--create-home", "--shell", "/bin/sh", NAME]))?;
    Ok(())
}
