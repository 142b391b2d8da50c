//! What would be: a change before it is made, a pasted text before it is added. And what is: the protection of all.

use crate::{Explanation, ExplanationLine};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /api/v1/servers/{id}/preview`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PreviewBody {
    /// The merge patch, as `PATCH /api/v1/servers/{id}` takes it.
    #[schema(value_type = Object)]
    pub patch: serde_json::Value,
}

/// Answer of `POST /api/v1/servers/{id}/preview`: nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The server.
    pub server: String,
    /// What it can reach now.
    pub before: Explanation,
    /// What it could reach then.
    pub after: Explanation,
    /// Lines of `after` that `before` has not.
    pub added: Vec<ExplanationLine>,
    /// Lines of `before` that `after` has not.
    pub removed: Vec<ExplanationLine>,
    /// It would end and start anew.
    pub restarts: bool,
    /// It would take effect without that.
    pub applies_at_once: bool,
    /// Requests that it works on now.
    pub running_calls: usize,
}

/// Body of `POST /api/v1/servers/parse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParseBody {
    /// What was pasted.
    pub text: String,
}

/// Answer of `POST /api/v1/servers/parse`: nothing was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Parsed {
    /// `command`, `address`, `json` or `nothing`.
    pub kind: String,
    /// The servers in it.
    pub servers: Vec<ParsedServer>,
    /// What is wrong with the text as a whole.
    pub problems: Vec<ParseProblem>,
}

/// One server of a pasted text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParsedServer {
    /// A name that is free.
    pub name: String,
    /// The entry for `POST /api/v1/servers`, as it was pasted: secrets are in it.
    #[schema(value_type = Object)]
    pub entry: serde_json::Value,
    /// Variables and headers whose values look like secrets.
    pub secrets: Vec<String>,
    /// Variables that it wants and that have no value.
    pub missing: Vec<String>,
    /// References, each to be confirmed by name when it is added.
    pub references: Vec<String>,
    /// Settings of the client that are not taken along.
    pub left_out: Vec<String>,
    /// What has to be changed before it can work.
    pub problems: Vec<ParseProblem>,
    /// What it could reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// Something that is wrong with a pasted text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParseProblem {
    /// The stable code.
    pub code: String,
    /// The sentence.
    pub message: String,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

/// Answer of `GET /api/v1/security`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Security {
    /// The global isolation switch.
    pub isolation_enabled: bool,
    /// Servers in containers of ours.
    pub isolated: usize,
    /// Servers with all rights of the person.
    pub unprotected: usize,
    /// Servers that are held.
    pub held: usize,
    /// Servers on other computers.
    pub elsewhere: usize,
    /// Servers in containers of their own commands' making.
    pub own_container: usize,
    /// Servers that are turned off.
    pub off: usize,
    /// All servers, in the order of the file.
    pub servers: Vec<ServerSecurity>,
}

/// The protection of one server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServerSecurity {
    /// The server.
    pub server: String,
    /// `isolated`, `unprotected`, `held`, `elsewhere`, `own_container` or `off`.
    pub protection: String,
    /// What it may reach, in plain sentences.
    pub lines: Vec<ExplanationLine>,
    /// Why it may not run as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What is weaker than it could be, the worst first.
    pub weaknesses: Vec<Weakness>,
}

/// Something that is weaker than it could be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Weakness {
    /// The stable code.
    pub code: String,
    /// The configuration key that decides it.
    pub key: String,
    /// The value in force.
    pub value: String,
    /// What it means.
    pub text: String,
    /// The merge patch for `PATCH /api/v1/servers/{id}` that closes it; absent where the entry has to be thought about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Object)]
    pub close: Option<serde_json::Value>,
}

/// Answer of `PATCH /api/v1/config`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingsOutcome {
    /// The keys that were written.
    pub changed: Vec<String>,
    /// Servers that start anew because of it.
    pub restarted: Vec<String>,
    /// Keys whose new value takes effect at the next start only.
    pub needs_restart: Vec<String>,
}

/// Body of `POST /api/v1/servers/undo_remove`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UndoRemove {
    /// The server that was removed; the last one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
