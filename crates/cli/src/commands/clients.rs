//! `clients`, `connect`, `disconnect`: other programs' files, shown before they are changed.

use super::{End, escaped, with_schema};
use crate::{
    args::{ClientsWord, ConnectArgs, DisconnectArgs},
    client::Refused,
    output::{Glyph, Screen, Table, plain},
    place::Place,
};
use anyhow::{Result, bail};
use mcpproxy_api_types::{
    Client, ClientAction, ClientChange, ClientChangeBody, ClientList, ClientPreviewBody, ClientState,
    ClientUndone,
};
use serde_json::json;

/// How often a file that changes under our hands is shown anew.
const TRIES: usize = 3;

pub(crate) async fn run(place: &Place, screen: &Screen, word: ClientsWord) -> Result<End> {
    let ClientsWord::List { all } = word;
    let mut list: ClientList = place.client.get("/api/v1/clients").await?;
    if !all {
        list.clients.retain(|client| client.state != ClientState::Absent);
    }
    if screen.json {
        screen.object(&with_schema("clients", json!(list)))?;
        return Ok(End::Fine);
    }
    if list.clients.is_empty() {
        screen.line("No AI client was found. See those that are known: mcpproxy clients list --all")?;
        return Ok(End::Fine);
    }
    let mut table = Table::new(&["CLIENT", "FILE", "LAST SEEN", "STATE"]);
    for client in &list.clients {
        table.row(
            screen.glyph(glyph(client)),
            vec![
                client.id.clone(),
                client.path.clone(),
                last_seen(client.seen_at.as_deref()),
                client.sentence.clone(),
            ],
        );
    }
    screen.line(table.text(screen.width))?;
    Ok(End::Fine)
}

/// When a client was heard of, to the second; nobody is heard of before the start.
pub(super) fn last_seen(at: Option<&str>) -> String {
    let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
    at.map_or_else(|| "—".to_owned(), |at| format!("{at:.0}"))
}

fn glyph(client: &Client) -> Glyph {
    match client.state {
        ClientState::Connected => Glyph::Ok,
        ClientState::Waiting => Glyph::Waiting,
        ClientState::Elsewhere | ClientState::Removed => Glyph::Warn,
        ClientState::Trouble => Glyph::Bad,
        ClientState::Absent | ClientState::NotConnected => Glyph::Off,
    }
}

pub(crate) async fn connect(place: &Place, screen: &Screen, args: ConnectArgs) -> Result<End> {
    if args.undo {
        return undo(place, screen, &args.client).await;
    }
    let take = match (args.keep, args.take.is_empty()) {
        (true, _) => Some(Vec::new()),
        (false, true) => None,
        (false, false) => Some(args.take),
    };
    change(place, screen, &args.client, ClientAction::Connect, take, args.show).await
}

pub(crate) async fn disconnect(place: &Place, screen: &Screen, args: DisconnectArgs) -> Result<End> {
    change(place, screen, &args.client, ClientAction::Disconnect, None, args.show).await
}

async fn change(
    place: &Place,
    screen: &Screen,
    id: &str,
    action: ClientAction,
    take: Option<Vec<String>>,
    show: bool,
) -> Result<End> {
    let path = format!("/api/v1/clients/{}", escaped(id));
    let word = if action == ClientAction::Connect { "connect" } else { "disconnect" };
    for _ in 0..TRIES {
        let body = ClientPreviewBody { action, take: take.clone() };
        let preview: ClientChange = place.client.post(&format!("{path}/preview"), Some(&body)).await?;
        if show || preview.diff.is_empty() {
            told(screen, word, &preview, false)?;
            return Ok(End::Fine);
        }
        if !screen.json {
            difference(screen, &preview)?;
        }
        let question = match action {
            ClientAction::Connect => format!("Connect {} to MCPProxy?", preview.name),
            ClientAction::Disconnect => format!("Disconnect {} from MCPProxy?", preview.name),
        };
        if !screen.confirm(&question)? {
            return Ok(End::Wrong);
        }
        let body = ClientChangeBody { fingerprint: preview.fingerprint.clone(), take: take.clone() };
        match place.client.post::<ClientChange>(&format!("{path}/{word}"), Some(&body)).await {
            Ok(done) => {
                told(screen, word, &done, true)?;
                return Ok(End::Fine);
            }
            Err(error) if changed_meanwhile(&error) => eprintln!("{}", plain(&format!("{error:#}"))),
            Err(error) => return Err(error),
        }
    }
    bail!("The file changes all the time. Close {id} and try again.")
}

fn changed_meanwhile(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.code == "client_file_changed")
}

/// Says what was or would be changed.
fn told(screen: &Screen, word: &str, change: &ClientChange, written: bool) -> Result<()> {
    if screen.json {
        let mut object = with_schema(word, json!(change));
        object["written"] = json!(written);
        return screen.object(&object);
    }
    if change.diff.is_empty() {
        return screen.line(format!("{} needs no change in {}.", change.name, change.path));
    }
    if !written {
        return difference(screen, change);
    }
    let what = if word == "connect" { "is connected" } else { "is disconnected" };
    screen.line(format!("{} {what}. {}", change.name, change.next_step.text))?;
    let undo = format!("mcpproxy connect {} --undo", change.client);
    screen.line(format!("A copy of {} is kept. Undo: {undo}", change.path))
}

fn difference(screen: &Screen, change: &ClientChange) -> Result<()> {
    screen.line(format!("{}  {}", change.name, plain(&change.path)))?;
    for line in &change.diff {
        screen.line(format!("  {} {}", line.kind, plain(&line.text)))?;
    }
    if !change.taken.is_empty() {
        screen.line(format!("Served by MCPProxy from now on: {}", plain(&change.taken.join(", "))))?;
    }
    if !change.waiting.is_empty() {
        let names = change.waiting.join(", ");
        screen.line(format!("Stays until its server answers in MCPProxy: {}", plain(&names)))?;
    }
    Ok(())
}

async fn undo(place: &Place, screen: &Screen, id: &str) -> Result<End> {
    let question = format!("Take the newest change of {id}'s file back?");
    if !screen.confirm(&question)? {
        return Ok(End::Wrong);
    }
    let path = format!("/api/v1/clients/{}/undo", escaped(id));
    let undone: ClientUndone = place.client.post(&path, None::<&()>).await?;
    if screen.json {
        screen.object(&with_schema("undo", json!(undone)))?;
    } else if undone.whole {
        screen.line(format!("{} is what it was, byte for byte.", undone.path))?;
    } else {
        screen.line(format!(
            "{} was edited since: only the changes of MCPProxy were taken back.",
            undone.path
        ))?;
    }
    Ok(End::Fine)
}
