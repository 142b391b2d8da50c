//! Secrets: the value type, references to them, where they are kept, and keeping them out of what people read.
//!
//! A configuration holds references (`${env:NAME}`, `${keyring:NAME}`), never values. Values exist from the
//! moment a server starts until its environment was handed over, in memory that is wiped afterwards.

mod file_store;
#[cfg(feature = "keyring")]
mod keyring;
pub mod mask;
#[cfg(feature = "keyring")]
mod on_demand;
mod redact;
mod reference;
mod secret;
mod source;
mod store;

pub use file_store::FileStore;
#[cfg(feature = "keyring")]
pub use keyring::Keyring;
#[cfg(feature = "keyring")]
pub use on_demand::KeyringOnDemand;
pub use redact::{RedactStream, Redactor};
pub use reference::{Reference, ResolveError, references, resolve};
pub use secret::Secret;
pub use source::{Source, SourceError, Sources};
pub use store::{Store, StoreError};
