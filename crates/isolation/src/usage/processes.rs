//! Process groups as Linux shows them in `/proc`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::Usage;

/// Ticks a second in `/proc`, on every architecture that we run on: the kernel scales its own to this.
const TICKS: u64 = 100;

/// What all processes of a group take together.
pub(super) fn of_group(root: &Path, group: u32) -> Option<Usage> {
    let mut sum: Option<Usage> = None;
    for entry in fs::read_dir(root).ok()?.flatten() {
        let name = entry.file_name();
        let is_process = name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_process {
            continue;
        }
        // A process may end while it is looked at; then it takes nothing any more.
        let Some(process) = fs::read_to_string(entry.path().join("stat")).ok().and_then(|text| parse(&text))
        else {
            continue;
        };
        if process.group != group {
            continue;
        }
        let memory = fs::read_to_string(entry.path().join("status")).ok().and_then(|text| resident(&text));
        let sum = sum.get_or_insert_with(Usage::default);
        sum.cpu += Duration::from_millis(process.ticks.saturating_mul(1000 / TICKS));
        sum.memory = Some(sum.memory.unwrap_or(0) + memory.unwrap_or(0));
        sum.pids = Some(sum.pids.unwrap_or(0) + process.threads);
    }
    sum
}

struct Process {
    group: u32,
    /// Its own time and that of children which ended.
    ticks: u64,
    threads: u64,
}

/// Reads `stat`. The name in parentheses may hold anything, spaces and parentheses too. A process that has ended and
/// was not waited for yet (`Z`, `X`) is none any more: its parent may take as long as it likes.
fn parse(text: &str) -> Option<Process> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = (11..=14).filter_map(number).sum();
    Some(Process { group: fields.get(2)?.parse().ok()?, ticks, threads: number(17)? })
}

/// Bytes in memory, from `status`; a process that has ended has no such line.
fn resident(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let text = "42 (a) b (c) S 1 40 40 0 -1 4194560 100 0 0 0 7 5 2 1 20 0 3 0 100 1 1";
        let process = parse(text).unwrap();
        assert_eq!((process.group, process.ticks, process.threads), (40, 15, 3));
        assert!(parse("").is_none() && parse("1 (x) S").is_none());
        assert!(parse(&text.replace(" S ", " Z ")).is_none(), "it has ended");
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(resident("Name:\tx\nVmRSS:\t    1234 kB\n"), Some(1234 * 1024));
        assert_eq!(resident("Name:\tx\n"), None);
    }
}
