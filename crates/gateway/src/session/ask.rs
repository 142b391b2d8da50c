//! A question of a server that a client has not answered yet.

use std::sync::Arc;

use bytes::Bytes;
use mcpproxy_protocol::Id;
use mcpproxy_upstream::ReplySlot;

use super::{Channel, Client};

/// A server's request at a client.
pub(crate) struct Ask {
    pub(crate) server: Arc<str>,
    /// The id that the server gave it.
    pub(crate) original: Id,
    /// The token that the server wants progress reported with.
    pub(crate) progress_token: Option<Bytes>,
    /// Names an elicitation that ends outside the conversation.
    pub(crate) elicitation: Option<String>,
    /// The stream it was sent on.
    pub(crate) channel: Arc<Channel>,
    pub(crate) reply: ReplySlot,
}

/// What a server may ask of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskKind {
    Sampling,
    ElicitationForm,
    ElicitationUrl,
    Roots,
}

impl AskKind {
    /// Whether the client said that it can answer this.
    pub(crate) fn is_supported_by(self, client: &Client) -> bool {
        match self {
            Self::Sampling => client.sampling,
            Self::ElicitationForm => client.elicitation_form,
            Self::ElicitationUrl => client.elicitation_url,
            Self::Roots => client.roots,
        }
    }
}
