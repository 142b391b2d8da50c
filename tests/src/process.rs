//! Outside programs: run to the end with a limit, or kept and stopped by their process id.

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::wait::pass;

/// Runs to the end; panics when it does not end well.
pub fn checked(command: &mut Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{command:?} failed: {}", text(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Runs to the end and answers what came, well or not.
pub fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"))
}

/// Both streams of an output as one text.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Sends a signal by name to one process.
pub fn signal(pid: u32, name: &str) {
    let mut kill = Command::new("kill");
    output(kill.args([format!("-{name}"), pid.to_string()]));
}

/// Waits for the end of a child at most so long.
pub fn ended(child: &mut Child, limit: Duration) -> Option<std::process::ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            return Some(status);
        }
        pass(Instant::now() + Duration::from_millis(20));
    }
    None
}

/// A program that is killed when the test lets go of it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        signal(self.0.id(), "TERM");
        if ended(&mut self.0, Duration::from_secs(10)).is_none() {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}
