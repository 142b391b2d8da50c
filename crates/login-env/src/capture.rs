//! Asking: the shell, then the answer of an earlier start.

use crate::{CaptureError, CaptureOptions, Environment};

/// Asks the login shell for its environment and joins it with our own.
///
/// It takes no longer than both deadlines together. When the shell gives no answer, that of an earlier start is
/// taken; when there is none either, the caller goes on with [`Environment::of_process`].
///
/// # Errors
/// Why there is no answer.
///
/// # Cancel safety
/// A dropped call leaves no process behind.
pub async fn capture(options: CaptureOptions) -> Result<Environment, CaptureError> {
    platform::capture(&options).await
}

/// The answer of an earlier start, if nothing that it depends on has changed. It reads one small file.
pub fn cached(options: &CaptureOptions) -> Option<Environment> {
    platform::cached(options)
}

#[cfg(unix)]
use crate::unix as platform;

#[cfg(not(unix))]
mod platform {
    use crate::{CaptureError, CaptureOptions, Environment};

    pub(super) async fn capture(_options: &CaptureOptions) -> Result<Environment, CaptureError> {
        std::future::ready(Err(CaptureError::Unsupported)).await
    }

    pub(super) fn cached(_options: &CaptureOptions) -> Option<Environment> {
        None
    }
}
