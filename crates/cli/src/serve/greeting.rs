//! What a person who typed `serve` wants to know once it stands: where to point a client, where key, file and logs lie.

use mcpproxy_core::Opened;
use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    net::SocketAddr,
    path::PathBuf,
};

/// The facts, taken before the core runs.
#[derive(Debug)]
pub(super) struct Greeting {
    address: SocketAddr,
    config: PathBuf,
    logs: PathBuf,
    is_first: bool,
    is_isolated: bool,
    servers: usize,
}

impl Greeting {
    pub(super) fn of(opened: &Opened, address: SocketAddr, is_first: bool) -> Self {
        let (paths, config) = (opened.paths(), opened.config());
        Self {
            address,
            config: paths.config.clone(),
            logs: paths.log_dir.clone(),
            is_first,
            is_isolated: config.isolation.enabled,
            servers: config.servers.len(),
        }
    }

    /// Prints it where a person looks; scripts have the log.
    pub(super) fn print(&self) {
        if io::stdout().is_terminal() {
            // A terminal that went away ends nothing.
            let _ = writeln!(io::stdout().lock(), "{}", self.text());
        }
    }

    fn text(&self) -> String {
        let mut text = String::from("\nMCPProxy runs. Ctrl-C ends it and its servers.\n");
        let mut say = |head: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  {head:<10}{value}");
        };
        say("Clients", &format!("http://{}/mcp", self.address));
        say("Key", "mcpproxy status --show-key");
        let written = if self.is_first { " (written just now, with a new key)" } else { "" };
        say("Settings", &format!("{}{written}", self.config.display()));
        say("Logs", &self.logs.display().to_string());
        if !self.is_isolated {
            say("Isolation", "off: servers would run with all your rights. mcpproxy isolate --all on");
        }
        if self.servers == 0 {
            say("Next", "mcpproxy servers add time -- uvx mcp-server-time");
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greeting(is_first: bool, is_isolated: bool, servers: usize) -> String {
        Greeting {
            address: ([127, 0, 0, 1], 8080).into(),
            config: "/home/p/.mcpproxy/mcp_config.json".into(),
            logs: "/home/p/logs".into(),
            is_first,
            is_isolated,
            servers,
        }
        .text()
    }

    #[test]
    fn a_first_start_says_what_was_written_and_what_comes_next() {
        let text = greeting(true, true, 0);
        assert!(text.contains("http://127.0.0.1:8080/mcp"), "{text}");
        assert!(text.contains("mcp_config.json (written just now, with a new key)"), "{text}");
        assert!(text.contains("servers add"), "{text}");
        assert!(!text.contains("Isolation"), "{text}");
    }

    #[test]
    fn a_later_start_without_isolation_says_so_and_claims_nothing_new() {
        let text = greeting(false, false, 3);
        assert!(text.contains("isolate --all on"), "{text}");
        assert!(!text.contains("written") && !text.contains("servers add"), "{text}");
    }
}
