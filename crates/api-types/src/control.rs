//! Pausing everything, and wishes to the window.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A pause that lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Paused {
    /// RFC 3339 of its beginning.
    pub since: String,
    /// No call runs any more, and the servers stand still.
    pub settled: bool,
}

/// Answer of `POST /api/v1/pause` and `/resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseOutcome {
    /// The pause that lasts now.
    pub paused: Option<Paused>,
    /// Whether this request changed anything.
    pub changed: bool,
}

/// Body of `POST /api/v1/wish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WishBody {
    /// `show`, `open-logs`, `quit` or `hidden`.
    pub wish: String,
}
