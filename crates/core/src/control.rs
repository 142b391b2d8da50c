//! What the gateway asks of the core: the operations of the `upstream_servers` tool, in the shapes its users know.
mod rows;

use std::sync::{Arc, OnceLock, Weak};

use mcpproxy_gateway::{Control, ControlError, ControlFuture, ServerBrief, ServersOperation};
use serde_json::{Value, json};

use crate::{Command, CommandError, Core, LogSource, Origin, core::Inner};

/// Lines of a log that are answered at most.
const MOST_LINES: usize = 500;

/// The core's side of the gateway; it is made first and learns of the core when that is complete.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<OnceLock<Weak<Inner>>>);

impl Desk {
    /// Hands the core over, once. It is held weakly: the core owns the gateway, which owns this.
    pub(crate) fn open(&self, core: &Core) {
        let _ = self.0.set(Arc::downgrade(&core.inner));
    }

    fn held(&self) -> Option<Core> {
        Some(Core { inner: self.0.get()?.upgrade()? })
    }

    fn core(&self) -> Result<Core, ControlError> {
        self.held()
            .ok_or_else(|| failed("starting", "MCPProxy is starting or ending. Try again in a moment."))
    }

    async fn carry_out(&self, operation: ServersOperation) -> Result<Value, ControlError> {
        let core = &self.core()?;
        let arguments = &operation.arguments;
        let word = operation.operation.as_str();
        if word == "list" {
            return Ok(rows::list(core));
        }
        let name = operation.name.as_deref().ok_or_else(|| failed("name_missing", "`name` is missing."))?;
        match word {
            "enable" | "disable" => {
                core.command_by(Origin::Mcp, Command::Enable { name: name.to_owned(), on: word == "enable" })
                    .await?;
                Ok(json!({"success": true, "server": name, "action": format!("{word}d")}))
            }
            "restart" | "refresh" => {
                core.command_by(Origin::Mcp, Command::Restart { name: name.to_owned() }).await?;
                let action = if word == "restart" { "restarted" } else { "refreshed" };
                Ok(json!({"success": true, "server": name, "action": action}))
            }
            "tail_log" => tail_log(core, name, arguments).await,
            "add" => {
                let mut server = rows::entry(name, arguments)?;
                if core.config().quarantine_enabled {
                    server["quarantined"] = json!(true);
                }
                core.command_by(Origin::Mcp, Command::Add { server }).await?;
                Ok(rows::added(core, name))
            }
            "remove" => {
                core.command_by(Origin::Mcp, Command::Remove { name: name.to_owned() }).await?;
                Ok(json!({"id": name, "name": name, "removed": true}))
            }
            "update" | "patch" => {
                let mut patch = rows::entry(name, arguments)?;
                patch.as_object_mut().map(|patch| patch.shift_remove("name"));
                if core.config().quarantine_enabled && rows::decides_what_runs(&patch) {
                    patch["quarantined"] = json!(true);
                }
                core.command_by(Origin::Mcp, Command::Change { name: name.to_owned(), patch }).await?;
                let enabled = core.config().servers.get(name).is_some_and(|server| server.enabled);
                Ok(json!({"id": name, "name": name, "updated": true, "enabled": enabled}))
            }
            _ => Err(failed("operation_unknown", format!("The operation {word} is not known."))),
        }
    }
}

async fn tail_log(core: &Core, name: &str, arguments: &Value) -> Result<Value, ControlError> {
    let unknown = || CommandError::UnknownServer { name: name.to_owned() };
    let view = core.snapshot().servers.get(name).cloned().ok_or_else(unknown)?;
    let asked = arguments.get("lines").and_then(Value::as_u64).unwrap_or(50);
    let asked = usize::try_from(asked).unwrap_or(MOST_LINES).clamp(1, MOST_LINES);
    let read = core.logs().tail(LogSource::Server(name.to_owned()), asked).await;
    let lines = read.map_err(|error| failed("log_unreadable", format!("The log cannot be read: {error}")))?;
    let lines: Vec<String> = lines.iter().map(crate::LogLine::text).collect();
    Ok(json!({
        "server_name": name,
        "lines_requested": asked,
        "lines_returned": lines.len(),
        "log_lines": lines,
        "server_status": {"enabled": view.config.enabled, "state": view.state.id()},
        "connection_status": rows::connection_status(&view),
    }))
}

impl Control for Desk {
    fn upstream_servers(&self, operation: ServersOperation) -> ControlFuture<'_> {
        Box::pin(self.carry_out(operation))
    }

    fn server_state(&self, name: &str) -> Option<ServerBrief> {
        let snapshot = self.held()?.snapshot();
        snapshot.servers.get(name).map(|view| rows::brief(view))
    }

    fn servers(&self) -> Vec<ServerBrief> {
        let Some(core) = self.held() else { return Vec::new() };
        core.snapshot().servers.values().map(|view| rows::brief(view)).collect()
    }
}

impl From<CommandError> for ControlError {
    fn from(error: CommandError) -> Self {
        Self { code: error.code(), message: error.to_string() }
    }
}

fn failed(code: &'static str, message: impl Into<String>) -> ControlError {
    ControlError { code, message: message.into() }
}
