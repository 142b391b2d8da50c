//! From text to a checked [`Config`]: every mistake is found in one pass, each with its place.

mod fields;
mod isolation;
mod server;
mod top;
mod tree;

use std::path::Path;

use crate::{Config, ConfigError, Warning};
use fields::Reader;

pub(crate) use server::{key_in_use, server_from_value};
pub(crate) use tree::{Node, NodeValue, parse};

/// Reads a text. An empty one (or one of comments alone) means the defaults.
pub(crate) fn read(text: &str, home: Option<&Path>) -> Result<(Config, Vec<Warning>), Vec<ConfigError>> {
    let tree = match parse(text) {
        Ok(Some(tree)) => tree,
        Ok(None) => return Ok((Config::default(), Vec::new())),
        Err(error) => return Err(vec![error]),
    };
    let mut reader = Reader::new(text, home);
    let config = top::config(&mut reader, &tree);
    reader.finish(config)
}

#[cfg(test)]
mod tests;
