//! The user database's entry for the current user.
#![expect(unsafe_code, reason = "the C library's user database has no safe interface")]

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// The current user.
pub(crate) struct User {
    pub(crate) home: PathBuf,
    pub(crate) shell: PathBuf,
}

/// The largest entry that is asked for.
const LARGEST: usize = 1 << 20;

impl User {
    /// The entry of whoever runs this process. On macOS it comes from the directory service and is right at once
    /// after the shell was changed.
    pub(crate) fn current() -> Option<Self> {
        let uid = rustix::process::geteuid().as_raw();
        let mut buffer = vec![0; 4096];
        loop {
            match lookup(uid, &mut buffer) {
                Err(libc::ERANGE) if buffer.len() < LARGEST => buffer.resize(buffer.len() * 4, 0),
                Err(_) => return None,
                Ok(user) => return user,
            }
        }
    }
}

/// One attempt with a buffer of this size; the error is the C library's number.
fn lookup(uid: libc::uid_t, buffer: &mut [libc::c_char]) -> Result<Option<User>, libc::c_int> {
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::uninit();
    let mut found: *mut libc::passwd = std::ptr::null_mut();
    // SAFETY: every pointer is valid for the call, and the length given is that of the buffer.
    let status =
        unsafe { libc::getpwuid_r(uid, entry.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &mut found) };
    if status != 0 {
        return Err(status);
    }
    if found.is_null() {
        return Ok(None);
    }
    // SAFETY: the call succeeded and found an entry, so `entry` is initialized.
    let entry = unsafe { entry.assume_init() };
    let (home, shell) = (text(entry.pw_dir), text(entry.pw_shell));
    Ok(home.zip(shell).map(|(home, shell)| User { home, shell }))
}

/// Copies a field of the entry, which points into the buffer.
fn text(pointer: *const libc::c_char) -> Option<PathBuf> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: a field that is not null is a zero-terminated string in the buffer, which outlives this call.
    let bytes = unsafe { CStr::from_ptr(pointer) }.to_bytes();
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_user_has_an_absolute_home_and_shell() {
        let user = User::current().unwrap();
        assert!(user.home.is_absolute());
        assert!(user.shell.is_absolute());
    }
}
