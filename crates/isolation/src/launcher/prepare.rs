//! What a preparing container runs: a small shell script of ours, and the words it gets.

use crate::spec::Text;

/// The scripts, each in a file of its own with its comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// A tool from PyPI into `/mcpproxy/tools`, its command in `/mcpproxy/bin`.
    UvTool,
    /// What a project or a list of packages needs, into `/mcpproxy/venv`.
    UvProject,
    /// Packages from npm into `/mcpproxy/app`.
    Npm,
}

impl Script {
    /// The text that `sh -c` runs.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UvTool => include_str!("prepare/uv_tool.sh"),
            Self::UvProject => include_str!("prepare/uv_project.sh"),
            Self::Npm => include_str!("prepare/npm.sh"),
        }
    }

    /// Neutral variables of the preparing container.
    pub const fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::UvTool | Self::UvProject => &[
                ("UV_CACHE_DIR", "/mcpproxy/cache"),
                ("UV_TOOL_DIR", "/mcpproxy/tools"),
                ("UV_TOOL_BIN_DIR", "/mcpproxy/bin"),
                ("UV_PYTHON_DOWNLOADS", "never"),
                ("UV_PYTHON_PREFERENCE", "only-system"),
                ("UV_LINK_MODE", "copy"),
                ("UV_NO_PROGRESS", "1"),
                ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
                ("PIP_NO_INPUT", "1"),
                ("PIP_PROGRESS_BAR", "off"),
                ("PIP_ROOT_USER_ACTION", "ignore"),
            ],
            Self::Npm => &[
                ("npm_config_cache", "/mcpproxy/npm"),
                ("npm_config_update_notifier", "false"),
                ("npm_config_fund", "false"),
                ("npm_config_audit", "false"),
                ("npm_config_yes", "true"),
                ("npm_config_progress", "false"),
                // Its own patience, nearly three minutes, is longer than a person's.
                ("npm_config_fetch_retries", "2"),
                ("npm_config_fetch_retry_mintimeout", "1000"),
                ("npm_config_fetch_retry_maxtimeout", "5000"),
            ],
        }
    }
}

/// One preparing step.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepare {
    /// What runs.
    pub script: Script,
    /// Its words, from `$1` on.
    pub args: Vec<Text>,
    /// Index addresses that the command named; they may hold a password.
    pub env: Vec<(String, Text)>,
    /// Folders of this computer that it reads.
    pub folders: Vec<String>,
}
