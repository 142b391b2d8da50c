//! Process groups. On Linux the process ends with us too; on macOS there is no such bond: there a killed owner leaves
//! the process with the end of its input, which servers take as their end.
#![expect(unsafe_code, reason = "signals to process groups; each block states why it is sound")]

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

/// The group of a process, by the number of its leader.
#[derive(Debug)]
pub(in crate::host) struct Group(libc::pid_t);

impl Group {
    pub(in crate::host) fn of(child: &Child) -> io::Result<Group> {
        libc::pid_t::try_from(child.id()).map(Group).map_err(io::Error::other)
    }

    pub(in crate::host) fn terminate(&self) {
        self.signal(libc::SIGTERM);
    }

    pub(in crate::host) fn kill(&self) {
        self.signal(libc::SIGKILL);
    }

    /// Stops every process of the group; KILL still ends them.
    pub(in crate::host) fn freeze(&self) -> io::Result<()> {
        self.tell(libc::SIGSTOP)
    }

    pub(in crate::host) fn thaw(&self) -> io::Result<()> {
        self.tell(libc::SIGCONT)
    }

    fn tell(&self, signal: libc::c_int) -> io::Result<()> {
        // SAFETY: as below.
        let result = unsafe { libc::killpg(self.0, signal) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    fn signal(&self, signal: libc::c_int) {
        // SAFETY: killpg takes plain numbers; the leader is not reaped yet, so the number is still its group's.
        unsafe { libc::killpg(self.0, signal) };
    }
}

/// Puts the process into a group of its own, and lets it end with the thread that starts it.
pub(in crate::host) fn separate(command: &mut Command) {
    command.process_group(0);
    #[cfg(target_os = "linux")]
    {
        let owner = std::process::id();
        let bind = move || {
            // SAFETY: prctl and getppid take and return plain numbers and may be called between fork and exec.
            let orphaned = unsafe {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                u32::try_from(libc::getppid()) != Ok(owner)
            };
            // The owner may have died before the bond was made.
            if orphaned { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
        };
        // SAFETY: `bind` only makes the two calls above; it allocates nothing and takes no lock.
        unsafe { command.pre_exec(bind) };
    }
}

/// Waits until the process has ended, leaving its number taken until it is reaped.
pub(in crate::host) fn wait_without_reaping(child: &Child) -> io::Result<()> {
    let id = libc::id_t::from(child.id());
    loop {
        // SAFETY: siginfo_t is plain data, and all zeros is a valid value of it.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is a valid place for the answer; `id` is a child of ours that nobody else waits for.
        let result = unsafe { libc::waitid(libc::P_PID, id, &raw mut info, libc::WEXITED | libc::WNOWAIT) };
        if result == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Exit code and signal.
pub(in crate::host) fn exit_of(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (status.code(), status.signal())
}

/// When this process started, in ticks since the system did.
#[cfg(target_os = "linux")]
pub(in crate::host) fn start_of_this_process() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold anything; the 22nd field is the 20th after it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// When this process started, in microseconds.
#[cfg(target_os = "macos")]
pub(in crate::host) fn start_of_this_process() -> Option<u64> {
    let pid = libc::c_int::try_from(std::process::id()).ok()?;
    // SAFETY: the structure is plain numbers, and all zeros is a valid value of it.
    let mut info: libc::proc_bsdinfo = unsafe { std::mem::zeroed() };
    let size = libc::c_int::try_from(size_of_val(&info)).ok()?;
    // SAFETY: pointer and size describe `info`.
    let filled = unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, (&raw mut info).cast(), size) };
    (filled == size).then(|| info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec)
}

/// Not told here.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(in crate::host) fn start_of_this_process() -> Option<u64> {
    None
}
