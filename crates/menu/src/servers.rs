//! The servers' rows: each a submenu with its switches, grouped when there are many.

use crate::{
    command::{Command, Id},
    entry::{Entry, Item, Submenu},
    input::{Input, Mend, Phase, Protection, Server, Stand},
    words::{glyph, line, name, say, state},
};

/// As many servers stand in the menu itself.
const MOST_INLINE: usize = 10;
/// Longest sentence on one line.
const LONGEST_SENTENCE: usize = 80;

/// The groups below "All servers", each with the stands it holds.
const GROUPS: [(&str, &[Stand]); 4] = [
    ("needs_you", &[Stand::NeedsYou, Stand::WaitsForEngine]),
    ("running", &[Stand::Running]),
    ("asleep", &[Stand::Asleep]),
    ("off", &[Stand::Off]),
];

pub(crate) fn rows(input: &Input) -> Vec<Entry> {
    let starting = input.phase == Phase::Starting;
    let row = |server: &Server| if starting { plain(server) } else { submenu(server, false) };
    if input.servers.len() <= MOST_INLINE {
        return input.servers.iter().map(row).collect();
    }
    let mut rows: Vec<Entry> = input
        .servers
        .iter()
        .filter(|server| server.stand == Stand::NeedsYou)
        .take(MOST_INLINE)
        .map(row)
        .collect();
    rows.push(all(input));
    rows
}

/// While everything starts a server is only named.
fn plain(server: &Server) -> Entry {
    let id = Id { command: Command::Show(server.name.clone()), listed: false };
    Entry::Item(Item { id, text: label(server), enabled: true, checked: None })
}

fn all(input: &Input) -> Entry {
    let groups = GROUPS.iter().filter_map(|(key, stands)| {
        let members: Vec<&Server> =
            input.servers.iter().filter(|server| stands.contains(&server.stand)).collect();
        let text = say(&format!("menu_group_{key}"), &[("servers", &members.len().to_string())]);
        (!members.is_empty()).then(|| {
            Entry::Submenu(Submenu {
                id: Id { command: Command::Group((*key).to_owned()), listed: true },
                text,
                entries: members.into_iter().map(|server| submenu(server, true)).collect(),
            })
        })
    });
    Entry::Submenu(Submenu {
        id: Id { command: Command::Group("all".to_owned()), listed: true },
        text: say("menu_all_servers", &[("servers", &input.servers.len().to_string())]),
        entries: groups.collect(),
    })
}

fn label(server: &Server) -> String {
    let (glyph, who) = (glyph(server).to_string(), name(&server.name));
    match state(server) {
        Some(word) => say("menu_server_state", &[("glyph", &glyph), ("server", &who), ("state", &word)]),
        None => say("menu_server", &[("glyph", &glyph), ("server", &who)]),
    }
}

fn submenu(server: &Server, listed: bool) -> Entry {
    let of = |command: fn(String) -> Command| Id { command: command(server.name.clone()), listed };
    let item = |command: fn(String) -> Command, text: String| {
        Entry::Item(Item { id: of(command), text, enabled: true, checked: None })
    };
    let switch = |command: fn(String) -> Command, key: &str, on: bool| {
        Entry::Item(Item { id: of(command), text: say(key, &[]), enabled: true, checked: Some(on) })
    };
    let mut entries = vec![
        item(Command::Show, line(&server.sentence, LONGEST_SENTENCE)),
        item(Command::Protection, protection(server)),
        Entry::Separator,
    ];
    if server.is_isolatable() {
        entries.push(switch(
            Command::ToggleIsolation,
            "menu_isolation",
            server.protection == Protection::Isolated,
        ));
    }
    entries.push(switch(Command::ToggleServer, "menu_turned_on", server.enabled));
    if server.enabled {
        entries.push(item(Command::Restart, say("menu_restart", &[])));
    }
    entries.push(item(Command::ServerLogs, say("menu_server_logs", &[])));
    if let Some(Mend::RaiseMemory { to }) = &server.mend {
        entries.push(Entry::Separator);
        entries.push(item(Command::RaiseMemory, say("menu_raise_memory", &[("limit", to)])));
    }
    Entry::Submenu(Submenu { id: of(Command::Server), text: label(server), entries })
}

fn protection(server: &Server) -> String {
    match server.protection {
        Protection::Isolated => say("menu_isolated", &[]),
        Protection::Unprotected { minutes_left: Some(minutes) } => {
            say("menu_unprotected_for", &[("minutes", &minutes.to_string())])
        }
        Protection::Unprotected { minutes_left: None } => say("menu_unprotected_here", &[]),
        Protection::OwnContainer => say("state_own_container", &[]),
        Protection::Elsewhere => say("state_elsewhere", &[]),
    }
}
