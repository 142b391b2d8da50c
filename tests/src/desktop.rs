//! A desktop of a test's own: a screen without a monitor, a bus, a window manager, a panel with a real tray; and the
//! built application on it.

pub mod driver;
pub mod menu;

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::Request;
use crate::proxy::{KEY, Setup, free_port, tail};
use crate::wait::{GENEROUS, until, until_true};
use crate::{process, program};

/// The name of the watcher that a panel with a tray puts on the bus.
pub const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A screen with a bus and a window manager; everything of it ends with the test.
pub struct Screen {
    /// `:7`.
    pub display: String,
    /// The address of the session's bus.
    pub bus: String,
    panel: Option<process::Running>,
    _others: Vec<process::Running>,
    folder: TempDir,
}

impl Screen {
    /// A screen whose panel shows trays.
    pub fn with_panel() -> Self {
        let mut screen = Self::bare();
        screen.start_panel();
        screen
    }

    /// A screen without any panel.
    pub fn bare() -> Self {
        let folder =
            tempfile::Builder::new().prefix("mcpproxy-screen-").tempdir().expect("a temporary folder");
        for part in ["home", "run", "bin"] {
            fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        let (server, number) = first_line(&mut server);
        let display = format!(":{number}");
        let mut screen = Self { display, bus: String::new(), panel: None, _others: vec![server], folder };
        let mut daemon = screen.command("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]);
        let (daemon, bus) = first_line(&mut daemon);
        screen.bus = bus;
        screen._others.insert(0, daemon);
        let windows = screen.command("openbox").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        screen._others.insert(0, process::Running(windows.expect("openbox")));
        screen
    }

    /// Starts the panel and waits for its tray.
    pub fn start_panel(&mut self) {
        let mut panel = self.command("xfce4-panel");
        panel.args(["--disable-wm-check"]).env("XFCE_PANEL_MIGRATE_DEFAULT", "1");
        let panel = panel.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("xfce4-panel");
        self.panel = Some(process::Running(panel));
        until_true("the panel's tray", GENEROUS, || menu::has_owner(self, WATCHER));
    }

    /// Ends the panel, as when it crashes.
    pub fn stop_panel(&mut self) {
        drop(self.panel.take());
        until_true("the panel's tray to go", GENEROUS, || !menu::has_owner(self, WATCHER));
    }

    /// A program on this screen, with a home of its own.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let at = |name: &str| self.folder.path().join(name);
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command.env("HOME", at("home")).env("XDG_RUNTIME_DIR", at("run")).env("GDK_BACKEND", "x11");
        command.env("XDG_CURRENT_DESKTOP", "XFCE").env_remove("WAYLAND_DISPLAY");
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(at("bin")).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(path).expect("a path"));
        command
    }

    /// The home of everything on this screen.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Puts an `xdg-open` first on the path that only notes what it is asked to open.
    pub fn note_openings(&self) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let (note, program) = (self.folder.path().join("opened"), self.folder.path().join("bin/xdg-open"));
        fs::write(&program, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", note.display())).expect("a script");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its mode");
        note
    }

    /// Names of the windows that are seen.
    pub fn windows(&self) -> Vec<String> {
        let mut search = self.command("xdotool");
        search.args(["search", "--onlyvisible", "--name", "^MCPProxy$"]);
        process::text(&process::output(&mut search)).lines().map(str::to_owned).collect()
    }

    /// Closes the application's window as its frame's button does.
    pub fn close_window(&self) {
        let window =
            until("a window", GENEROUS, || self.windows().first().cloned().ok_or_else(|| "none".into()));
        let mut close = self.command("xdotool");
        process::checked(close.args([
            "windowactivate",
            "--sync",
            &window,
            "key",
            "--clearmodifiers",
            "alt+F4",
        ]));
    }

    /// A picture of the whole screen, kept beside the build for people to look at.
    pub fn picture(&self, name: &str) {
        let mut import = self.command("import");
        process::checked(import.args(["-window", "root"]).arg(picture(name)));
    }
}

impl Screen {
    /// A picture of the application's window, kept beside the build for people to look at.
    pub fn picture_of_window(&self, name: &str) {
        let window =
            until("a window", GENEROUS, || self.windows().first().cloned().ok_or_else(|| "none".into()));
        let mut import = self.command("import");
        process::checked(import.args(["-window", &window]).arg(picture(name)));
    }
}

/// Where the picture of this name is kept.
pub fn picture(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    let target = own.ancestors().nth(3).expect("a target folder");
    let folder = target.join("screenshots");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder.join(format!("{name}.png"))
}

/// Starts a program and reads the first line it writes.
fn first_line(command: &mut Command) -> (process::Running, String) {
    let name = format!("{command:?}");
    let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{name} did not start: {error}"));
    let mut line = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("its first line");
    assert!(!line.trim().is_empty(), "{name} said nothing");
    (process::Running(child), line.trim().to_owned())
}

/// The application on a screen; ended with the test, with all that it left.
pub struct App {
    /// `host:port` of its own listener.
    pub address: String,
    /// Its folders and configuration.
    pub setup: Setup,
    child: Option<Child>,
    environment: Vec<(String, String)>,
}

impl App {
    /// An application with these servers that does not run yet.
    pub fn new(servers: Vec<Value>) -> Self {
        Self::with(Setup::new(servers), Vec::new())
    }

    /// The same with another engine.
    pub fn on_engine(servers: Vec<Value>, engine: &crate::docker::Docker) -> Self {
        let host = engine.host.clone().expect("an engine with an address");
        Self::with(Setup::new(servers).engine(engine), vec![("DOCKER_HOST".to_owned(), host)])
    }

    fn with(setup: Setup, environment: Vec<(String, String)>) -> Self {
        let address = format!("127.0.0.1:{}", free_port());
        let setup = setup.set(&["listen"], json!(address));
        setup.write();
        Self { address, setup, child: None, environment }
    }

    /// Sets an environment variable of the application.
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A start of the program, whether or not another one runs.
    pub fn command(&self, screen: &Screen, arguments: &[&str]) -> Command {
        let mut command = screen.command(&program::desktop().display().to_string());
        command.args(self.arguments()).args(arguments).envs(self.environment.iter().cloned());
        command
    }

    /// The arguments of every start.
    pub fn arguments(&self) -> Vec<String> {
        let path = |path: PathBuf| path.display().to_string();
        let setup = &self.setup;
        let pairs = [("--config", setup.file()), ("--data-dir", setup.data()), ("--log-dir", setup.logs())];
        pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), path(value)]).collect()
    }

    /// The variables of every start.
    pub fn variables(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Starts it.
    pub fn start(&mut self, screen: &Screen, arguments: &[&str]) {
        let output = File::options().create(true).append(true).open(self.output_file()).expect("a file");
        let mut command = self.command(screen, arguments);
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("its second handle")).stderr(output);
        self.child = Some(command.spawn().expect("the application starts"));
    }

    /// Starts it and waits until its listener answers.
    pub fn start_and_wait(&mut self, screen: &Screen, arguments: &[&str]) {
        self.start(screen, arguments);
        self.wait_until_it_answers();
    }

    /// Waits until its listener answers.
    pub fn wait_until_it_answers(&mut self) {
        until("the application to answer", GENEROUS, || {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                panic!("the application ended at its start ({status}):\n{}", self.output());
            }
            match Request::new(&self.address, "GET", "/healthz").send() {
                Ok(response) if response.status == 200 => Ok(()),
                Ok(response) => Err(format!("status {}", response.status)),
                Err(error) => Err(error.to_string()),
            }
        });
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("a running application").id()
    }

    /// What it has written to its terminal so far.
    pub fn output(&self) -> String {
        fs::read_to_string(self.output_file()).unwrap_or_default()
    }

    fn output_file(&self) -> PathBuf {
        self.setup.folder().join("output.txt")
    }

    /// What stands in its main log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.setup.logs().join("main.log")).unwrap_or_default()
    }

    /// One server as the API shows it.
    pub fn server(&self, name: &str) -> Result<Value, String> {
        let asked = Request::new(&self.address, "GET", "/api/v1/servers").header("X-API-Key", KEY).send();
        let answer = asked.and_then(crate::http::Response::value).map_err(|error| error.to_string())?;
        let servers = answer["data"]["servers"].as_array().ok_or_else(|| answer.to_string())?;
        let found = servers.iter().find(|server| server["name"] == name);
        found.cloned().ok_or_else(|| format!("no {name} in {answer}"))
    }

    /// Waits until a server is as wanted.
    pub fn wait_for(&self, name: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        until(&format!("{name} to be {what}"), GENEROUS * 2, || {
            let server = self.server(name)?;
            if wanted(&server) {
                Ok(server)
            } else {
                Err(format!("{}\n{}", crate::proxy::shown(&server), tail(&self.log(), 20)))
            }
        })
    }

    /// Waits until a server answers from its container.
    pub fn wait_until_isolated(&self, name: &str) {
        self.wait_for(name, "ready in its container", |server| {
            server["state"] == "ready"
                && server["placement"] == "container"
                && server["container_id"].is_string()
        });
    }

    /// Names of its containers that run.
    pub fn containers(&self) -> Vec<String> {
        self.instance().map(|instance| self.setup.docker.running(&instance)).unwrap_or_default()
    }

    /// Everything of its engine that carries its id, running or not.
    pub fn leftovers(&self) -> Vec<String> {
        self.instance().map(|instance| self.setup.docker.of_instance(&instance)).unwrap_or_default()
    }

    fn instance(&self) -> Option<String> {
        let text = fs::read_to_string(self.setup.data().join("instance-id")).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Processes of webviews that it has started.
    pub fn webviews(&self) -> Vec<String> {
        let children = process::output(
            Command::new("ps").args(["--no-headers", "-o", "args", "--ppid"]).arg(self.pid().to_string()),
        );
        process::text(&children).lines().filter(|line| line.contains("WebKit")).map(str::to_owned).collect()
    }

    /// Waits for its end.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        let mut child = self.child.take().expect("a running application");
        process::ended(&mut child, limit).unwrap_or_else(|| {
            drop(child.kill());
            panic!("the application did not end within {limit:?}:\n{}", tail(&self.output(), 40))
        })
    }

    /// Ends it by a signal.
    pub fn stop(&mut self, signal: &str) -> ExitStatus {
        process::signal(self.pid(), signal);
        self.ended(Duration::from_secs(30))
    }

    /// SIGKILL, with nothing tidied up.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child of ours");
            child.wait().expect("a child of ours");
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if let Some(child) = self.child.take() {
            drop(process::Running(child));
        }
        if let Some(instance) = self.instance() {
            self.setup.docker.remove_instance(&instance);
        }
        if std::thread::panicking() {
            eprintln!("--- output of the application\n{}", tail(&self.output(), 40));
        }
    }
}
