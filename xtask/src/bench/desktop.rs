//! The desktop application: how long until something is seen, and what it costs while nothing is.
//!
//! It runs on a screen of its own with a real panel, without servers: what is measured is the shell, not what it hosts.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::build::Built;
use super::figures::{Table, Times};

/// How long anything may take before the bench gives up.
const LONGEST: Duration = Duration::from_secs(60);
/// Between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(20);
/// Clock ticks of `/proc` in a second, on every Linux.
const TICKS: f64 = 100.0;

/// Measures and adds its rows.
pub(super) fn measure(built: &Built, program: &Path, quick: bool, table: &mut Table) -> Result<()> {
    let screen = Screen::start(&built.scratch)?;
    let rounds = if quick { 1 } else { 5 };
    let watched = Duration::from_secs(if quick { 5 } else { 30 });
    let mut painted = Times::default();
    let mut memory = (0, 0, 0);
    let mut idle = 0.0;
    for round in 0..rounds {
        let mut app = App::start(&screen, program, &built.scratch, round)?;
        app.wait("the tray", "the tray shows the icon")?;
        if round == 0 {
            idle = app.share_of_a_processor(watched)?;
            memory.0 = app.own_memory()?;
        }
        app.show(&screen, program)?;
        painted.push(app.painted()?);
        if round == 0 {
            (memory.1, memory.2) = (app.own_memory()?, app.memory_of_children()?);
        }
    }
    table.times("window painted after it was asked for", painted.median(), None, "≤ 300 ms");
    table.times("  the slowest of them", painted.percentile(1.0), None, "");
    table.row("processor while hidden", &format!("{idle:.2} %"), None, None, "< 0.3 %");
    table.row("memory of the core, tray only", &mebibytes(memory.0), None, None, "≤ 60 MiB");
    let ratio = f64::from(u32::try_from(memory.1).unwrap_or(u32::MAX))
        / f64::from(u32::try_from(memory.2.max(1)).unwrap_or(u32::MAX));
    table.row(
        "memory with the window: core, webview beside it",
        &mebibytes(memory.1),
        Some(&mebibytes(memory.2)),
        Some(ratio),
        "",
    );
    Ok(())
}

fn mebibytes(kibibytes: u64) -> String {
    format!("{} MiB", kibibytes / 1024)
}

/// A screen with bus, window manager and panel.
struct Screen {
    display: String,
    bus: String,
    home: PathBuf,
    children: Vec<Child>,
}

impl Screen {
    fn start(scratch: &Path) -> Result<Self> {
        let home = scratch.join(format!("screen-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        let mut screen = Self { display: String::new(), bus: String::new(), home, children: Vec::new() };
        let mut server = Command::new("Xvfb");
        server.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        screen.display = format!(":{}", screen.first_line(server)?);
        let mut daemon = screen.command("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1"]);
        screen.bus = screen.first_line(daemon)?;
        for program in ["openbox", "xfce4-panel"] {
            let mut command = screen.command(program);
            let child = command.env("XFCE_PANEL_MIGRATE_DEFAULT", "1").stdout(Stdio::null()).spawn();
            screen.children.push(child.with_context(|| format!("{program} does not start"))?);
        }
        Ok(screen)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display).env("DBUS_SESSION_BUS_ADDRESS", &self.bus);
        command.env("HOME", &self.home).env("GDK_BACKEND", "x11").stderr(Stdio::null());
        command
    }

    fn first_line(&mut self, mut command: Command) -> Result<String> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take().context("no output")?;
        self.children.push(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The application in folders of its own.
struct App {
    child: Child,
    folder: PathBuf,
}

impl App {
    fn start(screen: &Screen, program: &Path, scratch: &Path, round: usize) -> Result<Self> {
        let folder = scratch.join(format!("desktop-{}-{round}", std::process::id()));
        fs::create_dir_all(folder.join("data"))?;
        fs::set_permissions(folder.join("data"), fs::Permissions::from_mode(0o700))?;
        let file = folder.join("mcp_config.json");
        fs::write(&file, json!({"listen": "127.0.0.1:0", "mcpServers": []}).to_string())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        let mut command = screen.command(&program.to_string_lossy());
        command.args(arguments(&folder)).arg("--hidden").stdout(Stdio::null());
        let child = command.spawn().with_context(|| format!("{} does not start", program.display()))?;
        Ok(Self { child, folder })
    }

    /// A second start, as a click on the application's icon is.
    fn show(&self, screen: &Screen, program: &Path) -> Result<()> {
        let mut second = screen.command(&program.to_string_lossy());
        let status = second.args(arguments(&self.folder)).stdout(Stdio::null()).status()?;
        if !status.success() {
            bail!("the second start was not heard ({status})");
        }
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("logs/main.log")).unwrap_or_default()
    }

    fn wait(&mut self, what: &str, text: &str) -> Result<String> {
        let start = Instant::now();
        while start.elapsed() < LONGEST {
            if let Some(line) = self.log().lines().find(|line| line.contains(text)) {
                return Ok(line.to_owned());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the application ended ({status})");
            }
            std::thread::sleep(LOOK);
        }
        bail!("waited {LONGEST:?} for {what}")
    }

    /// The time that the application itself has measured, from the wish to the page's word.
    fn painted(&mut self) -> Result<Duration> {
        let line = self.wait("the window", "the window is painted")?;
        let (_, rest) = line.rsplit_once("milliseconds").unwrap_or_default();
        let digits: String =
            rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().ok().map(Duration::from_millis).with_context(|| format!("no time in {line}"))
    }

    fn share_of_a_processor(&self, watched: Duration) -> Result<f64> {
        // What the start still does is not idleness.
        std::thread::sleep(Duration::from_secs(5));
        let before = ticks(self.child.id())?;
        std::thread::sleep(watched);
        Ok((ticks(self.child.id())? - before) / TICKS / watched.as_secs_f64() * 100.0)
    }

    fn own_memory(&self) -> Result<u64> {
        proportional(self.child.id())
    }

    fn memory_of_children(&self) -> Result<u64> {
        let listed = Command::new("ps")
            .args(["--no-headers", "-o", "pid", "--ppid", &self.child.id().to_string()])
            .output()?;
        let pids = String::from_utf8_lossy(&listed.stdout).into_owned();
        pids.split_whitespace().filter_map(|pid| pid.parse().ok()).map(proportional).sum()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Politely first: it has nothing to end but itself.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let start = Instant::now();
        while start.elapsed() < LONGEST && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(LOOK);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(folder: &Path) -> Vec<PathBuf> {
    let pairs = [("--config", "mcp_config.json"), ("--data-dir", "data"), ("--log-dir", "logs")];
    pairs.into_iter().flat_map(|(name, part)| [PathBuf::from(name), folder.join(part)]).collect()
}

/// Clock ticks that a process has used.
fn ticks(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).context("no such field");
    Ok(field(11)? + field(12)?)
}

/// Its share of memory in kibibytes, pages of several processes divided among them.
fn proportional(pid: u32) -> Result<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
