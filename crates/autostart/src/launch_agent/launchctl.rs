//! What launchd remembers of a person's choice, asked and told through `launchctl`.

use std::io;
use std::process::{Command, Stdio};

use crate::APP_ID;
use crate::state::Error;

fn domain() -> String {
    format!("gui/{}", rustix::process::getuid().as_raw())
}

fn launchctl(arguments: &[&str]) -> io::Result<std::process::Output> {
    Command::new("/bin/launchctl").args(arguments).stdin(Stdio::null()).output()
}

/// Whether the person switched the agent off; a listing that cannot be had says nothing.
pub(super) fn is_switched_off() -> bool {
    let listing = launchctl(&["print-disabled", &domain()]);
    listing.is_ok_and(|listing| super::is_listed_as_disabled(&String::from_utf8_lossy(&listing.stdout)))
}

/// Takes back that the person switched it off; starts nothing.
pub(super) fn allow() -> Result<(), Error> {
    if !is_switched_off() {
        return Ok(());
    }
    let service = format!("{}/{APP_ID}", domain());
    let failed = |source| Error::Write { place: "Login Items".to_owned(), source };
    let output = launchctl(&["enable", &service]).map_err(failed)?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned())))
}
