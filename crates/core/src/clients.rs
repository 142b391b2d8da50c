//! Other AI clients: what is known of each, connecting them and letting them go, and taking their servers over.
//!
//! The files are `mcpproxy-clients`' business. Here lies what needs the running program: the key of each client, which
//! servers may leave a client's file because they answer here, and who was really heard of.
mod import;
mod keys;
mod taking;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use mcpproxy_clients::{self as files, Action, Backups, Client, ClientError, Ours, Plan, Surroundings};
use mcpproxy_secrets::Secret;

use crate::{Command, CommandError, Core};

pub use import::{ImportChoice, ImportFailure, Importable, ImportedServer, SecretPlace, Unread};
pub use keys::KeyView;
pub use mcpproxy_clients::{Line as DifferenceLine, Undone};
pub use view::{ClientState, ClientView, NextStep};

/// Clients that are remembered at most.
const MOST_HEARD: usize = 256;
/// How long a client's newest request may be seen late: a busy one would change every snapshot otherwise.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_secs(5);

/// What is remembered of clients while the program runs.
#[derive(Default)]
pub(crate) struct Memory {
    /// When each was last heard of, by the name of its key.
    heard: Mutex<BTreeMap<String, Timestamp>>,
    /// Those whose file the person let us look into.
    consent: Mutex<BTreeSet<&'static str>>,
    /// One change of clients' files and keys at a time.
    turn: tokio::sync::Mutex<()>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What shall be done with a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAction {
    /// Our entry goes into its file.
    Connect {
        /// The entries that leave its file; none means all those whose servers answer here.
        take: Option<Vec<String>>,
    },
    /// Our entry goes out again.
    Disconnect,
}

/// A change of a client's file that was not made yet.
#[derive(Debug, Clone)]
pub struct ClientPreview {
    /// The client.
    pub client: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The file as people write its path.
    pub path: String,
    /// The difference, secrets masked; empty when there is nothing to do.
    pub difference: Vec<DifferenceLine>,
    /// Names exactly this change.
    pub fingerprint: String,
    /// Entries that leave the file.
    pub taken: Vec<String>,
    /// Entries whose servers are known here and do not answer yet; they stay in the file.
    pub waiting: Vec<String>,
    /// What the person does afterwards.
    pub next_step: NextStep,
}

/// Why something could not be done with clients, imports or keys.
#[derive(Debug, thiserror::Error)]
pub enum ClientFailure {
    /// There is no client of this id.
    #[error("There is no client named {id}. Run: mcpproxy clients list")]
    Unknown {
        /// What was asked for.
        id: String,
    },
    /// Its file cannot be read or written.
    #[error("{0}")]
    File(#[from] ClientError),
    /// The configuration cannot be changed.
    #[error("{0}")]
    Command(#[from] CommandError),
    /// An entry would leave the file before its server answers here.
    #[error("{entry} stays in {client}: its server does not answer in MCPProxy yet.")]
    NotReady {
        /// The client.
        client: &'static str,
        /// The entry.
        entry: String,
    },
    /// There is no key of this name.
    #[error("There is no key named {name}. Run: mcpproxy keys list")]
    UnknownKey {
        /// The name.
        name: String,
    },
    /// The name of a key cannot be used.
    #[error("{name} cannot name a key. Use up to 64 letters, digits, dots, dashes and underscores.")]
    KeyName {
        /// The name.
        name: String,
    },
    /// A key of this name already exists.
    #[error("A key named {name} already exists. Revoke it first, or choose another name.")]
    KeyExists {
        /// The name.
        name: String,
    },
    /// A task ended without its answer.
    #[error("MCPProxy is shutting down.")]
    Closed,
}

impl ClientFailure {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "client_unknown",
            Self::File(error) => error.code(),
            Self::Command(error) => error.code(),
            Self::NotReady { .. } => "client_server_not_ready",
            Self::UnknownKey { .. } => "key_unknown",
            Self::KeyName { .. } => "key_name",
            Self::KeyExists { .. } => "key_exists",
            Self::Closed => "shutting_down",
        }
    }
}

impl Core {
    /// All clients that could be connected, with what is known of each.
    ///
    /// # Errors
    /// Only while the program ends.
    pub async fn clients(&self) -> Result<Vec<ClientView>, ClientFailure> {
        let (around, backups) = (self.surroundings(), self.backups());
        let consent = locked(&self.inner.clients.consent).clone();
        let look = move || {
            let clients = files::clients().iter();
            clients
                .map(|client| {
                    let found = files::detect(client, &around, consent.contains(client.id));
                    (found, backups.has(client), backups.expects_entry(client))
                })
                .collect::<Vec<_>>()
        };
        let found = blocking(look).await?;
        Ok(found.into_iter().map(|(found, undo, expected)| view::view(self, found, undo, expected)).collect())
    }

    /// One client.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn client(&self, id: &str) -> Result<ClientView, ClientFailure> {
        let client = known(id)?;
        let all = self.clients().await?;
        all.into_iter().find(|view| view.id == client.id).ok_or(ClientFailure::Closed)
    }

    /// Looks into a client's file where the system asks the person first, now and until the program ends.
    ///
    /// # Errors
    /// When there is no client of this id.
    pub async fn look_into_client(&self, id: &str) -> Result<ClientView, ClientFailure> {
        locked(&self.inner.clients.consent).insert(known(id)?.id);
        self.client(id).await
    }

    /// What a change of a client's file would be, without making it.
    ///
    /// # Errors
    /// When the client or its file does not allow it.
    pub async fn preview_client(
        &self,
        id: &str,
        action: ClientAction,
    ) -> Result<ClientPreview, ClientFailure> {
        let client = known(id)?;
        let (action, waiting) = self.meant(client, action).await?;
        let key = self.key_of(client);
        let plan = self.draw(client, action, key).await?;
        Ok(preview(client, &plan, waiting))
    }

    /// Makes exactly the change that `fingerprint` names. A client that gets connected has a key from then on, one
    /// that is let go has none.
    ///
    /// # Errors
    /// When the file, or what would be written, is not what the person saw; nothing is written then.
    pub async fn change_client(
        &self,
        id: &str,
        action: ClientAction,
        fingerprint: &str,
    ) -> Result<ClientPreview, ClientFailure> {
        let client = known(id)?;
        let _turn = self.inner.clients.turn.lock().await;
        let (action, waiting) = self.meant(client, action).await?;
        let known_key = self.key_of(client);
        let plan = self.draw(client, action.clone(), known_key.clone()).await?;
        if plan.fingerprint != fingerprint {
            return Err(ClientError::Changed { client: client.name }.into());
        }
        let done = preview(client, &plan, waiting);
        let connects = matches!(action, Action::Connect { .. });
        let fresh = connects && known_key.is_none() && client.http.is_some();
        let plan = if fresh {
            let key = crate::random::key();
            self.put_key(client.id, Some(Secret::new(key.clone()))).await?;
            self.draw(client, action, Some(key)).await
        } else {
            Ok(plan)
        };
        let written = match plan {
            Ok(plan) => self.write(plan).await,
            Err(error) => Err(error),
        };
        // A key that nobody got, or that nobody has any more, opens nothing.
        if (written.is_err() && fresh) || (written.is_ok() && !connects) {
            self.put_key(client.id, None).await?;
        }
        written?;
        self.inner.board.note(crate::ChangeKind::Clients, Vec::new());
        tracing::info!(
            client = client.id,
            path = done.path,
            connected = connects,
            "a client's file was changed"
        );
        Ok(done)
    }

    /// Takes the newest change of a client's file back: byte for byte if nobody edited it since, else only what was
    /// ours. The client's key follows what stands in its file then.
    ///
    /// # Errors
    /// When there is nothing to undo, or the file is broken.
    pub async fn undo_client(&self, id: &str) -> Result<Undone, ClientFailure> {
        let client = known(id)?;
        let _turn = self.inner.clients.turn.lock().await;
        let (around, backups) = (self.surroundings(), self.backups());
        let (undone, key) = blocking(move || {
            let undone = backups.undo(client, &around)?;
            Ok::<_, ClientError>((undone, files::key_in_file(client, &around)))
        })
        .await??;
        match key {
            Ok(Some(key)) if self.key_of(client).as_ref() != Some(&key) => {
                self.put_key(client.id, Some(Secret::new(key))).await?;
            }
            Ok(None) if self.key_of(client).is_some() => self.put_key(client.id, None).await?,
            _ => {}
        }
        self.inner.board.note(crate::ChangeKind::Clients, Vec::new());
        tracing::info!(
            client = client.id,
            path = undone.path,
            whole = undone.whole,
            "a client's file was restored"
        );
        Ok(undone)
    }

    /// Notes that a client was heard of, by the name of its key.
    pub fn client_heard(&self, name: &str) {
        let now = Timestamp::now();
        {
            let mut heard = locked(&self.inner.clients.heard);
            let fresh = heard.get(name).is_some_and(|before| now.duration_since(*before) < FRESH);
            if fresh || (heard.len() >= MOST_HEARD && !heard.contains_key(name)) {
                return;
            }
            heard.insert(name.to_owned(), now);
        }
        self.inner.board.note_client(name, now);
    }

    /// Draws a change of a client's file.
    async fn draw(
        &self,
        client: &'static Client,
        action: Action,
        key: Option<String>,
    ) -> Result<Plan, ClientFailure> {
        let (around, ours) = (self.surroundings(), self.our_entry(client));
        Ok(blocking(move || Plan::draw(client, &around, &ours, &action, key.as_deref())).await??)
    }

    async fn write(&self, plan: Plan) -> Result<(), ClientFailure> {
        let (around, backups) = (self.surroundings(), self.backups());
        Ok(blocking(move || plan.write(&around, &backups)).await??)
    }

    fn surroundings(&self) -> Surroundings {
        let settings = &self.inner.settings;
        Surroundings::new(settings.home.clone(), files::System::current(), settings.environment.clone())
    }

    fn backups(&self) -> Backups {
        Backups::in_data_dir(&self.inner.paths.data_dir)
    }

    /// What our entry says in this client's file.
    fn our_entry(&self, client: &Client) -> Ours {
        let (settings, paths) = (&self.inner.settings, &self.inner.paths);
        let mut args = vec!["stdio".to_owned(), "--client".to_owned(), client.id.to_owned()];
        if settings.config.is_some() {
            args.extend(["--config".to_owned(), paths.config.display().to_string()]);
        }
        if paths.data_dir != settings.home.join(".mcpproxy") {
            args.extend(["--data-dir".to_owned(), paths.data_dir.display().to_string()]);
        }
        Ours { url: self.endpoint_url(), program: program(settings.program.as_deref()), args }
    }

    /// The address of the endpoint as programs on this computer reach it.
    fn endpoint_url(&self) -> String {
        let listen = self.snapshot().listen.clone();
        let (host, port) = listen.rsplit_once(':').unwrap_or((&listen, "8080"));
        let host = if matches!(host, "" | "0.0.0.0" | "[::]") { "127.0.0.1" } else { host };
        format!("http://{host}:{port}/mcp")
    }
}

/// The program that clients start: the one that was named, else the one beside this one.
fn program(named: Option<&Path>) -> String {
    let beside = || {
        let folder = std::env::current_exe().ok()?.parent()?.to_owned();
        Some(folder.join(format!("mcpproxy{}", std::env::consts::EXE_SUFFIX))).filter(|path| path.is_file())
    };
    let path = named.map(Path::to_owned).or_else(beside).unwrap_or_else(|| PathBuf::from("mcpproxy"));
    path.display().to_string()
}

fn known(id: &str) -> Result<&'static Client, ClientFailure> {
    files::find(id).ok_or_else(|| ClientFailure::Unknown { id: id.to_owned() })
}

fn preview(client: &'static Client, plan: &Plan, waiting: Vec<String>) -> ClientPreview {
    ClientPreview {
        client: client.id,
        name: client.name,
        path: plan.path.clone(),
        difference: plan.difference.clone(),
        fingerprint: plan.fingerprint.clone(),
        taken: plan.taken().into_iter().map(str::to_owned).collect(),
        waiting,
        next_step: view::next_step(client),
    }
}

/// Files may lie on slow disks: never on a thread that serves others.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ClientFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ClientFailure::Closed)
}

impl Core {
    async fn put_key(&self, name: &str, key: Option<Secret>) -> Result<(), ClientFailure> {
        self.command(Command::SetKey { name: name.to_owned(), key }).await?;
        Ok(())
    }
}
