//! Our own tools: search and call for catalogs too long to list, and the look at servers.

mod cache;
mod call;
mod catalog;
mod describe;
mod schemas;
mod servers;
mod truncate;

use bytes::Bytes;
use mcpproxy_protocol::{raw, rpc};
use serde_json::value::RawValue;

pub(crate) use cache::Cache;
pub(crate) use schemas::listed;

use crate::{request::Request, session::Mode};

/// One of our own tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Retrieve,
    Describe,
    CallRead,
    CallWrite,
    CallDestructive,
    ReadCache,
    UpstreamServers,
}

impl Tool {
    const ALL: [Self; 7] = [
        Self::Retrieve,
        Self::Describe,
        Self::CallRead,
        Self::CallWrite,
        Self::CallDestructive,
        Self::ReadCache,
        Self::UpstreamServers,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Retrieve => "retrieve_tools",
            Self::Describe => "describe_tool",
            Self::CallRead => "call_tool_read",
            Self::CallWrite => "call_tool_write",
            Self::CallDestructive => "call_tool_destructive",
            Self::ReadCache => "read_cache",
            Self::UpstreamServers => "upstream_servers",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Whether a session is offered this tool.
    fn is_offered(self, mode: Mode, management: bool) -> bool {
        match self {
            Self::UpstreamServers => management,
            Self::Retrieve
            | Self::Describe
            | Self::CallRead
            | Self::CallWrite
            | Self::CallDestructive
            | Self::ReadCache => mode == Mode::RetrieveTools,
        }
    }
}

/// Answers a call of one of our own tools; `None` where the client cancelled it.
pub(crate) async fn call(request: &Request, tool: Tool) -> Option<Bytes> {
    let mode = crate::request::decide(&request.inner, &request.session).await;
    let management = request.inner.options.load().management && request.session.credential.may_manage();
    if !tool.is_offered(mode, management) {
        return Some(request.error(rpc::INVALID_PARAMS, &format!("Unknown tool: {}", tool.name())));
    }
    match tool {
        Tool::Retrieve => Some(catalog::retrieve(request)),
        Tool::Describe => Some(describe::describe(request)),
        Tool::CallRead | Tool::CallWrite | Tool::CallDestructive => call::call(request, tool).await,
        Tool::ReadCache => Some(catalog::read_cache(request)),
        Tool::UpstreamServers => Some(servers::operate(request).await),
    }
}

/// The arguments of a call, read into a type of our own. An error names what is wrong.
fn arguments<'a, T: serde::Deserialize<'a>>(request: &'a Request) -> Result<T, String> {
    let span = request.envelope.params.and_then(|params| raw::member(&request.message, params, "arguments"));
    let text = span.map_or(b"{}".as_slice(), |span| span.of(&request.message));
    let text = if text == b"null" { b"{}" } else { text };
    serde_json::from_slice(text).map_err(|error| format!("invalid arguments: {error}"))
}

/// Raw JSON from bytes that are known to be JSON.
fn raw_value(bytes: &[u8]) -> Option<Box<RawValue>> {
    serde_json::from_slice(bytes).ok()
}
