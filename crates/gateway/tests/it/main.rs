//! The gateway between clients and servers that speak over in-memory pipes.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod bytes;
mod calls;
mod churn;
mod harness;
mod pause;
mod questions;
mod records;
mod search_mode;
mod sessions;
