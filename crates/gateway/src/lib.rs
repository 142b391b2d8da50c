//! Clients' sessions, the catalog of what servers offer, and which call goes where.
//!
//! The gateway is spoken to through transport-neutral doors ([`Gateway::post`], [`Gateway::listen`],
//! [`Gateway::close`]) that the HTTP adapter uses, and takes connected servers from its owner through
//! [`Gateway::attach`]. A message that passes keeps its bytes: only the fields that sharing one server
//! process among several clients forces upon us (ids, tokens, names, addresses of resources) are spliced.

mod announcer;
mod attachment;
mod builtin;
mod catalog;
mod control;
mod doors;
mod endpoint;
mod era;
mod gateway;
mod initialize;
mod inner;
mod options;
mod pause;
mod random;
mod record;
mod request;
mod search;
mod session;
mod work;

pub use attachment::Attachment;
pub use catalog::{Hints, ToolEntry};
pub use control::{Control, ControlError, ControlFuture, ServerBrief, ServersOperation};
pub use doors::{Event, EventStream, Post, Refusal, Reply, ReplyKind};
pub use endpoint::{Credential, Endpoint};
pub use gateway::{CallFailure, Gateway, SessionView, ToolHit};
pub use options::{Options, RoutingMode};
pub use record::{Asked, CallOutcome, CallRecord, Recorder, SessionRecord, Verdict};
