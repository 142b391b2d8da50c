//! PID 1 of every container that MCPProxy starts.
fn main() {}
