//! The wire format between MCPProxy and the program that is PID 1 in every container.
//!
//! Both ends share this library, so that what one writes is what the other reads. It is pure: bytes in, values out,
//! no dependency beyond the standard library, the same on every system. The program itself is `src/main.rs`.
//!
//! The conversation on the container's stdin is a [`preamble`] and then [`frame`]s; the answers are [`report`]s,
//! marked by a secret number, within the server's stderr.

pub mod frame;
pub mod preamble;
pub mod report;
