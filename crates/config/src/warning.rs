//! What is worth saying about a configuration that nevertheless works.

use crate::Position;

/// Something worth saying about a configuration that nevertheless works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The server whose setting it is.
    pub server: Option<String>,
    /// The key, with its parents.
    pub key: String,
    /// Where in the file.
    pub at: Option<Position>,
}

/// The kinds of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WarningKind {
    /// Nobody knows this key; it is kept and has no effect.
    UnknownKey,
    /// This key did something once and no longer does.
    DeprecatedKey,
    /// `enabled` is absent, which means on.
    EnabledAbsent,
    /// A number or a truth value stands where text belongs; it is taken as text.
    TakenAsText,
    /// An address and a command stand together; only the address is used.
    CommandUnused,
    /// The name inside an entry differs from the one it stands under, which holds.
    NameIgnored,
    /// `mode: sandbox` is not available; the switch `enabled` decides.
    ModeUnavailable,
}

impl WarningKind {
    /// The stable name of this kind.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownKey => "config_unknown_key",
            Self::DeprecatedKey => "config_deprecated_key",
            Self::EnabledAbsent => "config_enabled_absent",
            Self::TakenAsText => "config_taken_as_text",
            Self::CommandUnused => "config_command_unused",
            Self::NameIgnored => "config_name_ignored",
            Self::ModeUnavailable => "config_mode_unavailable",
        }
    }
}
