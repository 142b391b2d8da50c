//! The way from fork to exec: between the two only calls that are safe there, on memory prepared before.

use std::ffi::{c_char, c_int};
use std::ptr;

use super::{Fd, Pid, checked, last_error, wipe};

/// Length of what a failed child writes: the stage and the error number.
pub(super) const FAILURE: usize = 5;
/// The child failed on its working directory.
pub(super) const STAGE_DIRECTORY: u8 = 1;
/// The child failed on its program.
const STAGE_EXEC: u8 = 2;
/// Signals run from 1 to this number.
const LAST_SIGNAL: c_int = 64;

/// Strings for the kernel: one buffer, NUL after each, and the addresses with a null at the end. Wiped when dropped.
pub(in crate::pid1) struct Block {
    bytes: Vec<u8>,
    addresses: Vec<*const c_char>,
}

impl Block {
    /// Joins the parts of each string. The buffer gets its final size first, so that growing leaves no copy behind.
    pub(in crate::pid1) fn of<'a>(strings: impl Iterator<Item = [&'a [u8]; 3]> + Clone) -> Block {
        let size = strings.clone().map(|parts| parts.iter().map(|part| part.len()).sum::<usize>() + 1).sum();
        let mut bytes = Vec::with_capacity(size);
        let mut offsets = Vec::new();
        for parts in strings {
            offsets.push(bytes.len());
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
            bytes.push(0);
        }
        let mut addresses: Vec<*const c_char> =
            offsets.into_iter().map(|at| bytes[at..].as_ptr().cast()).collect();
        addresses.push(ptr::null());
        Block { bytes, addresses }
    }

    fn table(&self) -> *const *const c_char {
        self.addresses.as_ptr()
    }

    /// The strings' addresses, without the null at the end.
    fn strings(&self) -> &[*const c_char] {
        self.addresses.split_last().map_or(&[], |(_, strings)| strings)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        wipe(std::mem::take(&mut self.bytes));
    }
}

/// Everything the child needs, prepared by the parent.
pub(in crate::pid1) struct Child<'a> {
    /// Paths to try, in order.
    pub(in crate::pid1) programs: &'a Block,
    pub(in crate::pid1) argv: &'a Block,
    pub(in crate::pid1) variables: &'a Block,
    pub(in crate::pid1) directory: Option<&'a Block>,
    pub(in crate::pid1) umask: Option<u32>,
    /// Becomes its stdin.
    pub(in crate::pid1) stdin: Fd,
    /// Tells the parent why it could not execute; closes by executing.
    pub(in crate::pid1) errors: Fd,
}

impl Child<'_> {
    /// Forks; the child executes or tells why not.
    pub(in crate::pid1) fn fork(&self) -> Result<Pid, i32> {
        // SAFETY: this process has one thread, so the child's memory is consistent; the child calls `execute` alone.
        let pid = unsafe { libc::fork() };
        match pid {
            0 => self.execute(),
            pid if pid > 0 => Ok(pid),
            _ => Err(last_error()),
        }
    }

    fn execute(&self) -> ! {
        // SAFETY: plain system calls on numbers, and on blocks that the parent built; nothing allocates or locks.
        unsafe {
            libc::setsid();
            reset_signals();
            libc::dup2(self.stdin, libc::STDIN_FILENO);
            if let Some(mask) = self.umask {
                libc::umask(mask as libc::mode_t);
            }
            if let Some(directory) = self.directory
                && libc::chdir(directory.strings()[0]) != 0
            {
                self.fail(STAGE_DIRECTORY, last_error());
            }
            let mut reason = libc::ENOENT;
            for program in self.programs.strings() {
                libc::execve(*program, self.argv.table(), self.variables.table());
                match last_error() {
                    libc::ENOENT | libc::ENOTDIR => {}
                    // Another folder may hold one that can be executed; if none does, this is the reason to give.
                    libc::EACCES => reason = libc::EACCES,
                    other => self.fail(STAGE_EXEC, other),
                }
            }
            self.fail(STAGE_EXEC, reason)
        }
    }

    fn fail(&self, stage: u8, errno: i32) -> ! {
        let [a, b, c, d] = errno.to_ne_bytes();
        let message = [stage, a, b, c, d];
        // SAFETY: the message is readable for the call; `_exit` runs nothing of the parent's.
        unsafe {
            let _ = checked(libc::write(self.errors, message.as_ptr().cast(), message.len()));
            libc::_exit(127)
        }
    }
}

/// The language's start-up leaves SIGPIPE ignored, and that would survive the exec; so would a blocked mask.
///
/// # Safety
/// Only for a child between fork and exec.
unsafe fn reset_signals() {
    // SAFETY: an all-zero sigaction is the default disposition; failing for KILL, STOP and reserved ones is harmless.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        for signal in 1..=LAST_SIGNAL {
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
    }
}
