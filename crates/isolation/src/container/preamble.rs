//! What the program in the container is told first: command, environment, marks, times.

use std::time::Duration;

use mcpproxy_shim::preamble::{self, Error, Record};
use mcpproxy_shim::report::Nonce;
use zeroize::Zeroizing;

use super::StartError;
use crate::spec::Text;

/// How often the container hears that we are alive.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(10);
/// How long a server gets to end by itself when its owner is gone, and again after TERM: nothing may be left five
/// seconds after this program was killed.
pub(super) const ORPHAN_GRACE: Duration = Duration::from_secs(1);
/// The same for a server that is stopped.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// Writes the preamble into a buffer that wipes itself.
pub(super) fn write(
    argv: &[Text],
    env: &[(String, Text)],
    directory: &str,
    nonce: &Nonce,
) -> Result<Zeroizing<Vec<u8>>, StartError> {
    let mut records: Vec<Record<'_>> =
        argv.iter().map(|word| Record::Argument(word.expose().as_bytes())).collect();
    records.extend(
        env.iter().map(|(name, value)| Record::Variable {
            name: name.as_bytes(),
            value: value.expose().as_bytes(),
        }),
    );
    if !directory.is_empty() {
        records.push(Record::Directory(directory.as_bytes()));
    }
    records.push(Record::Nonce(nonce.digits()));
    records.push(Record::Grace(millis(ORPHAN_GRACE)));
    records.push(Record::Heartbeat(millis(HEARTBEAT)));
    preamble::encode(&records).map(Zeroizing::new).map_err(|error| match error {
        Error::TooLong => StartError::TooLarge,
        Error::NoMagic | Error::Ended | Error::Malformed => StartError::Malformed,
    })
}

pub(super) fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_with_a_nul_is_refused_before_anything_starts() {
        let env = [("TOKEN".to_owned(), Text::secret("a\0b"))];
        let result = write(&[Text::plain("cat")], &env, "", &Nonce::from_random([1; 16]));
        assert_eq!(result.map(drop).map_err(|error| error.code()), Err("arguments_malformed"));
    }

    #[test]
    fn more_than_a_mebibyte_is_refused_before_anything_starts() {
        let argv = [Text::plain("cat"), Text::plain("x".repeat(2 << 20))];
        let result = write(&argv, &[], "", &Nonce::from_random([1; 16]));
        assert_eq!(result.map(drop).map_err(|error| error.code()), Err("arguments_too_large"));
    }
}
