//! Other AI clients: their state, changes of their files, servers to import, keys.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientState {
    /// Nothing of it is on this computer.
    Absent,
    /// It is there and does not use MCPProxy.
    NotConnected,
    /// Its file has our entry; it was not heard of since the program started.
    Waiting,
    /// It was heard of.
    Connected,
    /// Its entry leads to another port.
    Elsewhere,
    /// Our entry was written and is gone again.
    Removed,
    /// Its file cannot be read, or not without asking the person.
    Trouble,
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Client {
    /// Its id, also the name of its key.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub state: ClientState,
    /// The sentence for that.
    pub sentence: String,
    /// Its file, as people write the path.
    pub path: String,
    /// Its file, as the system knows it.
    pub file: String,
    /// It starts a process instead of opening an address.
    pub stdio_only: bool,
    /// How many other servers its file has.
    pub others: usize,
    /// When it was last heard of (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<String>,
    /// What is wrong, as a code: `client_file_broken`, `client_data_refused`, `client_needs_consent`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Line of the mistake in its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The newest change of its file can be undone.
    pub can_undo: bool,
    /// What comes after it was connected.
    pub next_step: NextStep,
}

/// What a person does so that a client reads its file again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextStep {
    /// `quit_and_open`, `mcp_command`, `by_itself`, `start_entry`, `restart` or `refresh`.
    pub key: String,
    /// The sentence.
    pub text: String,
}

/// All clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientList {
    /// The most used first.
    pub clients: Vec<Client>,
}

/// What shall happen to a client's file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAction {
    /// Our entry goes in.
    #[default]
    Connect,
    /// Our entry goes out.
    Disconnect,
}

/// Body of `POST /api/v1/clients/{id}/preview`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientPreviewBody {
    /// What shall happen.
    #[serde(default)]
    pub action: ClientAction,
    /// Entries that leave the file; absent means all whose servers answer here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take: Option<Vec<String>>,
}

/// Body of `…/connect` and `…/disconnect`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientChangeBody {
    /// From the preview that the person saw.
    pub fingerprint: String,
    /// As in the preview's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take: Option<Vec<String>>,
}

/// A change of a client's file, before or after it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientChange {
    /// The client.
    pub client: String,
    /// What people call it.
    pub name: String,
    /// The file, as people write its path.
    pub path: String,
    /// The difference, secrets masked; empty when there is nothing to do.
    pub diff: Vec<DiffLine>,
    /// Names exactly this change.
    pub fingerprint: String,
    /// Entries that leave the file.
    pub taken: Vec<String>,
    /// Entries that stay until their servers answer here.
    pub waiting: Vec<String>,
    /// What comes after it.
    pub next_step: NextStep,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiffLine {
    /// `" "` unchanged, `"+"` added, `"-"` removed, `"@"` the place where a stretch begins.
    pub kind: String,
    /// The line.
    pub text: String,
}

/// Answer of `…/undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientUndone {
    /// The file, as people write its path.
    pub path: String,
    /// Byte for byte what it was; else only our own changes were taken back.
    pub whole: bool,
}

/// Servers that could be imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportList {
    /// The servers, equal ones merged.
    pub servers: Vec<ImportableServer>,
    /// Clients whose files could not be read.
    pub unread: Vec<UnreadClient>,
}

/// A server that could be imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportableServer {
    /// Stable while the server stays as it is.
    pub id: String,
    /// A name that is free.
    pub name: String,
    /// `stdio`, `remote` or `docker`.
    pub kind: String,
    /// The clients that have it.
    pub clients: Vec<ImportOrigin>,
    /// Program and arguments, or the address; secrets masked.
    pub line: Vec<String>,
    /// Worth taking as it is.
    pub ticked: bool,
    /// Turned off there.
    pub disabled: bool,
    /// The server of ours that is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<String>,
    /// Values that would move to the keyring.
    pub secrets: Vec<ImportSecret>,
    /// Folders that its arguments name; granted only if the import says so.
    pub folders: Vec<String>,
    /// References that the import has to confirm by name.
    pub references: Vec<String>,
    /// Words that mean nothing here; the server needs an edit.
    pub unknown_words: Vec<String>,
    /// Settings that are left out, by key.
    pub left_out: Vec<String>,
    /// What it would see with all folders granted, in sentences.
    pub explain: Vec<crate::ExplanationLine>,
}

/// Where a server was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportOrigin {
    /// The client.
    pub client: String,
    /// What it is called there.
    pub name: String,
    /// The file.
    pub file: String,
}

/// A value that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportSecret {
    /// `env`, `header` or `argument`.
    pub place: String,
    /// The variable, header or argument.
    pub name: String,
    /// The value's outline.
    pub masked: String,
}

/// A client whose file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnreadClient {
    /// The client.
    pub client: String,
    /// What is wrong, as a code.
    pub code: String,
    /// The sentence.
    pub sentence: String,
}

/// Body of `POST /api/v1/import`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportBody {
    /// The chosen servers.
    pub servers: Vec<ImportChoice>,
    /// References of theirs, each confirmed by writing it here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirm_references: Vec<String>,
}

/// A chosen server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportChoice {
    /// Its id from the list.
    pub id: String,
    /// Another name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The folders of the list that it may read and write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folders: Vec<String>,
}

/// Answer of `POST /api/v1/import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportOutcome {
    /// One row for each chosen server.
    pub servers: Vec<ImportedServer>,
}

/// What became of a chosen server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedServer {
    /// Its id from the list.
    pub id: String,
    /// Its name here.
    pub name: String,
    /// It was added.
    pub added: bool,
    /// The references that stand for its secrets now.
    pub secrets: Vec<String>,
    /// Why it was not added, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sentence for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The keys of single clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyList {
    /// In the order of the file.
    pub keys: Vec<ClientKey>,
}

/// A key without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientKey {
    /// Its name.
    pub name: String,
    /// Its outline.
    pub masked: String,
    /// When it was last used since the program started (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<String>,
}

/// Body of `POST /api/v1/keys`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyBody {
    /// Up to 64 letters, digits, dots, dashes and underscores.
    pub name: String,
}

/// A new key; its value is told this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewKey {
    /// Its name.
    pub name: String,
    /// Its value.
    pub key: String,
}

/// The value stays out of logs.
impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("name", &self.name).finish_non_exhaustive()
    }
}
