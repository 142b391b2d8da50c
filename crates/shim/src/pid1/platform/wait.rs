//! Waiting for input, room, signals and dead children; and sending signals.

use std::ffi::c_int;
use std::mem::{MaybeUninit, size_of};
use std::ptr;

use super::{Fd, checked, close, last_error};

/// A process id.
pub(in crate::pid1) type Pid = libc::pid_t;

/// What is wanted of the owner's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pid1) enum Wish {
    /// Bytes, or the end.
    Read,
    /// Only the end: there is no room for bytes.
    Hangup,
}

/// What `poll` saw.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::pid1) struct Seen {
    pub(in crate::pid1) readable: bool,
    pub(in crate::pid1) hangup: bool,
    pub(in crate::pid1) writable: bool,
    pub(in crate::pid1) signal: bool,
}

/// The signals that this process takes as input instead of being interrupted.
pub(in crate::pid1) struct Signals(Fd);

impl Signals {
    const TAKEN: [c_int; 6] =
        [libc::SIGCHLD, libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGUSR1, libc::SIGUSR2];

    /// Takes them over from now on.
    pub(in crate::pid1) fn take() -> Result<Signals, i32> {
        // SAFETY: the set is initialised by sigemptyset before anything reads it.
        let fd = unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            for signal in Self::TAKEN {
                libc::sigaddset(&raw mut set, signal);
            }
            libc::sigprocmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut());
            libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        };
        if fd >= 0 { Ok(Signals(fd)) } else { Err(last_error()) }
    }

    /// The next one that came.
    pub(in crate::pid1) fn take_one(&self) -> Option<c_int> {
        let mut info = MaybeUninit::<libc::signalfd_siginfo>::uninit();
        let size = size_of::<libc::signalfd_siginfo>();
        // SAFETY: `info` is writable for `size` bytes.
        let count = checked(unsafe { libc::read(self.0, info.as_mut_ptr().cast(), size) }).ok()?;
        // SAFETY: the kernel filled the whole structure, as its length says.
        (count == size)
            .then(|| unsafe { info.assume_init() })
            .and_then(|info| c_int::try_from(info.ssi_signo).ok())
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        close(self.0);
    }
}

/// Waits for any of: the owner's input, room in the server's, a signal, the time.
pub(in crate::pid1) fn poll(
    owner: Option<(Fd, Wish)>,
    server: Option<Fd>,
    signals: &Signals,
    timeout_ms: Option<u64>,
) -> Seen {
    // poll skips negative descriptors.
    let entry = |fd: Option<Fd>, events| libc::pollfd { fd: fd.unwrap_or(-1), events, revents: 0 };
    let wanted = match owner {
        Some((_, Wish::Read)) => libc::POLLIN,
        Some((_, Wish::Hangup)) | None => 0,
    };
    let mut entries = [
        entry(owner.map(|(fd, _)| fd), wanted),
        entry(server, libc::POLLOUT),
        entry(Some(signals.0), libc::POLLIN),
    ];
    wait(&mut entries, timeout_ms);
    let [owner, server, signal] = entries.map(|entry| entry.revents);
    Seen {
        readable: wanted != 0 && owner != 0,
        hangup: owner & (libc::POLLHUP | libc::POLLERR) != 0,
        writable: server != 0,
        signal: signal != 0,
    }
}

/// Whether there is room to write before the time is up.
pub(super) fn poll_writable(fd: Fd, timeout_ms: u64) -> bool {
    let mut entries = [libc::pollfd { fd, events: libc::POLLOUT, revents: 0 }];
    wait(&mut entries, Some(timeout_ms)) > 0 && entries[0].revents & libc::POLLOUT != 0
}

fn wait(entries: &mut [libc::pollfd], timeout_ms: Option<u64>) -> c_int {
    let timeout = timeout_ms.map_or(-1, |ms| c_int::try_from(ms).unwrap_or(c_int::MAX));
    let count = entries.len() as libc::nfds_t;
    // SAFETY: pointer and count describe `entries`, which is exclusively ours.
    unsafe { libc::poll(entries.as_mut_ptr(), count, timeout) }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pid1) enum Ended {
    Code(i32),
    Signal(i32),
}

/// What asking for the dead brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pid1) enum Reaped {
    Process(Pid, Ended),
    /// There are children, none of them dead.
    StillRunning,
    /// There are no children.
    Nobody,
}

/// Reaps one dead child, without waiting for one.
pub(in crate::pid1) fn reap_any() -> Reaped {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the result.
    match unsafe { libc::waitpid(-1, &raw mut status, libc::WNOHANG) } {
        0 => Reaped::StillRunning,
        pid if pid > 0 && libc::WIFSIGNALED(status) => {
            Reaped::Process(pid, Ended::Signal(libc::WTERMSIG(status)))
        }
        pid if pid > 0 => Reaped::Process(pid, Ended::Code(libc::WEXITSTATUS(status))),
        _ => Reaped::Nobody,
    }
}

/// Waits for a child that is about to end.
pub(in crate::pid1) fn reap_one(pid: Pid) {
    // SAFETY: a null status is allowed.
    while unsafe { libc::waitpid(pid, ptr::null_mut(), 0) } < 0 && last_error() == libc::EINTR {}
}

/// Signals the server's process group.
pub(in crate::pid1) fn signal_group(pid: Pid, signal: c_int) {
    // SAFETY: kill takes plain numbers; `pid` leads its own group since before its exec.
    unsafe { libc::kill(-pid, signal) };
}

/// Signals every process of the container. Where it shares the host's processes, "every" would be everybody's:
/// then the server's group is all that may be touched, and the engine ends the rest with the container.
pub(in crate::pid1) fn signal_all(pid: Pid, signal: c_int) {
    // SAFETY: getpid and kill take and return plain numbers.
    let target = if unsafe { libc::getpid() } == 1 { -1 } else { -pid };
    // SAFETY: as above.
    unsafe { libc::kill(target, signal) };
}
