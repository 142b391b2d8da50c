//! The system's keyring.
