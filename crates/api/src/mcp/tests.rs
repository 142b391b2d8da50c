//! The endpoints over real connections.
