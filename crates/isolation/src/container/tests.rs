//! Against the real engine: what starts, what it may do, how it ends, and that nothing is left.
#![cfg(unix)]

mod elsewhere;
mod ending;
mod freezing;
mod lease;
mod secrets;
mod starting;
mod usage;
mod walls;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::Job;
use crate::engine::Engine;
use crate::engine::testing::{PATIENCE, engine, word};
use crate::plan::{
    Capabilities, Container, HostNamespaces, Limits, LogDriver, Network, Role, Tmpfs, Ulimit, User, labels,
};
use crate::running::{Running, Stdin, Stdout};
use crate::spec::Text;

/// The small image of the tests: busybox.
const IMAGE: &str = "alpine:3.18";

/// One test's own corner of the engine: its instance id is new, and what is left of it goes at the end.
struct Corner {
    engine: Engine,
    instance: String,
}

impl Corner {
    async fn open() -> Option<Corner> {
        let engine = engine().await?;
        Some(Corner { engine, instance: format!("test-{}", word()) })
    }

    /// The recipe around a command.
    fn container(&self) -> Container {
        container(&self.instance)
    }

    async fn run(&self, container: &Container, command: &[&str]) -> Running {
        let argv: Vec<Text> = command.iter().map(|word| Text::plain(*word)).collect();
        timeout(PATIENCE, self.engine.run(self.job(container, &argv)))
            .await
            .expect("a start in time")
            .expect("a start")
    }

    fn job<'a>(&'a self, container: &'a Container, argv: &'a [Text]) -> Job<'a> {
        Job {
            server: "echo",
            instance: &self.instance,
            container,
            argv,
            image: IMAGE,
            image_volumes: &[],
            packages: None,
            certificates: None,
        }
    }

    /// How many containers of this test the engine knows.
    async fn count(&self) -> usize {
        let label = format!("com.mcpproxy.instance={}", self.instance);
        self.engine.api().list(&[label]).await.expect("a list").len()
    }

    /// Waits until the engine knows none any more.
    async fn await_none(&self, limit: Duration) {
        poll(limit, "containers are left", async || self.count().await == 0).await;
    }

    async fn close(self) {
        self.engine.reap(&self.instance, &Default::default()).await.expect("reaping");
    }
}

/// Asks again until the answer is yes.
async fn poll(limit: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let until = tokio::time::Instant::now() + limit;
    while !holds().await {
        assert!(tokio::time::Instant::now() < until, "after {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A line in, a line out.
async fn exchange(stdin: &mut Stdin, stdout: &mut BufReader<&mut Stdout>, line: &str) -> String {
    stdin.write_all(line.as_bytes()).await.expect("a line in");
    stdin.write_all(b"\n").await.expect("its end");
    stdin.flush().await.expect("the line goes out");
    read_line(stdout).await
}

async fn read_line(from: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> String {
    let mut line = String::new();
    timeout(PATIENCE, from.read_line(&mut line)).await.expect("a line in time").expect("a line");
    line.trim_end().to_owned()
}

async fn read_all(mut from: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut all = Vec::new();
    timeout(PATIENCE, from.read_to_end(&mut all)).await.expect("an end in time").expect("the output");
    String::from_utf8_lossy(&all).into_owned()
}

/// The hardened recipe with small limits.
pub(crate) fn container(instance: &str) -> Container {
    let tmpfs =
        |target: &str, options: &str| Tmpfs { target: target.to_owned(), options: options.to_owned() };
    let ulimit = |name: &str, limit| Ulimit { name: name.to_owned(), soft: limit, hard: limit };
    Container {
        role: Role::Server,
        image: IMAGE.to_owned(),
        argv: Vec::new(),
        env: Vec::new(),
        neutral_env: [("HOME", "/home/mcp"), ("USER", "mcp"), ("TMPDIR", "/tmp")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        user: User::NOBODY,
        groups: Vec::new(),
        cwd: "/home/mcp".to_owned(),
        hostname: Some("echo".to_owned()),
        mounts: Vec::new(),
        tmpfs: vec![
            tmpfs("/tmp", "rw,nosuid,nodev,exec,size=16m,nr_inodes=1k,mode=1777"),
            tmpfs("/home/mcp", "rw,nosuid,nodev,exec,size=16m,nr_inodes=1k,uid=65532,gid=65532,mode=700"),
        ],
        limits: Limits {
            memory: 64 << 20,
            memory_swap: 64 << 20,
            nano_cpus: Some(1_000_000_000),
            cpu_shares: None,
            pids: 64,
            shm_size: 16 << 20,
            ulimits: vec![ulimit("core", 0), ulimit("nofile", 4096), ulimit("fsize", 1 << 30)],
            oom_score_adj: 500,
        },
        network: Network::None,
        capabilities: Capabilities { drop: vec!["ALL".to_owned()], add: Vec::new() },
        no_new_privileges: true,
        security_options: Vec::new(),
        privileged: false,
        host_namespaces: HostNamespaces::default(),
        devices: Vec::new(),
        read_only_root: true,
        log: LogDriver::None,
        dns: Vec::new(),
        dns_search: Vec::new(),
        dns_options: Vec::new(),
        extra_hosts: Vec::new(),
        ports: Vec::new(),
        labels: labels(instance, "echo", "server"),
        stop_signal: "SIGTERM".to_owned(),
        stop_timeout: 10,
    }
}

#[test]
fn the_labels_of_the_tests_are_those_of_plans() {
    let labels: BTreeMap<String, String> = container("i").labels;
    assert_eq!(labels.get("com.mcpproxy.instance").map(String::as_str), Some("i"));
}
