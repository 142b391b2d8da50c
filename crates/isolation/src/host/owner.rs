//! Which process started a container of a server's own: this one, or one that is gone.

use super::platform;

/// This process in a form that no other has, on this computer and for as long as the system runs: its number alone
/// is given out again. None where the system does not say when the process started; then nothing is claimed.
pub(crate) fn this_process() -> Option<String> {
    platform::start_of_this_process().map(|start| format!("{}-{start}", std::process::id()))
}
