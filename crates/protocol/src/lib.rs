//! MCP as bytes: what a message is, found without building it anew.
//!
//! A proxy that re-serialises a message loses number spellings, key order and fields it does not know. So nothing
//! here decodes a whole message: [`scan`] finds the few fields a proxy must look at, [`splice`] exchanges exactly
//! those of [`SPLICED_FIELDS`], and all other bytes leave as they came. No I/O, no clock, no runtime.

pub mod headers;
pub mod id;
pub mod lines;
pub mod media;
pub mod names;
pub mod raw;
pub mod rpc;
mod scan;
mod scanner;
mod span;
mod splice;
pub mod sse;
#[cfg(test)]
mod testing;
pub mod text;
pub mod version;

pub use id::Id;
pub use scan::{Envelope, Kind, MAX_DEPTH, ScanError, ScanErrorKind, scan};
pub use span::Span;
pub use splice::{Edit, SPLICED_FIELDS, flatten, splice, splice_into, splice_owned};
