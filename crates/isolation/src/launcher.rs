//! From the words a person wrote to the row of the runtime table that runs them.

mod command;
mod node;
mod own_container;
mod prepare;
mod program;
mod python;
mod recipe;
pub mod table;
mod unwrap;
mod uv;
pub mod words;

#[cfg(test)]
mod tests;

pub use command::{Command, base_name, is_drive_path};
pub use own_container::OwnContainer;
pub use prepare::{Prepare, Script};
pub use recipe::{Context, Recipe, choose};

/// How the command becomes the server's process.
#[derive(Debug, Clone, PartialEq)]
pub enum Launch {
    /// The container's command is complete.
    Direct,
    /// Preparing finds the entry; the person's arguments follow it.
    Prepared,
    /// The command runs a container of its own; it is started on the host.
    OwnContainer(OwnContainer),
}

/// The row of the table that was chosen, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// The key under which the image was found in `default_images`.
    pub image_key: String,
    /// The launcher as a person would name it: `npx`, `uvx`.
    pub launcher: String,
    /// The package as written, where there is one.
    pub package: Option<String>,
}
