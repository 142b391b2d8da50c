//! The proxy under measurement, in a folder of its own.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::build::Built;
use super::client::Client;
use super::engine::IMAGE;

/// How long anything may take before the bench gives up.
const LONGEST: Duration = Duration::from_secs(120);
/// Between two looks at something that is awaited.
const LOOK: Duration = Duration::from_micros(500);
/// The key of every proxy here; clients send it, as the files that the proxy writes for them do.
pub(super) const KEY: &str = "bench-key-0123456789abcdef0123456789abcdef";
/// What names of servers, and so of containers, begin with.
pub(super) const PREFIX: &str = "bench";

/// A running proxy; ended with the value.
pub(super) struct Proxy {
    child: Child,
    pub(super) address: SocketAddr,
    folder: PathBuf,
}

impl Proxy {
    /// Starts one with so many servers, in containers or on the host. It does not wait for them.
    pub(super) fn start(built: &Built, servers: usize, isolated: bool) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = built.scratch.join(format!("{}-{}", std::process::id(), address.port()));
        fs::create_dir_all(folder.join("data"))?;
        fs::set_permissions(folder.join("data"), fs::Permissions::from_mode(0o700))?;
        let file = folder.join("mcp_config.json");
        fs::write(&file, config(&built.echo, servers, isolated).to_string())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let log = fs::File::create(folder.join("output.log"))?;
        let child = Command::new(&built.proxy)
            .args(["serve", "--log-level", "warn", "--listen", &address.to_string()])
            .arg("--config")
            .arg(&file)
            .arg("--data-dir")
            .arg(folder.join("data"))
            .arg("--log-dir")
            .arg(folder.join("logs"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} does not start", built.proxy.display()))?;
        Ok(Self { child, address, folder })
    }

    /// Waits until a client has a session.
    pub(super) fn client(&mut self, path: &str) -> Result<Client> {
        let address = self.address;
        self.wait("a session", || Client::open(address, path))
    }

    /// Waits until so many servers' tools are listed.
    pub(super) fn listed(&mut self, servers: usize) -> Result<Client> {
        let mut client = self.client("/mcp/all")?;
        self.wait("all tools", || match client.tools("__echo")? {
            listed if listed >= servers => Ok(()),
            listed => bail!("{listed} of {servers} are listed"),
        })?;
        Ok(client)
    }

    fn wait<T>(&mut self, what: &str, mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
        let start = Instant::now();
        loop {
            let error = match attempt() {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let ended = self.child.try_wait()?;
            if ended.is_some() || start.elapsed() > LONGEST {
                let output = fs::read_to_string(self.folder.join("output.log")).unwrap_or_default();
                bail!("waiting for {what}: {error:#} (the proxy: {ended:?})\n{output}");
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Resident memory in megabytes.
    pub(super) fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// The processor time of all threads so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let mut total = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let stat = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            total += stat.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or_default();
        }
        Ok(Duration::from_nanos(total))
    }

    /// Asks it to end, and says how long that took.
    pub(super) fn stop(mut self) -> Result<Duration> {
        let start = Instant::now();
        terminate(&self.child)?;
        self.child.wait()?;
        Ok(start.elapsed())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // What it started ends with it, so it is asked before it is forced.
            let _ = terminate(&self.child);
            let start = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(15) {
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn terminate(child: &Child) -> Result<()> {
    let status = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status()?;
    if status.success() { Ok(()) } else { bail!("the proxy cannot be signalled") }
}

fn config(echo: &Path, servers: usize, isolated: bool) -> Value {
    let servers: Vec<Value> = (0..servers)
        .map(|number| {
            json!({
                "name": format!("{PREFIX}{number}"),
                "command": echo,
                "args": [],
                "protocol": "stdio",
                "enabled": true,
                "isolation": { "enabled": isolated, "image": IMAGE },
            })
        })
        .collect();
    json!({
        "api_key": KEY,
        "require_mcp_auth": true,
        "routing_mode": "direct",
        "docker_isolation": { "enabled": isolated, "timeout": "60s" },
        "mcpServers": servers,
    })
}
