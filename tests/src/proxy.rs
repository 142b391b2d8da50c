//! The program under test, in folders and on a port of its own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::docker::Docker;
use crate::http::{Request, Response};
use crate::wait::{GENEROUS, until};
use crate::{process, program};

/// The key of every proxy of the suites.
pub const KEY: &str = "test-key-0123456789abcdef0123456789abcdef";

/// Folders, configuration and environment of a proxy that does not run yet.
pub struct Setup {
    folder: TempDir,
    /// The configuration as it will be written.
    pub config: Value,
    environment: Vec<(String, String)>,
    /// The engine that it uses.
    pub docker: Docker,
}

impl Setup {
    /// A proxy with these servers, isolation on, all tools at `/mcp`.
    pub fn new(servers: Vec<Value>) -> Self {
        let folder = tempfile::Builder::new().prefix("mcpproxy-test-").tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("data")).expect("a data folder");
        fs::set_permissions(folder.path().join("data"), fs::Permissions::from_mode(0o700)).expect("its mode");
        let config = json!({
            "api_key": KEY,
            "require_mcp_auth": true,
            "routing_mode": "direct",
            "docker_isolation": { "enabled": true, "timeout": "60s" },
            "mcpServers": servers,
        });
        Self { folder, config, environment: Vec::new(), docker: Docker::default() }
    }

    /// Sets a value of the configuration by its path.
    pub fn set(mut self, path: &[&str], value: Value) -> Self {
        let place = path.iter().fold(&mut self.config, |place, key| &mut place[*key]);
        *place = value;
        self
    }

    /// Sets an environment variable of the proxy.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Uses another engine than the shared one.
    pub fn engine(mut self, docker: &Docker) -> Self {
        self.docker = docker.clone();
        let host = docker.host.clone().expect("an engine with an address");
        self.environment("DOCKER_HOST", &host)
    }

    /// The folder that everything of this proxy lies in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("mcp_config.json")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of the logs.
    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// Writes the configuration file as `config` says.
    pub fn write(&self) {
        let text = serde_json::to_string_pretty(&self.config).expect("JSON");
        self.write_text(&text);
    }

    /// Writes the configuration file as given, in one step as editors do.
    pub fn write_text(&self, text: &str) {
        let new = self.file().with_extension("new");
        fs::write(&new, text).expect("the file");
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).expect("its mode");
        fs::rename(new, self.file()).expect("the file in its place");
    }

    /// A command of the program, with this setup's folders and environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        // Whoever runs the suites may ignore the end of a terminal; the program under test is a person's.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP").arg(program::mcpproxy());
        command.args(arguments).arg("--config").arg(self.file()).arg("--data-dir").arg(self.data());
        command.envs(self.environment.iter().cloned());
        command
    }

    /// Writes the file, starts `serve` and waits until it answers.
    pub fn start(self) -> Proxy {
        self.write();
        self.start_with_file()
    }

    /// Starts `serve` with the file as it is and waits until it answers.
    pub fn start_with_file(self) -> Proxy {
        let mut proxy = Proxy { address: String::new(), child: None, setup: self };
        proxy.launch();
        proxy
    }
}

/// A running proxy; ended, with all that it left, when the test lets go of it.
pub struct Proxy {
    /// `host:port` where clients reach it.
    pub address: String,
    child: Option<Child>,
    /// Its folders and configuration.
    pub setup: Setup,
}

impl Proxy {
    /// Starts it (again) on a free port and waits until it answers.
    pub fn launch(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.address = format!("127.0.0.1:{}", free_port());
        let mut command = self.setup.command(&["serve", "--listen", &self.address, "--log-level", "debug"]);
        command.arg("--log-dir").arg(self.setup.logs());
        let output =
            File::options().create(true).append(true).open(self.output_file()).expect("a file for output");
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("its second handle")).stderr(output);
        self.child = Some(command.spawn().expect("the program starts"));
        until("the proxy to answer", GENEROUS, || {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                return Ok(Err(status));
            }
            match Request::new(&self.address, "GET", "/healthz").send() {
                Ok(response) if response.status == 200 => Ok(Ok(())),
                Ok(response) => Err(format!("status {}", response.status)),
                Err(error) => Err(error.to_string()),
            }
        })
        .unwrap_or_else(|status| panic!("the proxy ended at its start ({status}):\n{}", self.output()));
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a running proxy").id()
    }

    /// SIGKILL, with nothing tidied up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child of ours");
            child.wait().expect("a child of ours");
        }
    }

    /// Ends it by a signal and answers how it ended.
    pub fn stop(&mut self, signal: &str) -> ExitStatus {
        let mut child = self.child.take().expect("a running proxy");
        process::signal(child.id(), signal);
        process::ended(&mut child, Duration::from_secs(30)).unwrap_or_else(|| {
            drop(child.kill());
            panic!("the proxy did not end within 30 s of SIG{signal}:\n{}", tail(&self.output(), 40))
        })
    }

    /// What it has written to its terminal so far.
    pub fn output(&self) -> String {
        fs::read_to_string(self.output_file()).unwrap_or_default()
    }

    fn output_file(&self) -> PathBuf {
        self.setup.folder().join("output.txt")
    }

    /// What stands in a log file of its log folder; nothing when there is none.
    pub fn log(&self, name: &str) -> String {
        fs::read_to_string(self.setup.logs().join(name)).unwrap_or_default()
    }

    /// A request with the key.
    pub fn request<'a>(&'a self, method: &'a str, path: &'a str) -> Request<'a> {
        Request::new(&self.address, method, path).header("X-API-Key", KEY)
    }

    /// The `data` of a REST answer that must be good.
    pub fn get(&self, path: &str) -> Value {
        self.data("GET", path, self.request("GET", path).send().expect("an answer"))
    }

    /// The `data` of a REST answer to a body; it must be good.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        self.data(method, path, self.request(method, path).json(body).send().expect("an answer"))
    }

    fn data(&self, method: &str, path: &str, response: Response) -> Value {
        let status = response.status;
        let mut value = response.value().expect("JSON");
        assert!(
            (200..300).contains(&status) && value["success"] == true,
            "{method} {path}: {status} {value}"
        );
        value["data"].take()
    }

    /// One server as the API shows it.
    pub fn server(&self, name: &str) -> Value {
        let list = self.get("/api/v1/servers");
        let servers = list["servers"].as_array().expect("a list of servers");
        servers
            .iter()
            .find(|server| server["name"] == name)
            .unwrap_or_else(|| panic!("no {name} in {list}"))
            .clone()
    }

    /// Waits until the server is as wanted; panics with its last state and its log.
    pub fn wait_for(
        &self,
        name: &str,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        until(&format!("{name} to be {what}"), limit, || {
            let server = self.server(name);
            let seen =
                || format!("{}\n{}", shown(&server), tail(&self.log(&format!("server-{name}.log")), 30));
            if wanted(&server) { Ok(server.clone()) } else { Err(seen()) }
        })
    }

    /// Waits until the server is in a state.
    pub fn wait_for_state(&self, name: &str, state: &str) -> Value {
        self.wait_for(name, state, GENEROUS * 2, |server| server["state"] == state)
    }

    /// Waits until the server answers and its tools are known.
    pub fn wait_until_ready(&self, name: &str) -> Value {
        self.wait_for(name, "ready with its tools", GENEROUS * 2, |server| {
            server["state"] == "ready" && server["tool_count"].as_u64() > Some(0)
        })
    }

    /// The id of this installation, as its containers carry it.
    pub fn instance(&self) -> String {
        until("the instance's id", GENEROUS, || {
            self.read_instance().ok_or_else(|| format!("files: {:?}", fs::read_dir(self.setup.data())))
        })
    }

    fn read_instance(&self) -> Option<String> {
        let text = fs::read_to_string(self.setup.data().join("instance-id")).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Ids of all containers of this installation.
    pub fn containers(&self) -> Vec<String> {
        self.setup.docker.of_instance(&self.instance())
    }

    /// Highest resident memory of the proxy so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("a running process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            drop(process::Running(child));
        }
        if let Some(instance) = self.read_instance() {
            self.setup.docker.remove_instance(&instance);
        }
        if std::thread::panicking() {
            let place = std::env::temp_dir().join("mcpproxy-failed-test");
            eprintln!(
                "--- output of the proxy (its folder is copied to {})\n{}",
                place.display(),
                tail(&self.output(), 40)
            );
            drop(process::output(Command::new("cp").arg("-rT").arg(self.setup.folder()).arg(place)));
        }
    }
}

/// A port that nobody listens on right now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// The last lines of a text, long ones cut.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    let cut = |line: &&str| line.chars().take(300).collect::<String>();
    all[all.len().saturating_sub(lines)..].iter().map(cut).collect::<Vec<_>>().join("\n")
}

/// A server as the API shows it, without its long arguments.
pub fn shown(server: &Value) -> String {
    let mut server = server.clone();
    server.as_object_mut().map(|fields| fields.remove("args"));
    format!("{server:#}")
}
