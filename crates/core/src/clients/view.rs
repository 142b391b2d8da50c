//! A client as it is shown: what its file says, whether it was really heard of, and what comes next.
use jiff::Timestamp;
use mcpproxy_clients::{Client, Condition, Found, port};

use super::locked;
use crate::{Core, Finding, Severity};

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientState {
    /// Nothing of it is on this computer.
    Absent,
    /// It is there and does not use MCPProxy.
    NotConnected,
    /// Our entry is in its file; it was not heard of since the program started.
    Waiting,
    /// It was heard of.
    Connected,
    /// Its entry leads to an address where this program does not answer.
    Elsewhere,
    /// Our entry was written and is gone again.
    Removed,
    /// Its file cannot be read, or not without asking the person.
    Trouble,
}

impl ClientState {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::NotConnected => "not_connected",
            Self::Waiting => "waiting",
            Self::Connected => "connected",
            Self::Elsewhere => "elsewhere",
            Self::Removed => "removed",
            Self::Trouble => "trouble",
        }
    }
}

/// What the person does so that a client reads its file again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// What it is: `quit_and_open`, `mcp_command`, `by_itself`, `start_entry`, `restart`, `refresh`.
    pub key: &'static str,
    /// The sentence.
    pub text: String,
}

/// A client.
#[derive(Debug, Clone)]
pub struct ClientView {
    /// The stable id, also the name of its key.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Where it stands.
    pub state: ClientState,
    /// The sentence for that.
    pub sentence: String,
    /// Its file, as people write the path.
    pub path: String,
    /// Its file as the system knows it.
    pub file: std::path::PathBuf,
    /// It starts a process instead of opening an address.
    pub stdio_only: bool,
    /// Other servers in its file.
    pub others: usize,
    /// When it was last heard of.
    pub seen_at: Option<Timestamp>,
    /// The code of what is wrong.
    pub problem: Option<&'static str>,
    /// Line and column of a mistake in its file.
    pub position: Option<(usize, usize)>,
    /// The port that its entry leads to, where that is not ours.
    pub port: Option<u16>,
    /// The newest change of its file can be undone.
    pub can_undo: bool,
    /// What comes after connecting it.
    pub next_step: NextStep,
}

impl ClientView {
    /// What is wrong with it, for whoever looks for what is wrong; a client that is not used here has nothing wrong.
    fn finding(&self) -> Option<Finding> {
        let code = match self.state {
            ClientState::Elsewhere => "client_elsewhere",
            ClientState::Removed => "client_entry_removed",
            ClientState::Trouble => self.problem.filter(|problem| *problem != "client_needs_consent")?,
            _ => return None,
        };
        let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
        let fields = vec![
            ("client", self.name.to_owned()),
            ("file", self.path.clone()),
            ("line", number(self.position.map(|(line, _)| line))),
            ("port", number(self.port.map(usize::from))),
            ("id", self.id.to_owned()),
        ];
        Some(Finding { severity: Severity::Note, code, server: None, fields })
    }
}

impl Core {
    /// What is wrong with clients' files and connections.
    pub async fn client_findings(&self) -> Vec<Finding> {
        let clients = self.clients().await.unwrap_or_default();
        clients.iter().filter_map(ClientView::finding).collect()
    }
}

pub(super) fn next_step(client: &Client) -> NextStep {
    let key = match client.pickup {
        "quit_and_open" => "client_next_quit_and_open",
        "mcp_command" => "client_next_mcp_command",
        "by_itself" => "client_next_by_itself",
        "start_entry" => "client_next_start_entry",
        "refresh" => "client_next_refresh",
        _ => "client_next_restart",
    };
    let text = mcpproxy_messages::render(key, &[("client", client.name)]);
    NextStep { key: client.pickup, text }
}

pub(super) fn view(core: &Core, found: Found, can_undo: bool, expected: bool) -> ClientView {
    let client = found.client;
    let seen_at = locked(&core.inner.clients.heard).get(client.id).copied();
    let wanted_port = port(&core.endpoint_url());
    let (mut others, mut problem, mut position, mut elsewhere) = (0, None, None, None);
    let mut fields: Vec<(&str, String)> = vec![("client", client.name.to_owned())];
    let mut sentence = None;
    let state = match found.condition {
        Condition::Absent => ClientState::Absent,
        Condition::Trouble(error) => {
            (problem, position, sentence) = (Some(error.code()), error.position(), Some(error.to_string()));
            ClientState::Trouble
        }
        Condition::Readable { ours: Some(entry), others: count } => {
            others = count;
            let port = entry.url.as_deref().and_then(port);
            if entry.url.is_some() && port != wanted_port {
                problem = Some("client_elsewhere");
                elsewhere = Some(port.unwrap_or(80));
                fields.push(("port", port.unwrap_or(80).to_string()));
                ClientState::Elsewhere
            } else if seen_at.is_some() {
                ClientState::Connected
            } else {
                ClientState::Waiting
            }
        }
        Condition::Readable { ours: None, others: count } => {
            others = count;
            if expected { ClientState::Removed } else { ClientState::NotConnected }
        }
        Condition::NoFile if expected => ClientState::Removed,
        Condition::NoFile => ClientState::NotConnected,
    };
    let key = match state {
        ClientState::Absent => "client_absent",
        ClientState::NotConnected | ClientState::Trouble => "client_not_connected",
        ClientState::Waiting => "client_waiting",
        ClientState::Connected => "client_connected",
        ClientState::Elsewhere => "client_elsewhere",
        ClientState::Removed => "client_entry_removed",
    };
    let fields: Vec<(&str, &str)> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
    ClientView {
        id: client.id,
        name: client.name,
        state,
        sentence: sentence.unwrap_or_else(|| mcpproxy_messages::render(key, &fields)),
        path: found.shown,
        file: found.path,
        stdio_only: client.http.is_none(),
        others,
        seen_at,
        problem,
        position,
        port: elsewhere,
        can_undo,
        next_step: next_step(client),
    }
}
