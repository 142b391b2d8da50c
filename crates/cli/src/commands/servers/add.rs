//! `servers add`: an entry from flags or from JSON.

use super::settled;
use crate::{args::AddArgs, client::Refused, commands::End, output::Screen, place::Place};
use anyhow::{Context, Result, bail};
use http::StatusCode;
use mcpproxy_api_types::{AddServer, ServerAction};
use serde_json::{Map, Value, json};
use std::io::Read;

pub(super) async fn run(place: &Place, screen: &Screen, args: AddArgs) -> Result<End> {
    let if_not_exists = args.if_not_exists;
    let name = args.name.clone();
    let entry = entry(args)?;
    add(place, screen, name, entry, if_not_exists).await
}

pub(super) async fn json(place: &Place, screen: &Screen, name: &str, json: &str) -> Result<End> {
    let text = if json == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("Standard input cannot be read")?;
        text
    } else {
        json.to_owned()
    };
    let entry: Map<String, Value> = serde_json::from_str(&text).context("The entry is no JSON object")?;
    add(place, screen, name.to_owned(), entry, false).await
}

async fn add(
    place: &Place,
    screen: &Screen,
    name: String,
    mut entry: Map<String, Value>,
    if_not_exists: bool,
) -> Result<End> {
    entry.remove("name");
    // A person typed them: that is the confirmation.
    let confirm_references = references(&Value::Object(entry.clone()));
    let body = AddServer { name: name.clone(), confirm_references, entry };
    match place.client.post::<ServerAction>("/api/v1/servers", Some(&body)).await {
        Ok(_) => settled(place, screen, &name).await,
        Err(error) if if_not_exists && exists(&error) => Ok(End::Fine),
        Err(error) => Err(error),
    }
}

/// Everything in an entry that has the form of a reference.
fn references(entry: &Value) -> Vec<String> {
    let text = entry.to_string();
    let parts = text.split("${").skip(1);
    parts.filter_map(|part| part.split_once('}')).map(|(name, _)| format!("${{{name}}}")).collect()
}

fn exists(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == StatusCode::CONFLICT)
}

fn entry(args: AddArgs) -> Result<Map<String, Value>> {
    let mut entry = Map::new();
    match (args.command.split_first(), args.url) {
        (Some((command, rest)), None) => {
            entry.insert("command".to_owned(), json!(command));
            entry.insert("args".to_owned(), json!(rest));
        }
        (None, Some(url)) => {
            entry.insert("url".to_owned(), json!(url));
        }
        _ => bail!(
            "What shall {} run? Give a command after --, or an address.\nExample: mcpproxy servers add time -- uvx \
             mcp-server-time",
            args.name
        ),
    }
    pairs(&mut entry, "env", &args.env, '=')?;
    pairs(&mut entry, "headers", &args.header, ':')?;
    let mut isolation = Map::new();
    let mut keep = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            isolation.insert(key.to_owned(), value);
        }
    };
    keep("image", args.image.map(Value::String));
    keep("network_mode", args.network.map(Value::String));
    keep("memory_limit", args.memory.map(Value::String));
    keep("volumes", (!args.volume.is_empty()).then(|| json!(args.volume)));
    if !isolation.is_empty() {
        entry.insert("isolation".to_owned(), Value::Object(isolation));
    }
    entry.extend(args.working_dir.map(|folder| ("working_dir".to_owned(), json!(folder))));
    entry.extend(args.transport.map(|name| ("protocol".to_owned(), json!(name))));
    Ok(entry)
}

fn pairs(entry: &mut Map<String, Value>, key: &str, given: &[String], between: char) -> Result<()> {
    let mut values = Map::new();
    for pair in given {
        let Some((name, value)) = pair.split_once(between) else {
            bail!("{pair} has no {between}. Write NAME{between}VALUE.");
        };
        values.insert(name.trim().to_owned(), json!(value.trim()));
    }
    if !values.is_empty() {
        entry.insert(key.to_owned(), Value::Object(values));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Cli, ServersWord, Word};
    use clap::Parser;

    fn parsed(line: &[&str]) -> Result<Map<String, Value>> {
        let cli = Cli::try_parse_from([&["mcpproxy", "servers", "add"], line].concat())?;
        match cli.word {
            Some(Word::Servers(ServersWord::Add(args))) => entry(*args),
            other => bail!("{other:?}"),
        }
    }

    #[test]
    fn a_command_after_the_dashes_becomes_an_entry() {
        let entry = parsed(&["gh", "--env", "T=${keyring:T}", "--memory", "1g", "--", "npx", "-y", "server"])
            .unwrap();
        assert_eq!(
            Value::Object(entry),
            json!({"command": "npx", "args": ["-y", "server"], "env": {"T": "${keyring:T}"},
                "isolation": {"memory_limit": "1g"}})
        );
    }

    #[test]
    fn references_that_a_person_typed_are_confirmed() {
        let entry = parsed(&["gh", "--env", "T=${keyring:A}", "--", "npx", "--x=${env:B}"]).unwrap();
        assert_eq!(references(&Value::Object(entry)), ["${env:B}", "${keyring:A}"]);
    }

    #[test]
    fn an_address_becomes_a_remote_entry() {
        let entry = parsed(&["docs", "https://example.com/mcp", "--header", "X-Key: abc"]).unwrap();
        assert_eq!(
            Value::Object(entry),
            json!({"url": "https://example.com/mcp", "headers": {"X-Key": "abc"}})
        );
    }

    #[test]
    fn an_entry_without_command_or_address_is_refused_with_an_example() {
        let error = parsed(&["x"]).unwrap_err().to_string();
        assert!(error.contains("Example:"), "{error}");
        assert!(parsed(&["x", "--env", "NOEQUALS", "--", "a"]).is_err());
    }
}
