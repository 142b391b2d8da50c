//! Taking servers over from other clients: what could be taken, and doing it for those the person chose.
use std::collections::BTreeSet;

use mcpproxy_clients::{
    self as files, ClientError,
    import::{self, Candidate, Place},
};
use mcpproxy_config::ServerConfig;
use mcpproxy_secrets::{Secret, StoreError, mask};

use super::{ClientFailure, blocking, known, locked, taking::is_same};
use crate::{Command, CommandError, Core, Explanation, offline};

/// A value that looks like a secret and would move to the keyring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPlace {
    /// `env`, `header` or `argument`.
    pub kind: &'static str,
    /// The variable, header or argument.
    pub name: String,
    /// The value's outline.
    pub masked: String,
}

/// A server that could be imported.
#[derive(Debug, Clone)]
pub struct Importable {
    /// Stable while the server stays as it is.
    pub id: String,
    /// A name that is free.
    pub name: String,
    /// `stdio`, `remote` or `docker`.
    pub kind: &'static str,
    /// The ids of the clients that have it, and what it is called there.
    pub clients: Vec<(&'static str, String)>,
    /// The files it stands in.
    pub files: Vec<String>,
    /// Program and arguments, or the address; secrets masked.
    pub line: Vec<String>,
    /// Whether it is worth taking as it is: the person's own, on, not here already, nothing left open.
    pub ticked: bool,
    /// It is turned off there.
    pub disabled: bool,
    /// The server of ours that is the same.
    pub exists: Option<String>,
    /// Values that would move to the keyring.
    pub secrets: Vec<SecretPlace>,
    /// Folders that its arguments name; each is granted only if the person says so.
    pub folders: Vec<String>,
    /// References that it would get, to be confirmed by name.
    pub references: Vec<String>,
    /// Words that mean nothing here; the server needs an edit.
    pub unknown_words: Vec<String>,
    /// Settings that are left out, by key.
    pub left_out: Vec<String>,
    /// What it would see, with all folders granted.
    pub explanation: Option<Explanation>,
}

/// A client whose servers could not be read.
#[derive(Debug, Clone)]
pub struct Unread {
    /// The client.
    pub client: &'static str,
    /// The code of what is wrong.
    pub code: &'static str,
    /// The sentence.
    pub sentence: String,
}

/// What a person chose of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportChoice {
    /// Which one.
    pub id: String,
    /// Another name for it.
    pub name: Option<String>,
    /// The folders it may read and write.
    pub folders: Vec<String>,
}

/// What became of one server.
#[derive(Debug, Clone)]
pub struct ImportedServer {
    /// Which one.
    pub id: String,
    /// Its name here.
    pub name: String,
    /// The references that stand for its secrets now.
    pub secrets: Vec<String>,
    /// Why it was not taken.
    pub failure: Option<ImportFailure>,
}

/// Why a server was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFailure {
    /// The stable code.
    pub code: &'static str,
    /// The sentence.
    pub sentence: String,
}

impl From<&CommandError> for ImportFailure {
    fn from(error: &CommandError) -> Self {
        Self { code: error.code(), sentence: error.to_string() }
    }
}

impl From<&StoreError> for ImportFailure {
    fn from(error: &StoreError) -> Self {
        Self { code: error.code(), sentence: error.to_string() }
    }
}

impl Core {
    /// The servers of all clients, or of one, and the clients that could not be read.
    ///
    /// # Errors
    /// When there is no client of this id.
    pub async fn importable(
        &self,
        from: Option<&str>,
    ) -> Result<(Vec<Importable>, Vec<Unread>), ClientFailure> {
        let (candidates, unread) = self.candidates(from).await?;
        let mut found = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            found.push(self.importable_view(candidate).await);
        }
        Ok((found, unread))
    }

    async fn candidates(&self, from: Option<&str>) -> Result<(Vec<Candidate>, Vec<Unread>), ClientFailure> {
        let only = from.map(known).transpose()?.map(|client| client.id);
        let around = self.surroundings();
        let consent = locked(&self.inner.clients.consent).clone();
        let config = self.config();
        blocking(move || {
            let (mut servers, mut unread) = (Vec::new(), Vec::new());
            let wanted = files::clients().iter().filter(|client| only.is_none_or(|only| only == client.id));
            for client in wanted.filter(|client| client.is_there(&around)) {
                let read = if client.needs_consent(&around) && !consent.contains(client.id) {
                    Err(ClientError::NeedsConsent { client: client.name })
                } else {
                    import::servers(client, &around)
                };
                match read {
                    Ok(found) => servers.extend(found),
                    Err(error) => unread.push(Unread {
                        client: client.id,
                        code: error.code(),
                        sentence: error.to_string(),
                    }),
                }
            }
            (import::merge(servers, |name| config.servers.contains_key(name)), unread)
        })
        .await
    }

    async fn importable_view(&self, candidate: Candidate) -> Importable {
        let config = self.config();
        let exists = config.servers.values().find(|server| is_same(&candidate.entry, server));
        let exists = exists.map(|server| server.name.clone());
        let name = exists.clone().unwrap_or_else(|| candidate.name.clone());
        let entry = &candidate.entry;
        let open = !candidate.unknown_words.is_empty();
        let own_container = candidate.kind == import::Kind::Docker;
        // What came with somebody's code is taken only by who asks for it.
        let own = candidate.origins.iter().any(|origin| !origin.shared);
        let line = match entry.command {
            Some(_) => mask::arguments(&entry.line()),
            None => entry.line().iter().map(|url| mask::address(url)).collect(),
        };
        Importable {
            ticked: own && !entry.disabled && exists.is_none() && !open && !own_container,
            kind: candidate.kind.id(),
            clients: candidate.origins.iter().map(|one| (one.client.id, one.name.clone())).collect(),
            files: candidate.origins.iter().map(|one| one.file.clone()).collect(),
            line,
            disabled: entry.disabled,
            exists,
            secrets: candidate.secrets.iter().map(|secret| place(secret, entry)).collect(),
            explanation: self.explain_candidate(&candidate).await,
            folders: candidate.folders,
            references: candidate.references,
            unknown_words: candidate.unknown_words,
            left_out: candidate.entry.left_out,
            id: candidate.id,
            name,
        }
    }

    /// What a server would see if it was here with all its folders.
    async fn explain_candidate(&self, candidate: &Candidate) -> Option<Explanation> {
        let (server, _) = candidate.server(&candidate.name, &candidate.folders, |secret| secret.name.clone());
        let server = ServerConfig::from_value(&server).ok()?;
        let mut config = (*self.config()).clone();
        config.servers.insert(candidate.name.clone(), server);
        self.inner.planner.explain(&config, &candidate.name).await.ok()
    }

    /// Takes the chosen servers over; each stands or falls alone. Their secrets go to the keyring first.
    ///
    /// # Errors
    /// When the clients' files cannot be looked at.
    pub async fn import(&self, choices: &[ImportChoice]) -> Result<Vec<ImportedServer>, ClientFailure> {
        let (candidates, _) = self.candidates(None).await?;
        let vault = offline::vault(&self.inner.settings);
        let mut names: BTreeSet<String> = vault.list().await.unwrap_or_default().into_iter().collect();
        let mut done = Vec::with_capacity(choices.len());
        for choice in choices {
            let Some(candidate) = candidates.iter().find(|candidate| candidate.id == choice.id) else {
                done.push(not_found(choice));
                continue;
            };
            let config = self.config();
            let same = config.servers.values().find(|server| is_same(&candidate.entry, server));
            if let Some(same) = same.filter(|_| choice.name.is_none()) {
                let failure = CommandError::ServerExists { name: same.name.clone() };
                done.push(ImportedServer {
                    id: candidate.id.clone(),
                    name: same.name.clone(),
                    secrets: Vec::new(),
                    failure: Some(ImportFailure::from(&failure)),
                });
                continue;
            }
            let name = choice.name.clone().unwrap_or_else(|| candidate.name.clone());
            done.push(self.import_one(candidate, name, choice, &vault, &mut names).await);
        }
        Ok(done)
    }

    async fn import_one(
        &self,
        candidate: &Candidate,
        name: String,
        choice: &ImportChoice,
        vault: &offline::Vault,
        names: &mut BTreeSet<String>,
    ) -> ImportedServer {
        let known = names.clone();
        let (server, secrets) =
            candidate.server(&name, &choice.folders, |secret| secret_name(secret, &known));
        let mut kept = Vec::new();
        let mut failure = None;
        for (secret, value) in secrets {
            match vault.set(&secret, Secret::new(value)).await {
                Ok(_) => kept.push(secret),
                Err(error) => {
                    failure = Some(ImportFailure::from(&error));
                    break;
                }
            }
        }
        if failure.is_none() {
            failure = self.command(Command::Add { server }).await.err().as_ref().map(ImportFailure::from);
        }
        if failure.is_some() {
            for secret in kept.drain(..) {
                if let Err(error) = vault.delete(&secret).await {
                    tracing::warn!(code = error.code(), "a secret of a server that was not imported stays");
                }
            }
        }
        names.extend(kept.iter().cloned());
        let secrets = kept.iter().map(|secret| format!("${{keyring:{secret}}}")).collect();
        ImportedServer { id: candidate.id.clone(), name, secrets, failure }
    }
}

fn not_found(choice: &ImportChoice) -> ImportedServer {
    ImportedServer {
        id: choice.id.clone(),
        name: choice.name.clone().unwrap_or_default(),
        secrets: Vec::new(),
        failure: Some(ImportFailure {
            code: "import_unknown",
            sentence: mcpproxy_messages::render("import_unknown", &[]),
        }),
    }
}

/// A name that holds no other secret.
fn secret_name(secret: &import::SecretValue, known: &BTreeSet<String>) -> String {
    let plain = [secret.name.clone(), secret.long_name.clone()].into_iter();
    let numbered = (2..).map(|number| format!("{}-{number}", secret.long_name));
    plain.chain(numbered).find(|name| !known.contains(name)).unwrap_or_default()
}

fn place(secret: &import::SecretValue, entry: &files::Entry) -> SecretPlace {
    let (kind, name) = match &secret.place {
        Place::Env(name) => ("env", name.clone()),
        Place::Header(name) => ("header", name.clone()),
        Place::Argument(at, behind) => {
            let arg = entry.args.get(*at).map(String::as_str).unwrap_or_default();
            ("argument", arg.get(..*behind).unwrap_or_default().trim_end_matches(['=', ':', ' ']).to_owned())
        }
    };
    SecretPlace { kind, name, masked: mask::value(&secret.value) }
}
