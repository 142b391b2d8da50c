//! One connection to one MCP server, over any reader and writer or over HTTP, shared by many clients.
//!
//! Callers hold a [`Handle`]; one task, which the caller of [`open`] owns, holds everything else. Ids and progress
//! tokens are exchanged on the way out and restored on the way back; no message is built anew.

mod call;
mod connection;
mod error;
mod handle;
mod inbound;
mod initialize;
mod options;
mod outbox;
mod pipe;
mod remote;
mod route;
mod slots;
#[cfg(test)]
mod tests;

pub use call::{Call, Origin};
pub use connection::{Connection, Opened};
pub use error::{CallError, CloseReason, OpenError};
pub use handle::Handle;
pub use inbound::{Inbound, ReplySlot};
pub use initialize::InitializeResult;
pub use options::Options;
pub use pipe::open;
pub use remote::{Protocol, Remote, open_remote};
