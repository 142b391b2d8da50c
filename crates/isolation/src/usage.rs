//! What a running server takes at one moment, wherever it runs. Two moments make a share of the processor.

use std::time::Duration;

#[cfg(target_os = "linux")]
mod processes;

/// What was used up to one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Time on processors since the start, all of them together.
    pub cpu: Duration,
    /// Memory in bytes, without the cache that can be dropped.
    pub memory: Option<u64>,
    /// The most memory that it may take, where that is limited.
    pub memory_limit: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
}

/// What a server that runs on this computer takes: its process and all of its group. `None` where the process is gone
/// or this system cannot be asked.
pub fn of_process(leader: u32) -> Option<Usage> {
    #[cfg(target_os = "linux")]
    let usage = processes::of_group(std::path::Path::new("/proc"), leader);
    #[cfg(not(target_os = "linux"))]
    let usage = {
        let _ = leader;
        None
    };
    usage
}

/// The memory that counts: cache that nobody needed lately would be given back at once. The name of that part depends
/// on the version of control groups.
pub(crate) fn without_cache(usage: u64, parts: impl Fn(&str) -> Option<u64>) -> u64 {
    let cache = parts("total_inactive_file").or_else(|| parts("inactive_file")).unwrap_or(0);
    if cache < usage { usage - cache } else { usage }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_is_taken_off_as_docker_does_it() {
        let old = |name: &str| {
            [("total_inactive_file", 30), ("inactive_file", 1)]
                .iter()
                .find(|row| row.0 == name)
                .map(|row| row.1)
        };
        assert_eq!(without_cache(100, old), 70);
        assert_eq!(without_cache(100, |name| (name == "inactive_file").then_some(40)), 60);
        assert_eq!(without_cache(100, |_| Some(200)), 100);
        assert_eq!(without_cache(100, |_| None), 100);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_and_its_children_are_measured_together_until_they_end() {
        use std::{
            io::{BufRead as _, BufReader},
            os::unix::process::CommandExt as _,
            process::{Command, Stdio},
        };
        let script =
            "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exec sleep 600' & wait";
        let mut child =
            Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "done");
        let usage = of_process(child.id()).unwrap();
        assert!(usage.cpu > Duration::ZERO, "{usage:?}");
        assert!(usage.memory.is_some_and(|memory| memory > 100_000), "{usage:?}");
        assert!(usage.pids.is_some_and(|pids| pids >= 2), "{usage:?}");
        assert_eq!(usage.memory_limit, None);
        let id = child.id();
        Command::new("sh").args(["-c", &format!("kill -9 -{id}")]).status().unwrap();
        child.wait().unwrap();
        let until = std::time::Instant::now() + Duration::from_secs(60);
        // The signal reaches the others of the group in their own time.
        while of_process(id).is_some() {
            assert!(std::time::Instant::now() < until, "{:?}", of_process(id));
            std::thread::yield_now();
        }
    }
}
