//! What tests of this crate share: the real engine of the machine, a forwarder before it that can be stopped, and
//! sockets that answer by a script where no engine here can show a state.
#![cfg(unix)]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use super::surroundings::tests::linux;
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
    heads: Arc<Mutex<Vec<String>>>,
}

impl Forwarder {
    /// Listens at `path`.
    pub(crate) fn start(path: &Path) -> Self {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let seen = Arc::clone(&seen);
                open.spawn(async move {
                    let mut first = vec![0; 4096];
                    let length = near.read(&mut first).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&first[..length]).into_owned();
                    seen.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                    let mut far = UnixStream::connect(SOCKET).await.unwrap();
                    far.write_all(&first[..length]).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                });
                while open.try_join_next().is_some() {}
            }
        });
        Self { task, path: path.to_path_buf(), heads }
    }

    /// How many requests had these words in their first line.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.heads.lock().unwrap().iter().filter(|head| head.contains(words)).count()
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

/// Looks at a condition again and again until it holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !holds().await {
            looks.tick().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "not in time: {what}");
}

/// A random word for names that must not meet those of other tests.
pub(crate) fn word() -> String {
    let mut bytes = [0_u8; 6];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Gives the engine an image of one layer with the file `/payload`, for a processor such as `amd64`.
pub(crate) async fn import(engine: &Engine, name: &str, payload: &[u8], arch: &str) {
    use sha2::{Digest, Sha256};
    let layer = tar(&[("payload", payload)]);
    let diff: String = Sha256::digest(&layer).iter().map(|byte| format!("{byte:02x}")).collect();
    let config = serde_json::json!({
        "architecture": arch, "os": "linux", "config": {"Cmd": ["/payload"]},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff}")]},
        "history": [{"created": "2024-01-01T00:00:00Z"}], "created": "2024-01-01T00:00:00Z",
    });
    let manifest =
        serde_json::json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]);
    let archive = tar(&[
        ("config.json", config.to_string().as_bytes()),
        ("layer.tar", &layer),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    let request = http::Request::post(format!("/v{}/images/load?quiet=1", engine.info().api))
        .header("Content-Type", "application/x-tar")
        .body(http_body_util::Full::new(bytes::Bytes::from(archive)))
        .unwrap();
    let response = super::connection::send(engine.endpoint(), request).await.unwrap();
    drain(super::connection::checked(response).await.unwrap()).await;
}

/// Sends an image to its registry.
pub(crate) async fn push(engine: &Engine, name: &str, auth: &str) {
    let (repository, tag) = name.rsplit_once(':').unwrap();
    let path = format!("/images/{repository}/push?tag={tag}");
    let response = engine.open(http::Method::POST, &path, &[("X-Registry-Auth", auth)]).await.unwrap();
    drain(response).await;
}

async fn drain(response: http::Response<hyper::body::Incoming>) {
    let mut values = super::JsonStream::<serde_json::Value>::new(response.into_body());
    while let Some(value) = values.next().await {
        let value = value.unwrap();
        assert!(value.get("errorDetail").is_none(), "{value}");
    }
}

/// A tar archive of some files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files {
        let mut head = [0_u8; 512];
        let mut put = |at: usize, text: &str| head[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, "0000644\0");
        put(108, "0000000\0");
        put(116, "0000000\0");
        put(124, &format!("{:011o}\0", content.len()));
        put(136, "00000000000\0");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend_from_slice(&head);
        archive.extend_from_slice(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}
