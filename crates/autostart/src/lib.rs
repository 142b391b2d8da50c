//! Start at login, as the system sees it.
//!
//! The entry that the system reads is the only truth: nothing is stored beside it, and each question reads it again.
//! Only a click writes ([`set`]); what a person switched off in the system's own settings stays off until then.
//! At start [`repair`] may mend one thing: an entry that is switched on and names a program that is gone.
//!
//! Everything here blocks for the length of a file or registry access.

pub mod launch_agent;
#[cfg(windows)]
mod registry;
pub mod run_value;
mod state;
mod surroundings;
mod write;
pub mod xdg;

pub use state::{Error, Place, Refusal, State};
pub use surroundings::Surroundings;

/// The application's id: of the bundle, the desktop entry and the LaunchAgent. It never changes.
pub const APP_ID: &str = "com.mcpproxy.MCPProxy";

/// The product's name, and the name of the value in the `Run` key: what Tauri's uninstaller on Windows takes away.
pub const NAME: &str = "MCPProxy";

/// The argument of a start at login: a tray without a window.
pub const HIDDEN: &str = "--hidden";

/// How start at login stands now, read from the system.
pub fn state(surroundings: &Surroundings) -> State {
    if surroundings.sandboxed {
        return State::Unsupported;
    }
    system::state(surroundings)
}

/// Switches start at login on or off because a person asked for it, and answers how it stands afterwards.
///
/// Switching on overrides what that person switched off in the system's settings earlier: this is their newer wish.
pub fn set(surroundings: &Surroundings, on: bool) -> Result<State, Error> {
    if surroundings.sandboxed {
        return Err(Error::Unsupported);
    }
    system::set(surroundings, on)?;
    tracing::info!(on, "start at login was switched");
    Ok(state(surroundings))
}

/// Lets an entry that is switched on and names a program that is gone name this one; answers whether it did.
///
/// An entry that names another program which still exists is left alone: it may be a second copy on purpose.
pub fn repair(surroundings: &Surroundings) -> Result<bool, Error> {
    let State::Stale { path } = state(surroundings) else { return Ok(false) };
    if path.exists() || surroundings.refusal().is_some() {
        return Ok(false);
    }
    let mended = system::repair(surroundings)?;
    tracing::info!(mended, from = %path.display(), to = %surroundings.exe.display(), "start at login named a program that is gone");
    Ok(mended)
}

#[cfg(target_os = "macos")]
use launch_agent as system;
#[cfg(windows)]
use registry as system;
#[cfg(not(any(windows, target_os = "macos")))]
use xdg as system;
