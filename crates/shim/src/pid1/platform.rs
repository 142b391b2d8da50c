//! Every call into the kernel that the standard library does not offer, behind safe functions.
//!
//! The only place of this program with `unsafe`. One thread runs here; nothing below needs to be shared.
#![expect(unsafe_code, reason = "system calls of PID 1; each block states why it is sound")]

mod child;
mod wait;

use std::ffi::c_int;
use std::ptr;

pub(super) use child::{Block, Child};
pub(super) use wait::{
    Ended, Pid, Reaped, Signals, Wish, poll, reap_any, reap_one, signal_all, signal_group,
};

/// A file descriptor; the few of this program are closed by hand, in an order that matters.
pub(super) type Fd = c_int;

pub(super) const STDIN: Fd = libc::STDIN_FILENO;
pub(super) const ENOENT: i32 = libc::ENOENT;
pub(super) const EINTR: i32 = libc::EINTR;
pub(super) const EAGAIN: i32 = libc::EAGAIN;
pub(super) const TERM: c_int = libc::SIGTERM;
pub(super) const KILL: c_int = libc::SIGKILL;
pub(super) const CHILD: c_int = libc::SIGCHLD;

/// The calling thread's last error number.
pub(super) fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

fn checked(result: isize) -> Result<usize, i32> {
    usize::try_from(result).map_err(|_| last_error())
}

/// Makes this process unreadable for everybody else: no ptrace, and its entries in /proc belong to root alone.
pub(super) fn forbid_inspection() {
    // SAFETY: prctl with these arguments touches no memory of ours.
    unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
}

/// Lets processes that lose their parent come to this one even where it is not PID 1.
pub(super) fn adopt_orphans() {
    // SAFETY: prctl with these arguments touches no memory of ours.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Milliseconds of a clock that stands still while the machine sleeps.
pub(super) fn now_ms() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid place for one timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let millis = u64::try_from(time.tv_nsec / 1_000_000).unwrap_or(0);
    seconds * 1000 + millis
}

/// Reads what is there, at most a buffer full.
pub(super) fn read(fd: Fd, buffer: &mut [u8]) -> Result<usize, i32> {
    // SAFETY: pointer and length describe `buffer`, which is writable for the whole call.
    checked(unsafe { libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// Writes what is taken.
pub(super) fn write(fd: Fd, bytes: &[u8]) -> Result<usize, i32> {
    // SAFETY: pointer and length describe `bytes`, which is readable for the whole call.
    checked(unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) })
}

/// Closes a descriptor that nobody uses afterwards.
pub(super) fn close(fd: Fd) {
    // SAFETY: every descriptor here is a plain number owned by its holder, who gives it up with this call.
    unsafe { libc::close(fd) };
}

/// Gives up this process's own copy of stdout, so that its end follows the server's.
pub(super) fn close_stdout() {
    close(libc::STDOUT_FILENO);
}

/// Makes reads and writes on a descriptor return instead of waiting.
pub(super) fn set_nonblocking(fd: Fd) {
    // SAFETY: these commands of fcntl take and return plain numbers.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFL);
        libc::fcntl(fd, libc::F_SETFL, flags | libc::O_NONBLOCK);
    }
}

/// A pipe whose ends no executed program inherits.
pub(super) struct Pipe {
    pub(super) reader: Fd,
    pub(super) writer: Fd,
}

impl Pipe {
    pub(super) fn new() -> Result<Pipe, i32> {
        let mut ends = [0; 2];
        // SAFETY: `ends` has room for the two numbers that pipe2 writes.
        let result = unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) };
        let [reader, writer] = ends;
        if result == 0 { Ok(Pipe { reader, writer }) } else { Err(last_error()) }
    }
}

/// Overwrites a buffer in a way the compiler may not leave out, then frees it.
pub(super) fn wipe(mut buffer: Vec<u8>) {
    for byte in &mut buffer {
        // SAFETY: `byte` is a valid, exclusive reference.
        unsafe { ptr::write_volatile(byte, 0) };
    }
}

/// Writes a secret file that must not exist before, following no link.
pub(super) fn write_new_file(path: &[u8], mode: u32, content: &[u8]) -> Result<(), i32> {
    let path = [path, b"\0"].concat();
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW | libc::O_CLOEXEC;
    // SAFETY: `path` ends with a NUL and lives through the call.
    let fd = unsafe { libc::open(path.as_ptr().cast(), flags, mode) };
    if fd < 0 {
        return Err(last_error());
    }
    let mut rest = content;
    let mut result = Ok(());
    while !rest.is_empty() && result.is_ok() {
        match write(fd, rest) {
            Ok(count) => rest = &rest[count..],
            Err(EINTR) => {}
            Err(errno) => result = Err(errno),
        }
    }
    // SAFETY: fchmod takes plain numbers. The mask may have taken bits that were asked for.
    unsafe { libc::fchmod(fd, mode) };
    close(fd);
    result
}

/// What the kernel counted for all children that were reaped.
pub(super) struct Usage {
    pub(super) user_us: u64,
    pub(super) system_us: u64,
    pub(super) max_rss_kb: u64,
}

/// The sums over all children.
pub(super) fn usage_of_children() -> Usage {
    // SAFETY: rusage is plain numbers; all zeros is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is a valid place for one rusage.
    unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    let micros = |time: libc::timeval| {
        u64::try_from(time.tv_sec).unwrap_or(0) * 1_000_000 + u64::try_from(time.tv_usec).unwrap_or(0)
    };
    Usage {
        user_us: micros(usage.ru_utime),
        system_us: micros(usage.ru_stime),
        max_rss_kb: u64::try_from(usage.ru_maxrss).unwrap_or(0),
    }
}

/// Where reports go: stderr, opened once more, since its non-blocking mode must not reach the server's copy.
pub(super) struct Outlet(Fd);

impl Outlet {
    /// How long a report waits for somebody to read before it is given up.
    const PATIENCE_MS: u64 = 1_000;

    pub(super) fn open() -> Outlet {
        let flags = libc::O_WRONLY | libc::O_NONBLOCK | libc::O_CLOEXEC;
        // SAFETY: the path is a literal that ends with a NUL.
        let fd = unsafe { libc::open(c"/proc/self/fd/2".as_ptr(), flags) };
        // A socket cannot be opened so; then the descriptor itself must do, with poll before each write.
        Outlet(if fd >= 0 { fd } else { libc::STDERR_FILENO })
    }

    /// Writes one report in one piece, or not at all when nobody reads.
    pub(super) fn write(&self, report: &[u8]) {
        let until = now_ms() + Self::PATIENCE_MS;
        while wait::poll_writable(self.0, until.saturating_sub(now_ms())) {
            match write(self.0, report) {
                Err(EAGAIN | EINTR) if now_ms() < until => {}
                _ => return,
            }
        }
    }
}

/// What a child wrote before it could execute: whether the directory was the reason, and the error number.
pub(super) fn read_failure(fd: Fd) -> Option<(bool, i32)> {
    let mut bytes = [0; child::FAILURE];
    loop {
        match read(fd, &mut bytes) {
            Ok(child::FAILURE) => {
                let [stage, errno @ ..] = bytes;
                return Some((stage == child::STAGE_DIRECTORY, i32::from_ne_bytes(errno)));
            }
            Err(EINTR) => {}
            _ => return None,
        }
    }
}
