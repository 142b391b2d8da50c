//! Reads the preamble from stdin, and not one byte more: what follows belongs to the relay.

use mcpproxy_shim::preamble::{self, Error, HEADER};

use super::platform::{self, STDIN};

/// The body of the preamble, in a buffer that never grew.
pub(super) fn read_preamble() -> Result<Vec<u8>, Error> {
    let mut header = [0; HEADER];
    fill(&mut header)?;
    let mut body = vec![0; preamble::body_length(&header)?];
    fill(&mut body)?;
    Ok(body)
}

fn fill(mut buffer: &mut [u8]) -> Result<(), Error> {
    while !buffer.is_empty() {
        match platform::read(STDIN, buffer) {
            Ok(0) => return Err(Error::Ended),
            Ok(count) => buffer = &mut buffer[count..],
            Err(platform::EINTR) => {}
            Err(_) => return Err(Error::Ended),
        }
    }
    Ok(())
}
