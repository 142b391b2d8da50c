//! What each system offers for ending a process with all it started, and with us.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{Group, exit_of, separate, start_of_this_process, wait_without_reaping};
#[cfg(windows)]
pub(super) use windows::{Group, exit_of, separate, start_of_this_process, wait_without_reaping};
