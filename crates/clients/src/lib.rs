//! The files of other AI clients: found, read, changed with a preview, a kept copy and an undo.
//!
//! A file belongs to the client and the person who use it. It is therefore kept as text, changed in one place only,
//! and never written when it cannot be read or was changed since the person saw what would happen.

mod detect;
mod diff;
mod entry;
mod error;
mod file;
pub mod import;
mod keep;
mod ours;
mod plan;
mod surroundings;
mod table;
mod text;

pub use detect::{Condition, Found, detect, is_connected, key_in_file};
pub use diff::Line;
pub use entry::Entry;
pub use error::ClientError;
pub use keep::{Backups, Undone};
pub use ours::{ENTRY, Ours, is_ours, port};
pub use plan::{Action, Plan};
pub use surroundings::{Surroundings, System};
pub use table::{Client, Format, clients, find};
pub use text::Mistake;
