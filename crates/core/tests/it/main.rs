//! The core as its callers hold it: from a file on disk to servers that answer.
#![cfg(test)]

mod clients;
#[cfg(unix)]
mod desktop;
mod file;
mod home;
#[cfg(unix)]
mod life;
#[cfg(unix)]
mod pause;
mod preview;
#[cfg(unix)]
mod unprotected;
