//! A second engine that a test may stop and start: its own network namespace, folders and socket.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::docker::Docker;
use crate::process;
use crate::wait::{GENEROUS, until_true};

/// An engine of one test.
pub struct SecondEngine {
    /// How the witness reaches it.
    pub docker: Docker,
    namespace: String,
    child: Option<Child>,
    folder: TempDir,
}

impl SecondEngine {
    /// Starts one and gives it the smallest image.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("mcpx-").tempdir().expect("a temporary folder");
        let namespace = folder.path().file_name().expect("a name").to_string_lossy().into_owned();
        process::checked(Command::new("ip").args(["netns", "add", &namespace]));
        process::checked(Command::new("ip").args(["-n", &namespace, "link", "set", "lo", "up"]));
        let host = format!("unix://{}", folder.path().join("docker.sock").display());
        let mut engine = Self { docker: Docker { host: Some(host) }, namespace, child: None, folder };
        engine.launch();
        let archive = engine.folder.path().join("alpine.tar").display().to_string();
        Docker::default().run(&["save", "--output", &archive, "alpine:3.18"]);
        engine.docker.run(&["load", "--input", &archive]);
        engine
    }

    /// Starts the daemon and waits until it answers.
    pub fn launch(&mut self) {
        let at = |name: &str| self.folder.path().join(name);
        let log = File::options().create(true).append(true).open(self.log()).expect("a log file");
        let mut daemon = Command::new("nsenter");
        daemon.arg(format!("--net=/run/netns/{}", self.namespace)).arg("dockerd").arg("--log-level=warn");
        daemon
            .arg("--data-root")
            .arg(at("data"))
            .arg("--exec-root")
            .arg(at("exec"))
            .arg("--pidfile")
            .arg(at("pid"));
        daemon.arg("--host").arg(self.docker.host.as_ref().expect("its address"));
        daemon.stdin(Stdio::null()).stdout(log.try_clone().expect("its second handle")).stderr(log);
        self.child = Some(daemon.spawn().expect("dockerd"));
        until_true("the second engine to answer", GENEROUS, || {
            process::output(&mut self.docker.command(&["version"])).status.success()
        });
    }

    /// Stops the daemon as the system would.
    pub fn stop(&mut self) {
        let mut child = self.child.take().expect("a running engine");
        process::signal(child.id(), "TERM");
        let ended = process::ended(&mut child, Duration::from_secs(60));
        assert!(
            ended.is_some(),
            "the second engine did not stop: {}",
            fs::read_to_string(self.log()).unwrap_or_default()
        );
    }

    /// Kills the daemon as a crash would; its containers run on until it is back.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("a running engine");
        child.kill().expect("a child of ours");
        child.wait().expect("a child of ours");
        // Its inner daemon dies with it. Where nobody reaps the dead, their pid files would make the next start believe
        // that they live.
        for file in ["pid", "exec/containerd/containerd.pid"] {
            drop(fs::remove_file(self.folder.path().join(file)));
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for SecondEngine {
    fn drop(&mut self) {
        let containers = process::output(&mut self.docker.command(&["ps", "--all", "--quiet"]));
        for container in String::from_utf8_lossy(&containers.stdout).lines() {
            drop(process::output(&mut self.docker.command(&["rm", "--force", container])));
        }
        if let Some(child) = self.child.take() {
            drop(process::Running(child));
        }
        let inner =
            fs::read_to_string(self.folder.path().join("exec/containerd/containerd.pid")).unwrap_or_default();
        if let Ok(pid) = inner.trim().parse() {
            process::signal(pid, "TERM");
        }
        drop(process::output(Command::new("ip").args(["netns", "delete", &self.namespace])));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_engine_comes_goes_and_comes_back_without_the_first_noticing() {
        let shared = || Docker::default().run(&["info", "--format", "{{.ID}}"]);
        let before = shared();
        let mut engine = SecondEngine::start();
        let bystander = engine.docker.bystander("bystander", &[]);
        assert!(bystander.runs());
        engine.stop();
        assert!(!bystander.runs());
        engine.launch();
        engine.kill();
        engine.launch();
        assert_eq!(
            engine.docker.run(&["run", "--rm", "--network", "none", "alpine:3.18", "echo", "up"]),
            "up"
        );
        assert_eq!(shared(), before);
    }
}
