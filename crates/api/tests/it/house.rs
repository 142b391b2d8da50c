//! A core without an engine behind both doors, and a client that sends exactly what a test says.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use mcpproxy_api::{ApiState, Doors, Listening, router};
use mcpproxy_core::{Core, Host, Settings};
use serde_json::{Value, json};
use std::{net::SocketAddr, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

pub(crate) const LIMIT: Duration = Duration::from_secs(60);
pub(crate) const KEY: &str = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";

pub(crate) struct House {
    pub(crate) core: Core,
    pub(crate) address: SocketAddr,
    pub(crate) data_dir: PathBuf,
    config: PathBuf,
    listening: Listening,
    folder: tempfile::TempDir,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()["data"].clone()
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    /// With one server that is turned off, so that nothing runs.
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let data_dir = home.join(".mcpproxy");
        std::fs::create_dir_all(&data_dir).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&data_dir, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let config = data_dir.join("mcp_config.json");
        write_config(&config, KEY);
        let mut settings = Settings::new(Host::Serve, "0.0.0-test", home);
        settings.working_dir = folder.path().to_owned();
        settings.log_dir = Some(folder.path().join("logs"));
        settings.environment = vec![
            ("PATH".into(), std::env::var("PATH").unwrap()),
            ("DOCKER_HOST".into(), "unix:///nonexistent/docker.sock".into()),
        ];
        let core = mcpproxy_core::start(settings).await.unwrap();
        let doors = Doors { tcp: "127.0.0.1:0".into(), socket: data_dir.join(mcpproxy_api::SOCKET_NAME) };
        let bound = doors.bind().await.unwrap();
        let address = bound.address();
        core.set_address(address);
        let pages: mcpproxy_api::Pages =
            |_, path, _| http::Response::new(bytes::Bytes::from(format!("page {path}").into_bytes()));
        let state = ApiState::new(core.clone(), "0.0.0-test").with_pages(pages);
        let listening = bound.serve(router(state));
        Self { core, address, data_dir, config, listening, folder }
    }

    pub(crate) async fn close(self) {
        self.listening.shutdown(Duration::from_secs(1)).await;
        self.core.shutdown().await;
    }

    pub(crate) fn log_file(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    /// The key becomes another one, and the core has seen it.
    pub(crate) async fn change_key(&self, key: &str) {
        write_config(&self.config, key);
        let _ = self.core.command(mcpproxy_core::Command::Reload).await.unwrap();
        timeout(LIMIT, async {
            while self.core.api_key().is_none_or(|known| known.expose() != key) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// What a script with the key gets.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("x-api-key", KEY)], "").await
    }

    /// One request, with the Host header of this address unless another is given.
    pub(crate) async fn send(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in fields {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if method != "GET" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        exchange(&mut stream, &text).await
    }

    /// One request of the person's own terminal, by the socket.
    #[cfg(unix)]
    pub(crate) async fn terminal(&self, method: &str, path: &str) -> Answer {
        let mut stream =
            tokio::net::UnixStream::connect(self.data_dir.join(mcpproxy_api::SOCKET_NAME)).await.unwrap();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        exchange(&mut stream, &text).await
    }
}

fn write_config(path: &std::path::Path, key: &str) {
    let config = json!({
        "api_key": key,
        "docker_isolation": {"enabled": true},
        "mcpServers": [{"name": "quiet", "command": "python3", "args": ["x.py"], "enabled": false}],
    });
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, config.to_string()).unwrap();
    std::fs::rename(fresh, path).unwrap();
}

async fn exchange(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
    request: &str,
) -> Answer {
    let whole = async {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let text = timeout(LIMIT, whole).await.expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.trim()).unwrap())
        })
        .collect();
    Answer { status, headers, body: body.to_owned() }
}
