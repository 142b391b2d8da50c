//! Which entries may leave a client's file: those whose servers answer here. What works there must not stop working.
use mcpproxy_clients::{Action, Client, Entry, import};
use mcpproxy_config::ServerConfig;

use super::{ClientAction, ClientFailure, blocking};
use crate::{Core, ServerState};

/// An entry of a client's file that MCPProxy serves as well.
struct Served {
    entry: String,
    ready: bool,
}

impl Core {
    /// What an action means for the file as it is now, and which entries stay in it for the time being.
    pub(super) async fn meant(
        &self,
        client: &'static Client,
        action: ClientAction,
    ) -> Result<(Action, Vec<String>), ClientFailure> {
        let ClientAction::Connect { take } = action else { return Ok((Action::Disconnect, Vec::new())) };
        let served = self.served(client).await?;
        let waiting = |taken: &[String]| {
            let others = served.iter().filter(|one| !one.ready && !taken.contains(&one.entry));
            others.map(|one| one.entry.clone()).collect::<Vec<_>>()
        };
        let take = match take {
            None => served.iter().filter(|one| one.ready).map(|one| one.entry.clone()).collect(),
            Some(named) => {
                for entry in &named {
                    if !served.iter().any(|one| one.ready && one.entry == *entry) {
                        return Err(ClientFailure::NotReady { client: client.name, entry: entry.clone() });
                    }
                }
                named
            }
        };
        let waiting = waiting(&take);
        Ok((Action::Connect { take }, waiting))
    }

    /// The client's own entries that are servers of ours too. A file that cannot be read has none: the plan says why.
    async fn served(&self, client: &'static Client) -> Result<Vec<Served>, ClientFailure> {
        let around = self.surroundings();
        let found = blocking(move || import::servers(client, &around)).await?.unwrap_or_default();
        let (config, snapshot) = (self.config(), self.snapshot());
        let ready = |server: &ServerConfig| {
            snapshot.servers.get(&server.name).is_some_and(|view| view.state == ServerState::Ready)
        };
        let own = found.into_iter().filter(|(origin, _)| !origin.project);
        let served = own.filter_map(|(origin, entry)| {
            let mut same = config.servers.values().filter(|server| is_same(&entry, server)).peekable();
            same.peek()?;
            Some(Served { entry: origin.name, ready: same.any(ready) })
        });
        Ok(served.collect())
    }
}

/// Whether a server of ours is what an entry describes, where secrets may have become references.
pub(super) fn is_same(entry: &Entry, server: &ServerConfig) -> bool {
    match (&entry.command, &server.command) {
        (Some(theirs), Some(ours)) => {
            theirs == ours
                && entry.args.len() == server.args.len()
                && entry.args.iter().zip(&server.args).all(|(theirs, ours)| matches(theirs, ours))
                && entry.env.len() == server.env.len()
                && entry
                    .env
                    .iter()
                    .all(|(name, theirs)| server.env.get(name).is_some_and(|ours| matches(theirs, ours)))
        }
        (None, None) => entry.url.is_some() && entry.url == server.url,
        _ => false,
    }
}

fn matches(theirs: &str, ours: &str) -> bool {
    theirs == ours || ours.split_once("${keyring:").is_some_and(|(before, _)| theirs.starts_with(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_server_is_known_again_after_its_secrets_became_references() {
        let entry = Entry::read(&json!({
            "command": "npx", "args": ["-y", "x", "--key=abc"], "env": {"T": "secret", "R": "eu"},
        }))
        .unwrap();
        let ours = |value| ServerConfig::from_value(&value).unwrap();
        let imported = json!({"name": "x", "command": "npx", "args": ["-y", "x", "--key=${keyring:x.key}"],
            "env": {"T": "${keyring:T}", "R": "eu"}});
        assert!(is_same(&entry, &ours(imported.clone())));
        let mut other = imported.clone();
        other["env"]["R"] = json!("us");
        assert!(!is_same(&entry, &ours(other)));
        let mut other = imported;
        other["args"] = json!(["-y", "y", "--key=${keyring:x.key}"]);
        assert!(!is_same(&entry, &ours(other)));
        assert!(!is_same(&entry, &ours(json!({"name": "x", "url": "https://a.example/mcp"}))));
    }
}
