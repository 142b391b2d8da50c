//! The anonymous counters. They are computed when somebody wants to see them; this program sends them nowhere.
use mcpproxy_config::Config;

use crate::{Core, Placement, Snapshot, servers::blueprint::Blueprint};

/// Whether the word of a variable says no to telemetry.
type Refuses = fn(&str) -> bool;

/// Variables that overrule an agreement in the configuration, and what they say then.
const REFUSALS: [(&str, Refuses); 2] =
    [("MCPPROXY_TELEMETRY", is_no), ("DO_NOT_TRACK", |word| !word.is_empty() && !is_no(word))];

/// What would be sent, once a day, if there were anywhere to send it to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// The engine really answers.
    pub docker_available: bool,
    /// Servers that are configured for isolation, whether or not they run; none while the global switch is off.
    pub docker_isolated: usize,
}

/// Whether the counters are wanted, and what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Telemetry {
    /// The person agreed in the configuration, and nothing overrules it.
    pub enabled: bool,
    /// The variable that overrules the configuration.
    pub overruled_by: Option<&'static str>,
    /// The counters.
    pub counters: Counters,
}

impl Core {
    /// The anonymous counters, as they are now.
    pub fn telemetry(&self) -> Telemetry {
        let config = self.config();
        let refuses = |(name, refuses): (&'static str, Refuses)| {
            self.settings().variable(name).is_some_and(refuses).then_some(name)
        };
        let overruled_by = REFUSALS.into_iter().find_map(refuses);
        Telemetry {
            enabled: config.telemetry && overruled_by.is_none(),
            overruled_by,
            counters: counters(&config, &self.snapshot()),
        }
    }
}

fn counters(config: &Config, snapshot: &Snapshot) -> Counters {
    let isolated = |server: &&mcpproxy_config::ServerConfig| {
        Blueprint::new(config, server).placement() == Placement::Container
    };
    let docker_isolated =
        if config.isolation.enabled { config.servers.values().filter(isolated).count() } else { 0 };
    Counters { docker_available: snapshot.engine.available, docker_isolated }
}

fn is_no(word: &str) -> bool {
    ["false", "0", "off", "no"].iter().any(|no| word.eq_ignore_ascii_case(no))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(isolation: &str) -> usize {
        let text = format!(
            r#"{{"docker_isolation": {{"enabled": {isolation}}}, "mcpServers": {{
                "a": {{"command": "uvx", "args": ["x"]}},
                "b": {{"command": "npx", "args": ["x"], "enabled": false}},
                "c": {{"command": "npx", "args": ["x"], "isolation": {{"enabled": false}}}},
                "d": {{"command": "docker", "args": ["run", "x"]}},
                "e": {{"url": "https://example.com/mcp"}}}}}}"#
        );
        let document = mcpproxy_config::Document::parse(&text).unwrap();
        counters(document.config(), &crate::board::empty_for_tests().snapshot()).docker_isolated
    }

    #[test]
    fn servers_count_as_they_are_configured_and_not_at_all_while_the_switch_is_off() {
        assert_eq!((counted("true"), counted("false")), (2, 0));
    }

    #[test]
    fn usual_words_refuse() {
        let refuses =
            |name: &str, word: &str| REFUSALS.iter().any(|(known, refuses)| *known == name && refuses(word));
        assert!(refuses("MCPPROXY_TELEMETRY", "false") && refuses("DO_NOT_TRACK", "1"));
        assert!(!refuses("MCPPROXY_TELEMETRY", "true") && !refuses("DO_NOT_TRACK", "0"));
        assert!(!refuses("DO_NOT_TRACK", ""));
    }
}
