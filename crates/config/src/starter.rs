//! The file that is written when there is none.

use serde_json::{Value, json};

/// What the first file of a new installation says.
#[derive(Clone)]
pub struct Starter<'a> {
    /// The admin key, freshly drawn by the caller.
    pub api_key: &'a str,
    /// Whether an engine answered, so that isolation starts switched on.
    pub isolation: bool,
    /// The address of the HTTP door, if another than the usual one was asked for.
    pub listen: Option<&'a str>,
}

impl Starter<'_> {
    /// The text of the file.
    pub fn text(&self) -> String {
        let value: Value = json!({
            "listen": self.listen.unwrap_or("127.0.0.1:8080"),
            "api_key": self.api_key,
            "require_mcp_auth": true,
            "docker_isolation": { "enabled": self.isolation },
            "mcpServers": [],
        });
        let mut text = crate::edit::pretty(&value, "  ", "\n", "");
        text.push('\n');
        text
    }
}
