//! The health object that terminal, tray and pages show unchanged.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a server is, computed in the core and displayed as it is everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// How bad it is.
    pub level: HealthLevel,
    /// What the person decided about the server.
    pub admin_state: AdminState,
    /// A few literal words, such as `Connected (3 tools)`; scripts compare them.
    pub summary: String,
    /// The whole text behind the summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The most likely next step; empty when there is none.
    #[serde(default)]
    pub action: HealthAction,
}

/// Level of a health object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthLevel {
    /// Nothing to do.
    Healthy,
    /// Works, with a limit.
    Degraded,
    /// Does not work.
    Unhealthy,
}

/// What the person decided about a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdminState {
    /// Turned on.
    Enabled,
    /// Turned off.
    Disabled,
    /// Held until the person looks at it.
    Quarantined,
}

/// The action a health object proposes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthAction {
    /// Nothing to do.
    #[default]
    #[serde(rename = "")]
    None,
    /// Sign in to the service.
    Login,
    /// Restart the server.
    Restart,
    /// Turn the server on.
    Enable,
    /// Look at it and approve it.
    Approve,
    /// Read its log.
    ViewLogs,
    /// Give a missing secret a value.
    SetSecret,
    /// Correct its settings.
    Configure,
}
