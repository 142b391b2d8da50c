//! The files of other AI clients: found, read, changed with a preview, a kept copy and an undo.
//!
//! A file belongs to the client and the person who use it. It is therefore kept as text, changed in one place only,
//! and never written when it cannot be read or was changed since the person saw what would happen.

mod surroundings;
mod table;
mod text;

pub use surroundings::{Surroundings, System};
pub use table::{Client, Format, clients, find};
pub use text::Mistake;
