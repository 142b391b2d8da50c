//! The frame around every REST answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A successful answer: `{"success": true, "data": …}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Success<T> {
    /// Always `true`.
    pub success: bool,
    /// What was asked for.
    pub data: T,
}

impl<T> Success<T> {
    /// Wraps `data` in the frame.
    pub fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// A failed answer: `{"success": false, "error": "…", "request_id": "…"}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Always `false`.
    pub success: bool,
    /// What happened, to what, and what to do next.
    pub error: String,
    /// Stable code of the failure, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The id that the log lines of this request carry.
    pub request_id: String,
}
