//! The `docker` command as a witness from outside the program under test.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::process;
use crate::wait::until;

/// An engine as the witness sees it; the shared one unless another address is given.
#[derive(Clone, Debug, Default)]
pub struct Docker {
    /// Value for `DOCKER_HOST`.
    pub host: Option<String>,
}

/// The label whose value names the owning instance.
pub const INSTANCE: &str = "com.mcpproxy.instance";
/// The label whose value names the server.
pub const SERVER: &str = "com.mcpproxy.server";
/// The label that all containers of the product carry.
pub const MANAGED: &str = "com.mcpproxy.managed";

impl Docker {
    /// A `docker` command for this engine.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(arguments);
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
        command
    }

    /// Runs a `docker` command that must end well.
    pub fn run(&self, arguments: &[&str]) -> String {
        process::checked(&mut self.command(arguments))
    }

    /// Ids of all containers, running or not, with these labels (`name` or `name=value`).
    pub fn containers(&self, labels: &[&str]) -> Vec<String> {
        let filters: Vec<String> = labels.iter().map(|label| format!("label={label}")).collect();
        let mut arguments = vec!["ps", "--all", "--quiet", "--no-trunc"];
        for filter in &filters {
            arguments.extend(["--filter", filter]);
        }
        self.run(&arguments).lines().map(str::to_owned).collect()
    }

    /// Ids of the containers of one instance.
    pub fn of_instance(&self, instance: &str) -> Vec<String> {
        self.containers(&[&format!("{INSTANCE}={instance}")])
    }

    /// Names of the containers of one instance that still run.
    pub fn running(&self, instance: &str) -> Vec<String> {
        let filter = format!("label={INSTANCE}={instance}");
        let names = self.run(&["ps", "--filter", &filter, "--format", "{{.Names}}"]);
        names.lines().map(str::to_owned).collect()
    }

    /// Nothing of the instance runs now, and what the engine is still tidying up is gone soon.
    pub fn assert_gone(&self, instance: &str) {
        let running = self.running(instance);
        assert!(running.is_empty(), "still running: {running:?}");
        self.wait_until_gone(instance);
    }

    /// All containers of the instance go within 5 s; the limit is longer, because other work shares the machine.
    pub fn wait_until_gone(&self, instance: &str) {
        until("the instance's containers to be gone", Duration::from_secs(15), || {
            let left = self.of_instance(instance);
            if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
        });
    }

    /// Everything that the engine tells of a container; `None` when it is gone.
    pub fn inspect(&self, container: &str) -> Option<Value> {
        let output = process::output(&mut self.command(&["inspect", container]));
        let all: Value = serde_json::from_slice(&output.stdout).ok()?;
        all.get(0).cloned()
    }

    /// Whether the container is still there, running or not.
    pub fn exists(&self, container: &str) -> bool {
        self.inspect(container).is_some()
    }

    /// Starts a container that lives until it is removed, with these labels.
    pub fn bystander(&self, name: &str, labels: &[&str]) -> Bystander {
        let mut arguments = vec!["run", "--detach", "--name", name, "--network", "none"];
        for label in labels {
            arguments.extend(["--label", label]);
        }
        arguments.extend(["alpine:3.18", "sleep", "600"]);
        Bystander { docker: self.clone(), id: self.run(&arguments) }
    }

    /// Removes what an instance may have left, its volumes too; for the end of a test.
    pub fn remove_instance(&self, instance: &str) {
        for container in self.of_instance(instance) {
            drop(process::output(&mut self.command(&["rm", "--force", "--volumes", &container])));
        }
        let filter = format!("label={INSTANCE}={instance}");
        let volumes = process::output(&mut self.command(&["volume", "ls", "--quiet", "--filter", &filter]));
        for volume in String::from_utf8_lossy(&volumes.stdout).lines() {
            drop(process::output(&mut self.command(&["volume", "rm", volume])));
        }
    }
}

/// A container of somebody else, removed at the end of the test.
pub struct Bystander {
    docker: Docker,
    /// Its id.
    pub id: String,
}

impl Bystander {
    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        self.docker.inspect(&self.id).is_some_and(|container| container["State"]["Running"] == true)
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        drop(process::output(&mut self.docker.command(&["rm", "--force", "--volumes", &self.id])));
    }
}
