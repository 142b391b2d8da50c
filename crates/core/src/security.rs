//! What each server may reach, what is weaker than it could be, and how each weakness is closed: from the plans that
//! run, not from what somebody may have meant.

use mcpproxy_config::{Config, ServerConfig};
use mcpproxy_isolation::relaxation;
use serde_json::{Value, json};

use crate::{Core, Explanation, Placement, Sentence, ServerState, ServerView};

/// How a server is kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// In a container of ours.
    Isolated,
    /// With all rights of the person.
    Unprotected,
    /// In a container of its own command's making.
    OwnContainer,
    /// On another computer.
    Elsewhere,
    /// Held until somebody looks at it; it does not run.
    Held,
    /// Turned off.
    Off,
}

impl Protection {
    /// The stable id.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Unprotected => "unprotected",
            Self::OwnContainer => "own_container",
            Self::Elsewhere => "elsewhere",
            Self::Held => "held",
            Self::Off => "off",
        }
    }

    fn of(view: &ServerView) -> Self {
        match (&view.state, view.placement) {
            (ServerState::Quarantined, _) => Self::Held,
            (ServerState::Disabled, _) => Self::Off,
            (_, Placement::Container) => Self::Isolated,
            (_, Placement::Host) => Self::Unprotected,
            (_, Placement::OwnContainer) => Self::OwnContainer,
            (_, Placement::Remote) => Self::Elsewhere,
        }
    }
}

/// Something that is weaker than it could be.
#[derive(Debug, Clone, PartialEq)]
pub struct Weakness {
    /// The stable code.
    pub code: String,
    /// The configuration key that decides it.
    pub key: String,
    /// The value in force.
    pub value: String,
    /// What it means.
    pub sentence: Sentence,
    /// The merge patch over the server's entry that closes it; none where the entry has to be thought about.
    pub close: Option<Value>,
}

/// One server with its protection.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerSecurity {
    /// Its name.
    pub name: String,
    /// How it is kept apart.
    pub protection: Protection,
    /// What it may reach.
    pub explanation: Explanation,
    /// What is weaker than it could be, the worst first.
    pub weaknesses: Vec<Weakness>,
}

impl Core {
    /// All servers with their protection, in the order of the file.
    pub async fn security(&self) -> Vec<ServerSecurity> {
        let (snapshot, config) = (self.snapshot(), self.config());
        let mut servers = Vec::with_capacity(snapshot.servers.len());
        for view in snapshot.servers.values() {
            let Ok(explanation) = self.explain(&view.name).await else { continue };
            let weaknesses = weaknesses(&config, &view.config, &explanation);
            let protection = Protection::of(view);
            servers.push(ServerSecurity { name: view.name.clone(), protection, explanation, weaknesses });
        }
        servers
    }
}

/// What is weaker than it could be.
fn weaknesses(config: &Config, server: &ServerConfig, explanation: &Explanation) -> Vec<Weakness> {
    if explanation.placement == Placement::Host {
        let sentence = warning("explain_host", &server.name);
        let close = Some(json!({"isolation": {"enabled": true}}));
        let key = if config.isolation.enabled { "isolation.enabled" } else { "docker_isolation.enabled" };
        // The global switch is more than this server's: it is turned by its own command.
        let close = close.filter(|_| config.isolation.enabled);
        let (code, value) = ("unprotected".to_owned(), "false".to_owned());
        return vec![Weakness { code, key: key.to_owned(), value, sentence, close }];
    }
    let mut found: Vec<(u8, Weakness)> = explanation
        .sentences
        .iter()
        .filter_map(|sentence| {
            if sentence.key == "explain-network-bridge" {
                return Some((10, open_network(config, server, sentence)));
            }
            let row = relaxation::ROWS.iter().find(|row| row.sentence == sentence.key)?;
            let value = sentence.args.iter().find(|(key, _)| *key == "value");
            let value = value.map(|(_, value)| value.clone()).unwrap_or_default();
            let close = close(server, row.key, &value);
            let (code, key) = (row.name.to_owned(), format!("isolation.{}", row.key));
            Some((row.points, Weakness { code, key, value, sentence: sentence.clone(), close }))
        })
        .collect();
    found.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    found.into_iter().map(|(_, weakness)| weakness).collect()
}

/// The engine's own network reaches everything that this computer does.
fn open_network(config: &Config, server: &ServerConfig, sentence: &Sentence) -> Weakness {
    let own = server.isolation.network_mode.is_some();
    Weakness {
        code: "network_bridge".to_owned(),
        key: if own { "isolation.network_mode" } else { "docker_isolation.network_mode" }.to_owned(),
        value: server.isolation.network_mode.clone().unwrap_or_else(|| config.isolation.network_mode.clone()),
        sentence: sentence.clone(),
        close: Some(json!({"isolation": {"network_mode": "none"}})),
    }
}

/// The patch that takes one relaxation back, where the server's own entry asks for it and nothing else goes with it.
fn close(server: &ServerConfig, key: &str, value: &str) -> Option<Value> {
    let own = &server.isolation;
    let removed = || Some(json!({"isolation": {key: null}}));
    match key {
        "network_mode" => Some(json!({"isolation": {"network_mode": "none"}})),
        "read_only" if own.read_only == Some(false) => removed(),
        "pids_limit" if own.pids_limit.is_some() => removed(),
        "log_driver" if own.log_driver.is_some() => removed(),
        "allow_scripts" if own.allow_scripts => removed(),
        "user" if own.user.is_some() => removed(),
        "cap_add" => {
            let rest: Vec<&String> =
                own.cap_add.iter().filter(|name| !same_capability(name, value)).collect();
            (rest.len() < own.cap_add.len()).then(|| json!({"isolation": {"cap_add": rest}}))
        }
        "volumes" => {
            let source = |volume: &str| {
                volume.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            };
            let rest: Vec<&String> = own.volumes.iter().filter(|volume| !source(volume)).collect();
            (!value.is_empty() && rest.len() < own.volumes.len())
                .then(|| json!({"isolation": {"volumes": rest}}))
        }
        _ => None,
    }
}

fn same_capability(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.trim().to_ascii_uppercase().trim_start_matches("CAP_").to_owned();
    plain(one) == plain(other)
}

fn warning(key: &'static str, server: &str) -> Sentence {
    Sentence { kind: "warning", key, args: vec![("server", server.to_owned())] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(isolation: Value) -> ServerConfig {
        ServerConfig::from_value(&json!({"name": "a", "command": "npx", "isolation": isolation})).unwrap()
    }

    #[test]
    fn a_folder_is_closed_without_touching_the_others() {
        let server = server(json!({"volumes": ["/a:/a:rw", "/ab:/ab", "/b"]}));
        assert_eq!(
            close(&server, "volumes", "/a"),
            Some(json!({"isolation": {"volumes": ["/ab:/ab", "/b"]}}))
        );
        assert_eq!(
            close(&server, "volumes", "/b"),
            Some(json!({"isolation": {"volumes": ["/a:/a:rw", "/ab:/ab"]}}))
        );
        assert_eq!(
            close(&server, "volumes", "/c"),
            None,
            "what the entry does not name cannot be taken out of it"
        );
        assert_eq!(close(&server, "volumes", ""), None);
    }

    #[test]
    fn a_capability_is_closed_however_it_is_written() {
        let server = server(json!({"cap_add": ["net_raw", "CAP_CHOWN"]}));
        assert_eq!(
            close(&server, "cap_add", "CAP_NET_RAW"),
            Some(json!({"isolation": {"cap_add": ["CAP_CHOWN"]}}))
        );
    }

    #[test]
    fn flags_that_hang_together_are_left_to_the_person() {
        assert_eq!(close(&server(json!({"extra_args": ["--pid", "host"]})), "extra_args", "host"), None);
        assert_eq!(close(&server(json!({})), "read_only", "false"), None);
    }
}
