//! The system's keyring.

/// The system's keyring.
#[derive(Debug)]
pub struct Keyring;
