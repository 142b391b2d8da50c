//! From settings to a running core: folders, lock, first file, and then everything in the order it is needed.
mod first_run;
mod folder;
mod lock;
mod paths;

pub use lock::Holder;
pub use paths::Paths;
