//! Stands in for `mcpproxy --print-env` in the tests of this crate.

fn main() -> std::io::Result<()> {
    mcpproxy_login_env::print_env(std::env::vars_os(), &mut std::io::stdout())
}
