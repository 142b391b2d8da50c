//! The harness of the end-to-end suites: it starts the built program and looks at it from outside.
//!
//! Everything here may panic: a test that cannot go on must stop, with a message that tells what was missing.
#![expect(clippy::panic, clippy::expect_used, reason = "the whole crate is test code")]

pub mod desktop;
pub mod docker;
pub mod engine;
pub mod http;
pub mod mcp;
pub mod process;
pub mod program;
pub mod proxy;
pub mod registry;
pub mod servers;
pub mod throttle;
pub mod wait;
