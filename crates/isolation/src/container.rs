//! Containers: from a plan to a running server, and back to nothing.
//!
//! `body` turns a planned container into the engine's request, `delivery` brings the program that is PID 1 into the
//! engine, `preamble` is what that program is told, `link` carries the streams, `start` does it all in the one order that
//! loses nothing, and `watch` looks after the container until it is gone.

pub(crate) mod archive;
mod body;
pub(crate) mod delivery;
mod error;
pub mod link;
pub(crate) mod name;
mod preamble;
mod program;
mod start;
mod watch;

pub use error::StartError;
pub use start::Job;
pub(crate) use start::Unstarted;

#[cfg(test)]
pub(crate) mod tests;
