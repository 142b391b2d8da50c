//! Where a server runs: from the command a person wrote to a hardened container.
//!
//! The planning half is pure: [`plan::Plan`] is data, computed from what is configured and what the host offers.

mod arguments;
pub mod container;
pub mod docker_line;
pub mod engine;
pub mod explain;
pub mod facts;
pub mod flags;
pub mod freeze;
pub mod host;
pub mod images;
pub mod launcher;
pub mod mounts;
pub mod plan;
pub mod policy;
pub mod prepare;
pub mod reap;
pub mod refusal;
pub mod relaxation;
pub mod running;
pub mod sizes;
pub mod spec;
#[cfg(test)]
mod testing;
pub mod usage;
