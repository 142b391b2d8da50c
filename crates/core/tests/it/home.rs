//! A home of its own for each test, with a small server in it, and waiting for what a snapshot shows.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mcpproxy_core::{Core, Host, LogSource, ServerState, ServerView, Settings, Snapshot};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(120);

/// Whether a real engine is there to be used.
pub(crate) fn engine_is_wanted() -> bool {
    let wanted = std::env::var_os("MCPPROXY_TEST_ENGINE").is_some_and(|value| value == "1");
    if !wanted {
        eprintln!("skipped: MCPPROXY_TEST_ENGINE=1 runs it against the engine of this computer");
    }
    wanted
}

pub(crate) struct Home {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Settings,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        std::fs::write(folder.path().join("small.py"), include_str!("small.py")).unwrap();
        let mut settings = Settings::new(Host::Serve, "0.0.0-test", home);
        settings.working_dir = folder.path().to_owned();
        settings.log_dir = Some(folder.path().join("logs"));
        settings.environment = vec![("PATH".into(), std::env::var("PATH").unwrap())];
        Self { folder, settings }
    }

    pub(crate) fn config_path(&self) -> PathBuf {
        self.settings.home.join(".mcpproxy/mcp_config.json")
    }

    pub(crate) fn script(&self) -> PathBuf {
        self.folder.path().join("small.py")
    }

    pub(crate) fn write(&self, config: &Value) {
        let path = self.config_path();
        let folder = path.parent().unwrap();
        if !folder.is_dir() {
            let mut builder = std::fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder).unwrap();
        }
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, serde_json::to_string_pretty(config).unwrap()).unwrap();
        std::fs::rename(fresh, path).unwrap();
    }

    pub(crate) fn log(&self, source: &LogSource) -> String {
        std::fs::read_to_string(self.folder.path().join("logs").join(source.file_name())).unwrap_or_default()
    }

    pub(crate) async fn start(&self) -> Core {
        mcpproxy_core::start(self.settings.clone()).await.unwrap()
    }
}

/// Waits until a snapshot shows it; says the last one when it never does.
pub(crate) async fn wait(core: &Core, what: &str, holds: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
    let mut watch = core.watch();
    let found = tokio::time::timeout(LIMIT, watch.wait_for(|snapshot| holds(snapshot))).await;
    match found {
        Ok(snapshot) => Arc::clone(&snapshot.unwrap()),
        Err(_) => panic!("{what} never came: {:#?}", core.snapshot()),
    }
}

pub(crate) async fn ready(core: &Core, name: &str) -> Arc<ServerView> {
    let shows = |snapshot: &Snapshot| {
        snapshot
            .servers
            .get(name)
            .is_some_and(|server| server.state == ServerState::Ready && server.tools > 0)
    };
    Arc::clone(&wait(core, &format!("{name} ready"), shows).await.servers[name])
}

/// Calls the small server's tool and reads what it says of itself.
pub(crate) async fn whoami(core: &Core, name: &str) -> Value {
    let result = core.gateway().call_tool(name, "whoami", None).await.unwrap();
    let result: Value = serde_json::from_slice(&result).unwrap();
    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
}

/// One request to the engine of this computer.
#[cfg(unix)]
pub(crate) fn engine(method: &str, path: &str) -> String {
    request(method, path, "")
}

/// Creates a container that is not ours to be seen by us, and returns its id.
#[cfg(unix)]
pub(crate) fn create(body: &str) -> String {
    let answer = request("POST", "/containers/create", body);
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str::<Value>(body).unwrap()["Id"].as_str().unwrap().to_owned()
}

#[cfg(unix)]
fn request(method: &str, path: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut socket = std::os::unix::net::UnixStream::connect(Path::new("/var/run/docker.sock")).unwrap();
    let (length, kind) = (body.len(), "Content-Type: application/json");
    write!(socket, "{method} {path} HTTP/1.0\r\nHost: d\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// The ids of all containers that carry an instance's label.
#[cfg(unix)]
pub(crate) fn containers(instance: &str) -> Vec<String> {
    let filter = format!("%7B%22label%22%3A%5B%22com.mcpproxy.instance%3D{instance}%22%5D%7D");
    let answer = engine("GET", &format!("/containers/json?all=1&filters={filter}"));
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let list: Value = serde_json::from_str(body).unwrap();
    list.as_array().unwrap().iter().map(|container| container["Id"].as_str().unwrap().to_owned()).collect()
}
