//! The anonymous counters, which are shown and never sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The counters, as they would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TelemetryPayload {
    /// The engine can really be used.
    pub server_docker_available_bool: bool,
    /// Servers that are configured for isolation, whether or not they run; 0 while the global switch is off.
    pub server_docker_isolated_count: usize,
}

/// Answer of `GET /api/v1/telemetry`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Telemetry {
    /// Whether the person agreed (`telemetry.enabled`); off unless set.
    pub enabled: bool,
    /// What overrules the configuration, such as `DO_NOT_TRACK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled_by: Option<String>,
    /// Always false: this version has nowhere to send to.
    pub sends: bool,
    /// All that would be sent, once a day.
    pub payload: TelemetryPayload,
}
