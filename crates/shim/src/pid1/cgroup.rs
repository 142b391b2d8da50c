//! What the kernel counted about the container's memory, in both generations of control groups.

use std::fs;

/// The figures, where the kernel offers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) peak: Option<u64>,
    pub(super) oom_kills: Option<u64>,
}

/// Reads them from the places where a container sees its own group.
pub(super) fn read() -> Memory {
    let first = |paths: [&str; 2]| paths.into_iter().find_map(|path| fs::read_to_string(path).ok());
    let peak = first(["/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes"]);
    let events = first(["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"]);
    Memory {
        peak: peak.and_then(|text| text.trim().parse().ok()),
        oom_kills: events.and_then(|text| oom_kills(&text)),
    }
}

/// The same word in `memory.events` and `memory.oom_control`.
fn oom_kills(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_are_read_in_both_generations() {
        assert_eq!(oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"), Some(2));
        assert_eq!(oom_kills("low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 0\n"), Some(1));
        assert_eq!(oom_kills("low 0\n"), None);
    }
}
