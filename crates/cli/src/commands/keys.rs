//! `keys`: each client's own key to `/mcp`, shown once when it is made.

use super::{End, escaped, with_schema};
use crate::{
    args::KeysWord,
    output::{Glyph, Screen, Table},
    place::Place,
};
use anyhow::Result;
use http::Method;
use mcpproxy_api_types::{KeyBody, KeyList, NewKey};
use serde_json::json;

pub(crate) async fn run(place: &Place, screen: &Screen, word: KeysWord) -> Result<End> {
    match word {
        KeysWord::List => {
            let list: KeyList = place.client.get("/api/v1/keys").await?;
            if screen.json {
                screen.object(&with_schema("keys", json!(list)))?;
            } else if list.keys.is_empty() {
                screen.line(
                    "No client has a key of its own. Connecting one makes it: mcpproxy connect CLIENT",
                )?;
            } else {
                let mut table = Table::new(&["NAME", "KEY", "LAST SEEN"]);
                for key in list.keys {
                    let seen = super::clients::last_seen(key.seen_at.as_deref());
                    table.row(screen.glyph(Glyph::Ok), vec![key.name, key.masked, seen]);
                }
                screen.line(table.text(screen.width))?;
            }
        }
        KeysWord::Add { name } => {
            let key: NewKey = place.client.post("/api/v1/keys", Some(&KeyBody { name })).await?;
            if screen.json {
                screen.object(&with_schema("key", json!(key)))?;
            } else {
                screen.line(&key.key)?;
                eprintln!("This key of {} opens /mcp only and is shown this once.", key.name);
            }
        }
        KeysWord::Revoke { name } => {
            let question = format!("Revoke the key {name}? Who uses it is refused from the next request on.");
            if !screen.confirm(&question)? {
                return Ok(End::Wrong);
            }
            let path = format!("/api/v1/keys/{}", escaped(&name));
            let list: KeyList = place.client.send(Method::DELETE, &path, None).await?;
            if screen.json {
                screen.object(&with_schema("keys", json!(list)))?;
            } else {
                screen.line(format!("The key {name} opens nothing any more."))?;
            }
        }
    }
    Ok(End::Fine)
}
