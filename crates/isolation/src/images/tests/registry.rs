//! A real registry on loopback, and a gate before it that slows it down, counts, and can be shut.
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::engine::testing::{PATIENCE, until};

/// `docker-registry` with a folder of its own; it ends with this value.
pub(super) struct Registry {
    _process: Child,
    _folder: tempfile::TempDir,
    pub(super) address: SocketAddr,
}

/// The user and password of a registry that wants one.
pub(super) const USER: &str = "tester";
pub(super) const PASSWORD: &str = "s3cret>>>???";
/// bcrypt of the password, cheap on purpose.
const HASH: &str = "$2b$04$N9pu/9kebEALP.0btldokuc/f//M4qifo1/72IzybZKLy.1bEuRdC";

impl Registry {
    /// Starts one; `None` when the program is not installed and engines are not demanded.
    pub(super) async fn start(sign_in: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address().await;
        let mut config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\nhttp: {{addr: '{address}'}}\n",
            folder.path().join("data").display()
        );
        if sign_in {
            let users = folder.path().join("htpasswd");
            std::fs::write(&users, format!("{USER}:{HASH}\n")).unwrap();
            config.push_str(&format!("auth:\n  htpasswd: {{realm: test, path: {}}}\n", users.display()));
        }
        let file: PathBuf = folder.path().join("config.yml");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(file).kill_on_drop(true);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let process = match command.spawn() {
            Ok(process) => process,
            Err(error) => {
                assert!(std::env::var_os("MCPPROXY_TEST_ENGINE").is_none(), "docker-registry: {error}");
                println!("not run: docker-registry is not installed");
                return None;
            }
        };
        until("the registry listens", async || TcpStream::connect(address).await.is_ok()).await;
        Some(Self { _process: process, _folder: folder, address })
    }
}

/// An address on loopback that nobody uses at the moment.
pub(super) async fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A gate before a registry.
pub(super) struct Gate {
    pub(super) address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

struct State {
    /// Bytes that passed towards the engine.
    passed: watch::Sender<u64>,
    /// Connections that are open.
    open: watch::Sender<usize>,
    shut: AtomicBool,
    cut: watch::Sender<u64>,
}

impl Gate {
    /// Opens a gate that lets `rate` bytes a second through.
    pub(super) async fn open(registry: SocketAddr, rate: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            passed: watch::channel(0).0,
            open: watch::channel(0).0,
            shut: AtomicBool::new(false),
            cut: watch::channel(0).0,
        });
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            loop {
                let (near, _) = listener.accept().await.unwrap();
                if shared.shut.load(Ordering::SeqCst) {
                    continue;
                }
                open.spawn(pass(near, registry, rate, Arc::clone(&shared)));
            }
        });
        Self { address, state, task }
    }

    /// Cuts every connection and takes no more.
    pub(super) fn shut(&self) {
        self.state.shut.store(true, Ordering::SeqCst);
        self.state.cut.send_modify(|count| *count += 1);
    }

    /// Takes connections again.
    pub(super) fn reopen(&self) {
        self.state.shut.store(false, Ordering::SeqCst);
    }

    pub(super) fn passed(&self) -> u64 {
        *self.state.passed.borrow()
    }

    /// Waits until so many bytes have passed.
    pub(super) async fn passes(&self, bytes: u64) {
        let mut passed = self.state.passed.subscribe();
        tokio::time::timeout(PATIENCE, passed.wait_for(|passed| *passed >= bytes)).await.unwrap().unwrap();
    }

    /// Waits until nobody is connected any more.
    pub(super) async fn empty(&self) {
        let mut open = self.state.open.subscribe();
        tokio::time::timeout(PATIENCE, open.wait_for(|open| *open == 0)).await.unwrap().unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(near: TcpStream, registry: SocketAddr, rate: u64, state: Arc<State>) {
    const SLICE: Duration = Duration::from_millis(50);
    state.open.send_modify(|open| *open += 1);
    let mut cut = state.cut.subscribe();
    let work = async {
        let far = TcpStream::connect(registry).await.unwrap();
        let (mut near_read, mut near_write) = near.into_split();
        let (mut far_read, mut far_write) = far.into_split();
        let up = tokio::io::copy(&mut near_read, &mut far_write);
        let down = async {
            let share = usize::try_from(rate / 20).unwrap().max(1);
            let mut buffer = vec![0; share];
            let mut tick = tokio::time::interval(SLICE);
            loop {
                let count = far_read.read(&mut buffer).await.unwrap_or(0);
                if count == 0 || near_write.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
                state.passed.send_modify(|passed| *passed += count as u64);
                if count * 4 > share {
                    tick.tick().await;
                }
            }
        };
        tokio::select! { _ = up => {} () = down => {} }
    };
    tokio::select! { () = work => {} _ = cut.changed() => {} }
    state.open.send_modify(|open| *open -= 1);
}
