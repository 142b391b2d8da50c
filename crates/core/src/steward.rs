//! The one task that owns the configuration and the servers' tasks: it carries out commands, notices edits of the
//! file, and applies exactly the difference.
mod edits;
pub(crate) mod file;
mod gateway;
pub(crate) mod removed;
mod settings;
mod watch;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use mcpproxy_config::{Config, Document, Global, diff};
use mcpproxy_isolation::engine::EngineWatch;
use mcpproxy_login_env::Environment;
use mcpproxy_messages::phrases;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

pub(crate) use edits::edits;
pub(crate) use gateway::options as gateway_options;
pub(crate) use watch::FileWatch;

use crate::{
    Command, CommandError, Edit, Origin, Outcome, Phase, offline,
    servers::{
        Configuration, Context, Order, Server,
        blueprint::{Blueprint, isolation_ignored},
    },
};
use crate::{
    Span,
    exemptions::{Exemptions, effective, is_ended_by},
};
use file::{File, Look};

/// Wishes that may wait; callers wait for room.
pub(crate) const WISHES: usize = 64;
/// How long all servers together may take to end. With what comes after them the whole end takes ten seconds at most.
const END: Duration = Duration::from_secs(8);
/// How long taking packages away may hold the end up; what is left goes at the next one.
const TIDY: Duration = Duration::from_secs(1);
/// How long the answers that are under way may take, once no server is left to give more.
const DRAIN: Duration = Duration::from_secs(1);

/// What the steward is asked.
pub(crate) enum Wish {
    /// Carry out a command.
    Command { command: Command, origin: Origin, reply: oneshot::Sender<Result<Outcome, CommandError>> },
    /// Something happened to the file.
    FileChanged,
    /// End everything.
    Shutdown,
}

/// The task's state.
pub(crate) struct Steward {
    pub context: Arc<Context>,
    pub document: Document,
    pub file: File,
    pub config: tokio::sync::watch::Sender<Arc<Config>>,
    pub engine: EngineWatch,
    pub pause: crate::pause::Pause,
    pub removed: removed::Removed,
    pub exemptions: Exemptions,
    /// Servers that begin or end to be exempted with the next change that is applied.
    pub moved: HashSet<String>,
    pub servers: HashMap<String, Server>,
    /// Servers that were removed and still end.
    pub leaving: Vec<Server>,
    /// Servers whose ignored wish for isolation was said already.
    pub warned: HashSet<String>,
    pub wishes: mpsc::Receiver<Wish>,
    pub finder: crate::start::FinderSource,
}

impl Steward {
    /// Applies the first configuration and serves until shutdown.
    pub(crate) async fn run(mut self) {
        self.apply(None).await;
        self.context.board.set_phase(Phase::Running);
        let mut environment = self.context.environment.clone();
        loop {
            let wish = tokio::select! {
                wish = self.wishes.recv() => wish,
                // The login shell answered late: what a server missed at its start may be there now.
                Ok(()) = environment.changed() => {
                    let known = Arc::clone(&environment.borrow_and_update());
                    self.hear(&known);
                    self.retry().await;
                    continue;
                }
                () = due(self.exemptions.next_look(Timestamp::now())) => {
                    self.end_exemptions().await;
                    continue;
                }
            };
            let Some(wish) = wish else { break };
            match wish {
                Wish::Command { command, origin, reply } => {
                    let outcome = self.command(command.clone()).await;
                    match &outcome {
                        // Here and not by the caller, who may have given up: what was done is recorded.
                        Ok(outcome) => {
                            let record = crate::activity::commanded(&command, outcome, origin);
                            record.into_iter().for_each(|record| self.context.activity.put(record));
                        }
                        Err(error) => tracing::info!(code = error.code(), "command refused: {error}"),
                    }
                    // Its caller may be gone; what was done is done.
                    let _ = reply.send(outcome);
                }
                Wish::FileChanged => self.look(false).await,
                Wish::Shutdown => break,
            }
        }
        self.wishes.close();
        self.end().await;
    }

    async fn command(&mut self, command: Command) -> Result<Outcome, CommandError> {
        let before = Arc::clone(&self.config.borrow());
        let undo = self.undo(&command);
        let mut affected = Vec::new();
        let mut written = Vec::new();
        match &command {
            Command::Restart { name } => {
                edits(&command, &before)?;
                self.tell(name, || Order::Restart).await;
                affected.push(name.clone());
            }
            Command::CancelPreparation { name } => {
                edits(&command, &before)?;
                let snapshot = self.context.board.snapshot();
                if snapshot.servers.get(name).is_none_or(|server| server.progress().is_none()) {
                    return Err(CommandError::NothingToCancel { name: name.clone() });
                }
                self.tell(name, || Order::CancelPreparation).await;
                affected.push(name.clone());
            }
            Command::RestartAll => {
                for name in before.servers.keys() {
                    self.tell(name, || Order::Restart).await;
                    affected.push(name.clone());
                }
            }
            Command::Reload => self.look(true).await,
            Command::CheckEngine => self.engine.check_now(),
            Command::Pause | Command::Resume => {
                let pausing = command == Command::Pause;
                let moved = if pausing { self.pause.begin() } else { self.pause.end() };
                affected.extend(before.servers.keys().filter(|_| moved).cloned());
            }
            Command::UndoRemove { name } => {
                edits(&command, &before)?;
                let server = self.removed.last(name.as_deref()).ok_or(CommandError::NothingToUndo)?;
                (written, affected) = self.edit(Command::Add { server: server.clone() }).await?;
                self.removed.forget(&server);
            }
            Command::Unprotect { name, span } => {
                edits(&command, &before)?;
                affected = self.unprotect(name, *span).await?;
            }
            Command::Isolate { name, on } => {
                let (name, on) = (name.clone(), *on);
                let planned = edits(&command, &before)?;
                let exempted =
                    before.servers.get(&name).is_some_and(|known| self.exemptions.of(known).is_some());
                if exempted && on {
                    // First of all, and whatever becomes of the file: it says so already.
                    affected = self.end_exemption(&name).await;
                }
                if !exempted || !planned.is_empty() {
                    let (edits, others) = self.edit(command).await?;
                    written = edits;
                    affected.extend(others);
                }
                if exempted && !on {
                    affected.extend(self.end_exemption(&name).await);
                }
            }
            Command::Change { name, patch } if is_ended_by(patch) => {
                let name = name.clone();
                (written, affected) = self.edit(command).await?;
                affected.extend(self.end_exemption(&name).await);
            }
            _ => (written, affected) = self.edit(command).await?,
        }
        if let Some(entry) = &undo {
            self.removed.note(entry.clone());
        }
        let board = &self.context.board;
        let needs_restart = board.snapshot().file.needs_restart.clone();
        Ok(Outcome { revision: board.revision(), edits: written, affected, undo, needs_restart })
    }

    /// Lets a server out of its container for a while.
    async fn unprotect(&mut self, name: &str, span: Span) -> Result<Vec<String>, CommandError> {
        let config = Arc::clone(&self.config.borrow());
        let Some(server) = config.servers.get(name) else {
            return Err(CommandError::UnknownServer { name: name.to_owned() });
        };
        self.exemptions.grant(server, span, Timestamp::now()).map_err(|error| {
            CommandError::ExemptionNotSaved { path: self.exemptions.path().to_owned(), error }
        })?;
        tracing::warn!(name, ?span, "runs without isolation for a while");
        self.moved.insert(name.to_owned());
        Ok(self.apply(Some(&config)).await)
    }

    /// Takes an exemption back; what the configuration says of the server holds from now on.
    async fn end_exemption(&mut self, name: &str) -> Vec<String> {
        let config = Arc::clone(&self.config.borrow());
        if self.exemptions.revoke(name) {
            self.moved.insert(name.to_owned());
        }
        self.apply(Some(&config)).await
    }

    /// Brings servers back into their containers whose time is over.
    async fn end_exemptions(&mut self) {
        let config = Arc::clone(&self.config.borrow());
        let ended = self.exemptions.sweep(&config, Timestamp::now());
        if ended.is_empty() {
            return;
        }
        tracing::info!(servers = ended.join(", "), "isolated again: its time without isolation is over");
        self.moved.extend(ended);
        self.apply(Some(&config)).await;
    }

    /// The entry that a removal takes away.
    fn undo(&self, command: &Command) -> Option<serde_json::Value> {
        let Command::Remove { name } = command else { return None };
        self.document.entry(name)
    }

    /// Writes what a command wants and applies the difference.
    async fn edit(&mut self, mut command: Command) -> Result<(Vec<Edit>, Vec<String>), CommandError> {
        if let Command::Add { server: serde_json::Value::Object(entry) } = &mut command {
            entry.entry("created").or_insert_with(|| format!("{:.0}", Timestamp::now()).into());
        }
        let (document, written) = self.file.edit(move |document| edits(&command, document.config())).await?;
        let old = std::mem::replace(&mut self.document, document);
        let affected = self.apply(Some(old.config())).await;
        Ok((written, affected))
    }

    /// Reads the file again; a `touch` or an asked reload also retries what waits.
    async fn look(&mut self, asked: bool) {
        match self.file.look(self.document.text()).await {
            Look::Unchanged if !asked => {}
            Look::Unchanged | Look::Touched => {
                self.fine();
                tracing::info!(
                    "configuration read again, nothing changed in it; servers that wait try again"
                );
                self.retry().await;
            }
            Look::New(document) => {
                let old = std::mem::replace(&mut self.document, *document);
                let affected = self.apply(Some(old.config())).await;
                tracing::info!(affected = affected.join(", "), "configuration applied");
                self.context.activity.put(crate::activity::file_edited(&affected));
                if asked {
                    self.retry().await;
                }
            }
            Look::Broken(error) => {
                let problem = file::problem(&error);
                tracing::error!(
                    code = problem.code,
                    "{} The last good configuration stays in use.",
                    problem.sentence
                );
                self.context.board.set_file(|view| view.problem = Some(Arc::new(problem)));
            }
        }
    }

    /// The file can be used, whatever was wrong with it before.
    fn fine(&self) {
        self.context.board.set_file(|view| {
            view.problem = None;
            view.read_at = Timestamp::now();
        });
    }

    /// The login shell may name another engine than the one that this process knew of.
    fn hear(&mut self, environment: &Environment) {
        let finder = self.finder.clone().with(&environment.now());
        if finder.names_the_engine_of(&self.finder) {
            return;
        }
        tracing::info!("the login shell names another engine");
        self.engine.set_finder(finder.finder(self.document.config().isolation.endpoint.clone()));
        self.finder = finder;
    }

    async fn retry(&mut self) {
        for server in self.servers.values() {
            server.order(Order::Retry).await;
        }
    }

    async fn tell(&self, name: &str, order: impl Fn() -> Order) {
        if let Some(server) = self.servers.get(name) {
            server.order(order()).await;
        }
    }

    /// Makes the document the configuration in force: starts, changes and ends exactly the servers that differ.
    async fn apply(&mut self, old: Option<&Config>) -> Vec<String> {
        let config = Arc::new(self.document.config().clone());
        // An entry that runs something else now, or is gone, takes no exemption along.
        self.moved.extend(self.exemptions.sweep(&config, Timestamp::now()));
        self.warn_about(&config);
        let globals = old.map(|old| diff(old, &config).globals).unwrap_or_default();
        self.config.send_replace(Arc::clone(&config));
        self.context.activity.configure(&config);
        self.context.gateway.set_options(gateway_options(&config, &self.context.version));
        self.context.gateway.set_expected(expected(&config));
        self.fine();
        self.note_restarts(&globals);
        if globals.contains(&Global::Endpoint) {
            self.engine.set_finder(self.finder.finder(config.isolation.endpoint.clone()));
        }
        self.context.board.set_engine(|engine| engine.isolation_enabled = config.isolation.enabled);
        self.context.board.arrange(config.servers.keys().cloned().collect());
        let mut affected = self.remove_missing(&config).await;
        affected.extend(self.place(old, &config).await);
        self.context.board.note_servers(affected.clone());
        affected
    }

    async fn remove_missing(&mut self, config: &Config) -> Vec<String> {
        let gone: Vec<String> =
            self.servers.keys().filter(|name| !config.servers.contains_key(*name)).cloned().collect();
        for name in &gone {
            if let Some(server) = self.servers.remove(name) {
                server.order(Order::Leave).await;
                self.leaving.retain(|server| !server.is_over());
                self.leaving.push(server);
            }
        }
        gone
    }

    /// Hands every server its settings; returns those whose blueprint or switch differs.
    async fn place(&mut self, old: Option<&Config>, config: &Config) -> Vec<String> {
        let mut affected = Vec::new();
        let moved = std::mem::take(&mut self.moved);
        for (name, server) in &config.servers {
            let before = old.and_then(|old| old.servers.get(name).map(|server| (old, server)));
            let unprotected = self.exemptions.of(server);
            let blueprint = Arc::new(Blueprint::new(config, &effective(server, unprotected)));
            let same = !moved.contains(name)
                && before.is_some_and(|(old, before)| {
                    Blueprint::new(old, &effective(before, unprotected)) == *blueprint
                        && (before.enabled, before.quarantined) == (server.enabled, server.quarantined)
                });
            if !same {
                affected.push(name.clone());
            }
            let settings = Configuration {
                config: Arc::new(server.clone()),
                blueprint,
                isolation_ignored: isolation_ignored(config, server),
                unprotected,
            };
            let taken = match self.servers.get(name) {
                Some(known) => known.configure(settings.clone()).await,
                None => false,
            };
            if !taken {
                let fresh = Server::spawn(Arc::clone(&self.context), &settings);
                fresh.configure(settings).await;
                self.servers.insert(name.clone(), fresh);
            }
        }
        affected
    }

    /// Says once for each server that its own wish for isolation does nothing while the global switch is off.
    fn warn_about(&mut self, config: &Config) {
        for server in config.servers.values().filter(|server| isolation_ignored(config, server)) {
            if self.warned.insert(server.name.clone()) {
                let hint = "turn docker_isolation.enabled on, or run: mcpproxy isolate NAME on";
                tracing::warn!(server = server.name, hint, "{}", phrases::OPT_IN_IGNORED);
            }
        }
        let notes = offline::warning_sentences(&self.document);
        for (warning, sentence) in notes.iter() {
            let (server, key) = (warning.server.as_deref(), warning.key.as_str());
            if self.warned.insert(format!("{}:{}:{key}", warning.kind.code(), server.unwrap_or_default())) {
                tracing::warn!(config_server = server, key, code = warning.kind.code(), "{sentence}");
            }
        }
        let sentences: Vec<String> = notes.into_iter().map(|(_, sentence)| sentence).collect();
        if self.context.board.snapshot().file.notes != sentences {
            self.context.board.set_file(|view| view.notes = sentences);
        }
    }

    /// Notes what takes effect at the next start only.
    fn note_restarts(&self, globals: &std::collections::BTreeSet<Global>) {
        let keys = [
            (Global::Listen, "listen"),
            (Global::DataDir, "data_dir"),
            (Global::Logging, "logging"),
            (Global::ShellEnvironment, "shell_environment"),
        ];
        let changed: Vec<&'static str> =
            keys.into_iter().filter(|(global, _)| globals.contains(global)).map(|(_, key)| key).collect();
        if changed.is_empty() {
            return;
        }
        self.context.board.set_file(|view| {
            for key in changed {
                if !view.needs_restart.contains(&key) {
                    view.needs_restart.push(key);
                }
            }
        });
    }

    /// Ends clients' sessions and all servers, side by side and bounded; who does not end in time is left to the
    /// lease of its container and to the reaper.
    async fn end(&mut self) {
        self.context.board.set_phase(Phase::Stopping);
        tracing::info!(servers = self.servers.len(), "shutting down");
        for server in self.servers.values() {
            server.order(Order::Leave).await;
        }
        let mut ending: Vec<Server> = self.servers.drain().map(|(_, server)| server).collect();
        ending.append(&mut self.leaving);
        let all = async {
            for server in &mut ending {
                server.ended().await;
            }
        };
        if timeout(END, all).await.is_err() {
            tracing::warn!("not every server ended within eight seconds");
        }
        for server in &ending {
            server.abort();
        }
        if timeout(DRAIN, self.context.gateway.shutdown()).await.is_err() {
            tracing::warn!("not every answer was sent before the end");
        }
        self.tidy_up().await;
    }

    /// Takes the packages of removed servers away, now that nobody can want a removal undone.
    async fn tidy_up(&self) {
        let Some(engine) = self.context.engine.borrow().clone() else { return };
        let configured = self.config.borrow().servers.keys().cloned().collect();
        let tidy = engine.reap_packages(&self.context.planner.instance, &configured);
        match timeout(TIDY, tidy).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "packages of removed servers stay until the next end"),
            Err(_) => tracing::debug!("packages of removed servers stay until the next end"),
        }
    }
}

/// Waits for so long; for ever where there is nothing to wait for.
async fn due(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

/// Servers that clients may wait for.
fn expected(config: &Config) -> Vec<String> {
    let wanted = config.servers.values().filter(|server| server.enabled && server.quarantined != Some(true));
    wanted.map(|server| server.name.clone()).collect()
}
