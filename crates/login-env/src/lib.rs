//! The environment a terminal would have: `PATH` and a few other variables, asked of the login shell.
//!
//! A program started from a desktop gets a bare environment. This crate runs the person's shell once, with their
//! start-up files, takes an allow-list of variables out of it, and hands them on as a value. It never changes
//! the process's own environment, and it never waits longer than its deadline.

mod allow;
#[cfg(unix)]
mod cache;
mod capture;
mod environment;
mod error;
mod options;
#[cfg(unix)]
mod parse;
mod path;
mod print;
#[cfg(any(windows, test))]
mod registry_path;
#[cfg(unix)]
mod unix;

pub use allow::INDEXES;
pub use capture::{cached, capture};
pub use environment::{Environment, Origin, Recipient};
pub use error::CaptureError;
pub use options::{CaptureOptions, Mode};
pub use print::print_env;
