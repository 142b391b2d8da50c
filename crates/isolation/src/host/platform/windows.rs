//! A job that ends with its last handle, and ours is the only one: the processes in it end with us, however we end.
//!
//! A process that starts others in the instant before it is put into the job could lose them; none does so early.
#![expect(unsafe_code, reason = "job objects; each block states why it is sound")]

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::ptr;

use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
    TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, GetCurrentProcess, GetProcessTimes, INFINITE,
    WaitForSingleObject,
};

/// The job around a process.
#[derive(Debug)]
pub(in crate::host) struct Group(OwnedHandle);

impl Group {
    pub(in crate::host) fn of(child: &Child) -> io::Result<Group> {
        // SAFETY: both pointers may be null: default security, no name.
        let handle = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if handle.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and owned by nobody else.
        let job = unsafe { OwnedHandle::from_raw_handle(handle.cast()) };
        // SAFETY: the structure is plain numbers; all zeros means no limits.
        let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = unsafe { std::mem::zeroed() };
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        // SAFETY: pointer and size describe `limits`, and the handles are open.
        let joined = unsafe {
            let set = SetInformationJobObject(
                job.as_raw_handle().cast(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size,
            );
            set != 0
                && AssignProcessToJobObject(job.as_raw_handle().cast(), child.as_raw_handle().cast()) != 0
        };
        if joined { Ok(Group(job)) } else { Err(io::Error::last_os_error()) }
    }

    /// There is no gentle way that a process without a window must hear: its input was closed before.
    pub(in crate::host) fn terminate(&self) {}

    /// Windows has no documented way to hold a process still from outside.
    pub(in crate::host) fn freeze(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(in crate::host) fn thaw(&self) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::host) fn kill(&self) {
        // SAFETY: the handle is open.
        unsafe { TerminateJobObject(self.0.as_raw_handle().cast(), 1) };
    }
}

/// No console window, and no share in our console's Ctrl-C.
pub(in crate::host) fn separate(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

/// Waits until the process has ended; its handle keeps its number taken.
pub(in crate::host) fn wait_without_reaping(child: &Child) -> io::Result<()> {
    // SAFETY: the handle is open as long as `child` lives.
    match unsafe { WaitForSingleObject(child.as_raw_handle().cast(), INFINITE) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The exit code; there are no signals here.
pub(in crate::host) fn exit_of(status: ExitStatus) -> (Option<i32>, Option<i32>) {
    (status.code(), None)
}

/// When this process started, in tenths of a microsecond.
pub(in crate::host) fn start_of_this_process() -> Option<u64> {
    let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
    let (mut created, mut ended, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle of this process is always open, and the places are valid for the answer.
    let told = unsafe {
        GetProcessTimes(GetCurrentProcess(), &raw mut created, &raw mut ended, &raw mut kernel, &raw mut user)
    };
    (told != 0).then(|| u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
}
