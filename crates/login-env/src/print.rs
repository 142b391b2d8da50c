//! The other side of the question: what `mcpproxy --print-env` does inside the login shell.

use std::ffi::OsString;
use std::io::{self, Write};

/// The socket on which the answer is awaited.
#[cfg(unix)]
pub(crate) const SOCKET: &str = "MCPPROXY_ENV_SOCKET";
/// What the answer has to repeat, so that nobody else's words are taken for it.
pub(crate) const NONCE: &str = "MCPPROXY_ENV_NONCE";

/// Answers with this environment: on the socket that the asking process named, or else between marks on
/// `fallback`, which is standard output.
///
/// # Errors
/// When nobody takes the answer.
pub fn print_env(
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    fallback: &mut dyn Write,
) -> io::Result<()> {
    let environment: Vec<(OsString, OsString)> = environment.into_iter().collect();
    let get = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value);
    let mut answer = Vec::new();
    for (name, value) in &environment {
        answer.extend_from_slice(name.as_encoded_bytes());
        answer.push(b'=');
        answer.extend_from_slice(value.as_encoded_bytes());
        answer.push(0);
    }
    #[cfg(unix)]
    if let Some(socket) = get(SOCKET) {
        let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
        return stream.write_all(&answer);
    }
    let nonce = get(NONCE).map(|nonce| nonce.to_string_lossy().into_owned()).unwrap_or_default();
    let (begin, end) = marks(&nonce);
    writeln!(fallback, "{begin}")?;
    fallback.write_all(&answer)?;
    writeln!(fallback, "{end}")?;
    fallback.flush()
}

/// The marks around an answer: words that a shell needs no quotes for.
pub(crate) fn marks(nonce: &str) -> (String, String) {
    (format!("BEGIN-{nonce}"), format!("END-{nonce}"))
}
