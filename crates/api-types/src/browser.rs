//! The browser's way in: a code, and the token it is exchanged for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Answer of `POST /api/v1/ui/code`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UiCode {
    /// A file for the person's browser that leads to the pages; it goes with the code.
    pub file: String,
    /// The same address for a person to type; it holds the code, so it never stands in a command line.
    pub url: String,
    /// The address of the pages without a code.
    pub address: String,
    /// How long the code is good.
    pub expires_seconds: u64,
}

/// Body of `POST /ui/session`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UiSessionBody {
    /// The code behind `#code=`.
    pub code: String,
}

/// Answer of `POST /ui/session`.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct UiSession {
    /// Sent with each request as `Authorization: Bearer`; it ends twelve hours after its last use.
    pub token: String,
}
