//! `import`: servers of other clients, shown with what each will see before any is taken over.

use super::{End, with_schema};
use crate::{
    args::ImportArgs,
    output::{Glyph, Screen, Table, plain},
    place::Place,
};
use anyhow::{Result, bail};
use mcpproxy_api_types::{ImportBody, ImportChoice, ImportList, ImportOutcome, ImportableServer};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, args: ImportArgs) -> Result<End> {
    let query =
        args.from.as_deref().map(|from| format!("?from={}", super::escaped(from))).unwrap_or_default();
    let list: ImportList = place.client.get(&format!("/api/v1/import{query}")).await?;
    for unread in &list.unread {
        eprintln!("{}", plain(&unread.sentence));
    }
    let chosen = choose(&list, &args.names)?;
    if args.dry_run && screen.json {
        screen.object(&with_schema("import", json!(list)))?;
        return Ok(End::Fine);
    }
    if !screen.json {
        show(screen, &list, &chosen, args.no_folders)?;
    }
    if args.dry_run || chosen.is_empty() {
        if screen.json {
            screen.object(&with_schema("imported", json!(ImportOutcome { servers: Vec::new() })))?;
        }
        return Ok(End::Fine);
    }
    let servers =
        if chosen.len() == 1 { "this server".to_owned() } else { format!("{} servers", chosen.len()) };
    if !screen.confirm(&format!("Import {servers}?"))? {
        return Ok(End::Wrong);
    }
    let body = body(&chosen, args.no_folders);
    let outcome: ImportOutcome = place.client.post("/api/v1/import", Some(&body)).await?;
    if screen.json {
        screen.object(&with_schema("imported", json!(outcome)))?;
    } else {
        for server in &outcome.servers {
            match &server.message {
                None if server.secrets.is_empty() => screen.line(format!("{} was imported.", server.name))?,
                None => screen.line(format!(
                    "{} was imported; its secrets are kept as {}.",
                    server.name,
                    server.secrets.join(", ")
                ))?,
                Some(message) => {
                    screen.line(format!("{} was not imported: {}", server.name, plain(message)))?
                }
            }
        }
        screen.line("The clients' files are as they were. Next: mcpproxy connect CLIENT")?;
    }
    Ok(if outcome.servers.iter().all(|server| server.added) { End::Fine } else { End::Wrong })
}

/// The named servers, or those that are worth taking as they are.
fn choose<'l>(list: &'l ImportList, names: &[String]) -> Result<Vec<&'l ImportableServer>> {
    if names.is_empty() {
        return Ok(list.servers.iter().filter(|server| server.ticked).collect());
    }
    let find = |name: &String| match list.servers.iter().find(|server| server.name == *name) {
        Some(server) => Ok(server),
        None => bail!("No client has a server named {name}. See them: mcpproxy import --dry-run"),
    };
    names.iter().map(find).collect()
}

/// What the answer to the question means: the folders and references that were shown.
fn body(chosen: &[&ImportableServer], no_folders: bool) -> ImportBody {
    let mut confirm_references: Vec<String> =
        chosen.iter().flat_map(|server| server.references.clone()).collect();
    confirm_references.sort();
    confirm_references.dedup();
    let choice = |server: &&ImportableServer| ImportChoice {
        id: server.id.clone(),
        name: None,
        folders: if no_folders { Vec::new() } else { server.folders.clone() },
    };
    ImportBody { servers: chosen.iter().map(choice).collect(), confirm_references }
}

fn show(screen: &Screen, list: &ImportList, chosen: &[&ImportableServer], no_folders: bool) -> Result<()> {
    if list.servers.is_empty() {
        return screen.line("No servers were found in other clients.");
    }
    let mut table = Table::new(&["NAME", "RUNS", "CLIENTS", "WHAT IT WILL SEE"]);
    for server in &list.servers {
        let is_chosen = chosen.iter().any(|other| other.id == server.id);
        let mut clients: Vec<&str> = server.clients.iter().map(|origin| origin.client.as_str()).collect();
        clients.dedup();
        table.row(
            screen.glyph(if is_chosen { Glyph::Ok } else { Glyph::Off }),
            vec![server.name.clone(), server.line.join(" "), clients.join(", "), sees(server, no_folders)],
        );
    }
    screen.line(table.text(screen.width))
}

/// The server in one line: why it is left, or what it gets.
fn sees(server: &ImportableServer, no_folders: bool) -> String {
    if let Some(exists) = &server.exists {
        // What this entry would be given says nothing about the one that is here.
        return format!("is here already as {exists}");
    }
    let mut parts = Vec::new();
    if server.disabled {
        parts.push("is turned off there".to_owned());
    }
    if !server.unknown_words.is_empty() {
        parts.push(format!("needs an edit: {}", server.unknown_words.join(", ")));
    }
    match server.kind.as_str() {
        "docker" => parts.push("already in its own container".to_owned()),
        "remote" => parts.push("runs on another computer".to_owned()),
        _ if server.explain.iter().any(|line| line.key == "explain_host") => {
            parts.push("everything of yours, since isolation is off".to_owned());
        }
        _ if server.folders.is_empty() || no_folders => parts.push("no files of yours".to_owned()),
        _ => parts.push(format!("only {} (read and write)", server.folders.join(", "))),
    }
    match server.secrets.len() {
        0 => {}
        1 => parts.push("1 secret moves to the keyring, or to a private file where there is none".to_owned()),
        many => parts
            .push(format!("{many} secrets move to the keyring, or to a private file where there is none")),
    }
    if !server.references.is_empty() {
        parts.push(format!("receives {}", server.references.join(", ")));
    }
    if !server.left_out.is_empty() {
        parts.push(format!("left out: {}", server.left_out.join(", ")));
    }
    parts.join("; ")
}
