//! The gateway between clients and servers that speak over in-memory pipes.

mod calls;
mod harness;
mod questions;
mod sessions;
