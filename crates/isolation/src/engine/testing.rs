//! What tests of this crate share: the real engine of the machine, a forwarder before it that can be stopped, and
//! sockets that answer by a script where no engine here can show a state.
#![cfg(unix)]
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

use super::{Engine, Finder, FinderOptions, Surroundings};

/// The socket of the machine's engine.
pub(crate) const SOCKET: &str = "/var/run/docker.sock";

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The machine's engine. Without one the test says that it did not run, unless engines are demanded.
pub(crate) async fn engine() -> Option<Engine> {
    let finder = finder_of(&format!("unix://{SOCKET}"));
    if let Some(engine) = finder.find().await.engine() {
        return Some(engine.clone());
    }
    assert!(
        std::env::var_os("MCPPROXY_TEST_ENGINE").is_none(),
        "MCPPROXY_TEST_ENGINE is set and no engine answers at {SOCKET}"
    );
    println!("not run: no engine answers at {SOCKET}");
    None
}

/// A finder of one address, in surroundings that hold nothing else.
pub(crate) fn finder_of(endpoint: &str) -> Finder {
    Finder::new(FinderOptions {
        endpoint: Some(endpoint.to_owned()),
        surroundings: Surroundings {
            root: PathBuf::from("/nonexistent"),
            ..Surroundings::new(PathBuf::from("/nonexistent"), None, Vec::new())
        },
        last_engine: None,
    })
}

/// A socket that hands every connection on to the real engine until it is stopped.
pub(crate) struct Forwarder {
    task: JoinHandle<()>,
    path: PathBuf,
}

impl Forwarder {
    /// Listens at `path`.
    pub(crate) fn start(path: &Path) -> Self {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).unwrap();
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                open.spawn(async move {
                    let mut far = UnixStream::connect(SOCKET).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
                while open.try_join_next().is_some() {}
            }
        });
        Self { task, path: path.to_path_buf() }
    }

    /// Cuts every connection and leaves the socket file behind, as a killed engine does.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// The same, and the socket file goes, as with an engine that is stopped.
    pub(crate) async fn stop(self) {
        let path = self.path.clone();
        self.kill().await;
        std::fs::remove_file(path).unwrap();
    }
}

/// A socket that answers each path with a fixed text; a path that is not listed gets no answer at all.
pub(crate) fn scripted(path: &Path, answers: &'static [(&'static str, &'static str)]) -> JoinHandle<()> {
    let listener = UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        let mut open = JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            open.spawn(async move {
                let mut seen = Vec::new();
                while !seen.windows(4).any(|four| four == b"\r\n\r\n") {
                    if stream.read_buf(&mut seen).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let head = String::from_utf8_lossy(&seen).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                match answers.iter().find(|(known, _)| *known == path) {
                    Some((_, answer)) => stream.write_all(answer.as_bytes()).await.unwrap(),
                    None => std::future::pending().await,
                }
            });
        }
    })
}

/// A random word for names that must not meet those of other tests.
pub(crate) fn word() -> String {
    let mut bytes = [0_u8; 6];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
