//! Starting a process in a session of its own, and ending everything in it.
#![expect(unsafe_code, reason = "a hook between fork and exec can only be set unsafely")]

use rustix::process::{Pid, Signal, kill_process_group, setsid};
use tokio::process::{Child, Command};

/// Lets the process begin a session of its own: away from our terminal, which would stop a shell that asks for
/// it, and with a process group that can be ended as a whole.
pub(crate) fn in_own_session(command: &mut Command) {
    // SAFETY: setsid is async-signal-safe, and the closure neither allocates nor touches shared memory.
    unsafe {
        command.pre_exec(|| {
            setsid()?;
            Ok(())
        });
    }
}

/// The process group of a child in a session of its own; it is killed when this is dropped.
pub(crate) struct Group(Option<Pid>);

impl Group {
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)))
    }

    /// Ends the group's leader and every background job that stayed in it.
    pub(crate) fn kill(&mut self) {
        if let Some(leader) = self.0.take() {
            // It fails only when nobody is left, which is what was asked for.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
