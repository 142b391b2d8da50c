//! A second start: its wish goes to the one that runs, over the local door, and it leaves.

use mcpproxy_core::{Holder, Wish};
use std::{io, path::Path, time::Duration};

/// How often a wish is repeated that nobody took.
const TRIES: u32 = 20;
/// How long between two tries.
const LOOK: Duration = Duration::from_millis(100);

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handed {
    /// It was taken.
    Taken,
    /// The holder is no application: the person uses a browser.
    Browser {
        /// Where its pages are.
        url: String,
    },
    /// Nobody answered.
    Silent {
        /// What to say.
        why: String,
    },
}

/// Hands a wish to whoever holds the data folder.
pub(crate) fn hand_over(data_dir: &Path, holder: &Holder, wish: Wish) -> Handed {
    if holder.kind == "serve" && wish == Wish::Show {
        return browser(holder);
    }
    let socket = data_dir.join(mcpproxy_api::SOCKET_NAME);
    let mut answer = post(&socket, wish);
    // An application that has just started listens for wishes a moment later.
    for _ in 0..TRIES {
        if holder.kind != "app" || !matches!(answer, Ok(400..)) {
            break;
        }
        std::thread::sleep(LOOK);
        answer = post(&socket, wish);
    }
    match answer {
        Ok(200..=299) => Handed::Taken,
        Ok(_) if wish == Wish::Show && holder.kind != "app" => browser(holder),
        Ok(status) => Handed::Silent { why: format!("{holder} refused the request ({status}).") },
        Err(error) => {
            Handed::Silent { why: format!("{holder} does not answer: {error}. End it and start again.") }
        }
    }
}

/// Asks an instance that nobody started by hand to end, as its own last client would in the end.
pub(crate) fn ask_to_yield(holder: &Holder) {
    #[cfg(unix)]
    if let Some(pid) = i32::try_from(holder.pid).ok().and_then(rustix::process::Pid::from_raw)
        && let Err(error) = rustix::process::kill_process(pid, rustix::process::Signal::TERM)
    {
        eprintln!("{holder} cannot be asked to end: {error}");
    }
    #[cfg(not(unix))]
    eprintln!("{holder} runs here; it ends by itself five minutes after its last client.");
}

fn browser(holder: &Holder) -> Handed {
    holder.address.as_ref().map_or_else(
        || Handed::Silent { why: format!("{holder} is still starting. Try again in a moment.") },
        |address| Handed::Browser { url: format!("http://{address}/ui/") },
    )
}

/// One small request over the socket; answers the status.
#[cfg(unix)]
fn post(socket: &Path, wish: Wish) -> io::Result<u16> {
    use std::{
        io::{BufRead, BufReader, Write},
        os::unix::net::UnixStream,
    };
    /// How long the holder may take to answer.
    const PATIENCE: Duration = Duration::from_secs(5);

    let mut stream = UnixStream::connect(socket)?;
    if !is_ours(socket, &stream)? {
        return Err(io::Error::other("the socket belongs to another user"));
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let body = format!(r#"{{"wish":"{}"}}"#, wish.word());
    write!(
        stream,
        "POST /api/v1/wish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first)?;
    let status = first.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other("the answer was not understood"))
}

/// Whether the socket is this user's: its file everywhere, and the process behind it where the system tells.
#[cfg(unix)]
fn is_ours(socket: &Path, stream: &std::os::unix::net::UnixStream) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid();
    let file = std::fs::symlink_metadata(socket)?.uid() == own.as_raw();
    #[cfg(target_os = "linux")]
    let process = {
        let peer = rustix::net::sockopt::socket_peercred(stream)?.uid;
        peer == own || peer.is_root()
    };
    #[cfg(not(target_os = "linux"))]
    let process = {
        let _ = stream;
        true
    };
    Ok(file && process)
}

#[cfg(not(unix))]
fn post(_socket: &Path, _wish: Wish) -> io::Result<u16> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::{
        io::{Read, Write},
        os::unix::net::UnixListener,
    };

    fn holder(kind: &str) -> Holder {
        Holder { pid: 7, kind: kind.into(), address: Some("127.0.0.1:8080".into()), version: "1".into() }
    }

    #[test]
    fn a_wish_is_sent_as_one_request_and_its_status_counts() {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(mcpproxy_api::SOCKET_NAME)).unwrap();
        let seen = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = vec![0; 4096];
            let read = stream.read(&mut text).unwrap();
            stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").unwrap();
            String::from_utf8_lossy(&text[..read]).into_owned()
        });
        assert_eq!(hand_over(folder.path(), &holder("app"), Wish::OpenLogs), Handed::Taken);
        let request = seen.join().unwrap();
        assert!(request.starts_with("POST /api/v1/wish HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with(r#"{"wish":"open-logs"}"#), "{request}");
    }

    #[test]
    fn while_serve_holds_the_folder_the_browser_is_the_window() {
        let folder = tempfile::tempdir().unwrap();
        let handed = hand_over(folder.path(), &holder("serve"), Wish::Show);
        assert_eq!(handed, Handed::Browser { url: "http://127.0.0.1:8080/ui/".into() });
    }

    #[test]
    fn an_application_that_does_not_answer_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let Handed::Silent { why } = hand_over(folder.path(), &holder("app"), Wish::Show) else { panic!() };
        assert!(why.contains("the app (process 7"), "{why}");
    }
}
