//! The gateway between clients and servers that speak over in-memory pipes.

mod bytes;
mod calls;
mod churn;
mod harness;
mod questions;
mod search_mode;
mod sessions;
