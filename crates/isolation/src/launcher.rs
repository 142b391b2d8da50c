//! From the words a person wrote to the row of the runtime table that runs them.

pub mod table;

/// How the command becomes the server's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launch {
    /// The container's command is complete.
    Direct,
    /// Preparing finds the entry; the person's arguments follow it.
    Prepared,
    /// The command runs a container of its own; it is started on the host.
    OwnContainer,
}

/// The row of the table that was chosen, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runtime {
    /// Key into `default_images`.
    pub image_key: &'static str,
    /// The launcher as a person would name it: `npx`, `uvx`.
    pub launcher: String,
    /// The package as written, where there is one.
    pub package: Option<String>,
}
