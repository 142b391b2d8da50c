//! Where a server runs: from the command a person wrote to a hardened container.
//!
//! The planning half is pure: [`plan::Plan`] is data, computed from what is configured and what the host offers.

pub mod engine;
pub mod facts;
pub mod launcher;
pub mod plan;
pub mod policy;
pub mod refusal;
pub mod relaxation;
pub mod spec;
