//! PID 1 of every container that MCPProxy starts.
//!
//! It is built for Linux only, by the build script of `isolation`, as a static program of less than half a megabyte.
//! One thread, one loop over `poll`. What it does is in [`pid1`]; what it speaks is in the library beside it.

#[cfg(target_os = "linux")]
mod pid1;

#[cfg(target_os = "linux")]
fn main() {
    std::process::exit(pid1::run().into());
}

#[cfg(not(target_os = "linux"))]
fn main() {}
