//! A change as it would be: what a server could reach before and after it, and whether it starts anew. Nothing is
//! written.

use mcpproxy_config::{Config, Document};
use serde_json::Value;

use crate::{
    Command, CommandError, Core, Explanation, Unprotected, exemptions,
    servers::blueprint::Blueprint,
    steward::{self, file},
};

/// What a change of one server would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePreview {
    /// What it can reach now.
    pub before: Explanation,
    /// What it could reach then.
    pub after: Explanation,
    /// It would end and start anew.
    pub restarts: bool,
    /// It would take effect without that.
    pub applies_at_once: bool,
    /// Calls of it that run now.
    pub running_calls: usize,
}

impl Core {
    /// What a merge patch over a server's entry would do.
    ///
    /// # Errors
    /// When there is no such server, the change is not allowed, or what it leaves could not work.
    pub async fn preview_change(&self, name: &str, patch: Value) -> Result<ChangePreview, CommandError> {
        let path = self.inner.paths.config.clone();
        let ends = exemptions::is_ended_by(&patch);
        let command = Command::Change { name: name.to_owned(), patch };
        let work = tokio::task::spawn_blocking(move || changed(&path, &command));
        let (old, new) = work.await.map_err(|_| CommandError::Closed)??;
        let unknown = || CommandError::UnknownServer { name: name.to_owned() };
        let before = old.servers.get(name).ok_or_else(unknown)?;
        let after = new.servers.get(name).ok_or_else(unknown)?;
        let unprotected = self.snapshot().servers.get(name).and_then(|view| view.unprotected);
        let kept: Option<Unprotected> =
            unprotected.filter(|_| !ends && exemptions::runs_the_same(before, after));
        let (now, then) = (exemptions::effective(before, unprotected), exemptions::effective(after, kept));
        let differs = Blueprint::new(&old, &now) != Blueprint::new(&new, &then);
        let runs =
            |server: &mcpproxy_config::ServerConfig| server.enabled && server.quarantined != Some(true);
        let restarts = (differs && runs(after)) || runs(before) != runs(after);
        Ok(ChangePreview {
            before: self.inner.planner.explain_server(&old, &now).await,
            after: self.inner.planner.explain_server(&new, &then).await,
            restarts,
            applies_at_once: !restarts,
            running_calls: self.gateway().calls_at(name),
        })
    }
}

/// The configuration before and after a command, in memory only.
fn changed(path: &std::path::Path, command: &Command) -> Result<(Config, Config), CommandError> {
    let broken = |error: mcpproxy_config::ConfigError| CommandError::FileBroken { error: error.to_string() };
    let mut document = Document::load(path).map_err(broken)?;
    let before = document.config().clone();
    for edit in &steward::edits(command, &before)? {
        file::apply(&mut document, edit)?;
    }
    Ok((before, document.config().clone()))
}
