//! What a server can reach, in sentences, from the same plan that runs it.
use std::sync::Arc;

use mcpproxy_isolation::explain::Kind;

use crate::{Failure, Placement};

/// One sentence, as a key of the catalogue and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it is about: `files`, `network`, `secrets`, `limits`, `identity`, `image`, `relaxed`, `warning`.
    pub kind: &'static str,
    /// The key in the catalogue.
    pub key: &'static str,
    /// The words it needs.
    pub args: Vec<(&'static str, String)>,
}

impl Sentence {
    /// The sentence for a person.
    pub fn text(&self) -> String {
        let args: Vec<(&str, &str)> = self.args.iter().map(|(key, value)| (*key, value.as_str())).collect();
        mcpproxy_messages::render(self.key, &args)
    }
}

impl From<mcpproxy_isolation::explain::Sentence> for Sentence {
    fn from(sentence: mcpproxy_isolation::explain::Sentence) -> Self {
        Self { kind: kind(sentence.kind), key: sentence.key, args: sentence.args }
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Files => "files",
        Kind::Network => "network",
        Kind::Secrets => "secrets",
        Kind::Limits => "limits",
        Kind::Identity => "identity",
        Kind::Image => "image",
        Kind::Relaxed => "relaxed",
        Kind::Warning => "warning",
    }
}

/// What a server can reach and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The server.
    pub server: String,
    /// Where it runs, or would.
    pub placement: Placement,
    /// The sentences, in the order they are read.
    pub sentences: Vec<Sentence>,
    /// The equal `docker run` line as arguments, secrets masked; empty for servers without a container of ours.
    pub docker_run_args: Vec<String>,
    /// Why it is not allowed to run as configured.
    pub refusal: Option<Arc<Failure>>,
}
