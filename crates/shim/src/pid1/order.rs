//! What the preamble asks for, as slices of its buffer, so that no second copy of a secret comes to be.

use mcpproxy_shim::preamble::{Error, Record, records};

/// A secret file to write.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) path: &'a [u8],
    pub(super) mode: u32,
    pub(super) content: &'a [u8],
}

/// The whole order.
#[derive(Default)]
pub(super) struct Order<'a> {
    pub(super) argv: Vec<&'a [u8]>,
    pub(super) variables: Vec<(&'a [u8], &'a [u8])>,
    pub(super) directory: Option<&'a [u8]>,
    pub(super) files: Vec<File<'a>>,
    pub(super) nonce: Option<[u8; 32]>,
    pub(super) grace: u64,
    pub(super) umask: Option<u32>,
    pub(super) heartbeat: Option<u64>,
}

/// How long a server gets to end by itself if the preamble does not say.
const GRACE_MS: u64 = 2_000;

impl<'a> Order<'a> {
    /// Reads the body of a preamble. An order without a command is malformed.
    pub(super) fn parse(body: &'a [u8]) -> Result<Order<'a>, Error> {
        let mut order = Order { grace: GRACE_MS, ..Order::default() };
        for record in records(body) {
            match record? {
                Record::Argument(argument) => order.argv.push(argument),
                Record::Variable { name, value } => order.variables.push((name, value)),
                Record::Directory(path) => order.directory = Some(path),
                Record::Nonce(nonce) => order.nonce = Some(*nonce),
                Record::Grace(ms) => order.grace = ms.into(),
                Record::File { path, mode, content } => order.files.push(File { path, mode, content }),
                Record::Umask(mask) => order.umask = Some(mask),
                Record::Heartbeat(ms) => order.heartbeat = Some(ms.into()).filter(|ms| *ms > 0),
            }
        }
        if order.argv.first().is_none_or(|program| program.is_empty()) {
            Err(Error::Malformed)
        } else {
            Ok(order)
        }
    }
}

#[cfg(test)]
mod tests {
    use mcpproxy_shim::preamble::{HEADER, encode};

    use super::*;

    #[test]
    fn an_order_keeps_arguments_in_turn_and_takes_the_defaults() {
        let bytes = encode(&[Record::Argument(b"cat"), Record::Argument(b"-u")]).expect("a preamble");
        let order = Order::parse(&bytes[HEADER..]).expect("an order");
        assert_eq!(order.argv, [b"cat".as_slice(), b"-u"]);
        assert_eq!((order.grace, order.heartbeat, order.umask), (2_000, None, None));
    }

    #[test]
    fn an_order_without_a_command_is_malformed() {
        let bytes = encode(&[Record::Heartbeat(0)]).expect("a preamble");
        assert_eq!(Order::parse(&bytes[HEADER..]).err(), Some(Error::Malformed));
    }
}
