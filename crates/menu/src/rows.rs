//! The whole menu, from the first line to Quit.

use crate::{
    command::{Command, Id},
    entry::{Entry, Item, Menu},
    input::{Autostart, Input, Mend, Phase, Server, Stand},
    servers,
    status::{count, headline},
    words::{line, lower, name, say},
};

/// How many lines may name what needs a person, and how many what is unprotected.
const MOST_LINES: usize = 3;
/// Longest reason of a failed start on one line.
const LONGEST_REASON: usize = 90;

/// The menu for what is true.
pub fn menu(input: &Input) -> Menu {
    let mut rows = vec![item(Command::Status, headline(input))];
    if input.crashed && input.phase != Phase::Quitting {
        rows.push(item(Command::CrashReport, say("menu_crashed", &[])));
    }
    match &input.phase {
        Phase::Failed { reason } => {
            rows.push(off(Command::Engine, line(reason, LONGEST_REASON)));
            rows.push(item(Command::TryAgain, say("menu_try_again", &[])));
        }
        Phase::Quitting => {}
        Phase::Starting | Phase::Running => {
            rows.extend(today(input));
            rows.extend(attention(input));
            rows.extend(unprotected(input));
            rows.push(Entry::Separator);
            rows.extend(servers::rows(input));
            if !input.servers.is_empty() {
                rows.push(Entry::Separator);
            }
            rows.extend(engine(input));
            rows.extend(pause(input));
        }
    }
    if input.phase == Phase::Quitting {
        return Menu(rows);
    }
    if matches!(input.phase, Phase::Failed { .. }) {
        rows.push(Entry::Separator);
    }
    rows.push(item(Command::Open, say("menu_open", &[])));
    rows.push(item(Command::Logs, say("menu_logs", &[])));
    rows.push(Entry::Separator);
    rows.extend(autostart(input.autostart));
    if !matches!(input.phase, Phase::Failed { .. }) {
        rows.push(item(Command::Settings, say("menu_settings", &[])));
    }
    rows.push(item(Command::Quit, say("menu_quit", &[])));
    Menu(rows)
}

pub(crate) fn item(command: Command, text: String) -> Entry {
    Entry::Item(Item { id: Id { command, listed: false }, text, enabled: true, checked: None })
}

/// A line that only informs.
fn off(command: Command, text: String) -> Entry {
    Entry::Item(Item { id: Id { command, listed: false }, text, enabled: false, checked: None })
}

fn ticked(command: Command, text: String, on: bool) -> Entry {
    Entry::Item(Item { id: Id { command, listed: false }, text, enabled: true, checked: Some(on) })
}

fn today(input: &Input) -> Option<Entry> {
    let today = input.today?;
    let (calls, failed, blocked) =
        (today.calls.to_string(), today.failed.to_string(), today.blocked.to_string());
    let text = say("menu_today", &[("calls", &calls), ("failed", &failed), ("blocked", &blocked)]);
    Some(item(Command::Activity, text))
}

/// Up to three lines that name a server and its verb.
fn attention(input: &Input) -> Vec<Entry> {
    let needing = input.servers.iter().filter(|server| server.stand == Stand::NeedsYou);
    needing.take(MOST_LINES).map(attend).collect()
}

fn attend(server: &Server) -> Entry {
    let who = name(&server.name);
    let word = lower(&mcpproxy_messages::word(&server.code));
    match &server.mend {
        Some(Mend::RaiseMemory { to }) => item(
            Command::Attend(server.name.clone()),
            say("menu_attend_memory", &[("server", &who), ("limit", to)]),
        ),
        Some(Mend::Review) => item(
            Command::Attend(server.name.clone()),
            say("menu_attend_review", &[("server", &who), ("state", &word)]),
        ),
        None => item(
            Command::Attend(server.name.clone()),
            say("menu_attend", &[("server", &who), ("state", &word)]),
        ),
    }
}

fn unprotected(input: &Input) -> Vec<Entry> {
    let open = count(input, Server::is_unprotected);
    if open > 0 && !input.isolation_enabled {
        return vec![item(Command::IsolateAll, say("menu_isolate_all", &[("servers", &open.to_string())]))];
    }
    let line = |server: &Server| {
        item(
            Command::Isolate(server.name.clone()),
            say("menu_isolate_now", &[("server", &name(&server.name))]),
        )
    };
    input.servers.iter().filter(|server| server.is_unprotected()).take(MOST_LINES).map(line).collect()
}

fn engine(input: &Input) -> Vec<Entry> {
    let engine = &input.engine;
    let word = mcpproxy_messages::word(&engine.code);
    let fields: &[(&str, &str)] = &[("state", &word), ("product", &engine.product)];
    let key =
        if engine.available && !engine.product.is_empty() { "menu_engine_product" } else { "menu_engine" };
    let mut rows = vec![item(Command::Engine, say(key, fields))];
    if !engine.available {
        rows.push(item(Command::CheckEngine, say("menu_check_engine", &[])));
    }
    rows
}

fn pause(input: &Input) -> Option<Entry> {
    if input.paused.is_some() {
        return Some(item(Command::Resume, say("menu_resume", &[])));
    }
    let any = input.servers.iter().any(|server| server.enabled);
    any.then(|| item(Command::Pause, say("menu_pause", &[])))
}

fn autostart(state: Autostart) -> Option<Entry> {
    match state {
        Autostart::On => Some(ticked(Command::Autostart, say("menu_autostart", &[]), true)),
        Autostart::Off => Some(ticked(Command::Autostart, say("menu_autostart", &[]), false)),
        Autostart::Refused => Some(item(Command::Autostart, say("menu_autostart_refused", &[]))),
        Autostart::Unknown => None,
    }
}
