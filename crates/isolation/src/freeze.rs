//! Holding a running server still: it keeps its memory and its state, and does nothing until it is let go on.
//!
//! A frozen server cannot see that its owner is gone. Whoever watches it therefore lets it go on before it is ended, and
//! also when the watch itself is dropped; what an owner that was killed leaves frozen is left to the reaper.

use tokio::sync::{mpsc, oneshot};

use crate::engine::EngineError;

/// Why a server was not held still or let go on.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    /// This system offers no way to hold processes still.
    #[error("processes cannot be held still on this system")]
    Unsupported,
    /// The server has ended.
    #[error("the server has ended")]
    Ended,
    /// The engine did not do it.
    #[error("{0}")]
    Engine(#[from] EngineError),
    /// The system did not do it.
    #[error("the processes of the server could not be reached: {0}")]
    System(#[source] std::io::Error),
    /// The command's own container stayed as it was.
    #[error("the container that its command started could not be reached")]
    OwnContainer,
}

impl FreezeError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            FreezeError::Unsupported => "freeze_unsupported",
            FreezeError::Ended => "freeze_ended",
            FreezeError::Engine(_) | FreezeError::System(_) | FreezeError::OwnContainer => "freeze_failed",
        }
    }
}

impl From<std::io::Error> for FreezeError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::Unsupported {
            FreezeError::Unsupported
        } else {
            FreezeError::System(error)
        }
    }
}

/// An order to the watcher of a server.
#[derive(Debug)]
pub(crate) struct FreezeOrder {
    pub(crate) frozen: bool,
    pub(crate) reply: oneshot::Sender<Result<(), FreezeError>>,
}

/// Orders on their way to a watcher.
pub(crate) type FreezeOrders = mpsc::Receiver<FreezeOrder>;

/// Holds one server still and lets it go on. Stopping works in either state.
#[derive(Clone, Debug)]
pub struct Freezer(mpsc::Sender<FreezeOrder>);

impl Freezer {
    pub(crate) fn channel() -> (Freezer, FreezeOrders) {
        let (orders, received) = mpsc::channel(1);
        (Freezer(orders), received)
    }

    /// Holds the server still, or lets it go on; asking twice for the same is fine.
    ///
    /// # Errors
    /// What stood in the way; the server is then as it was.
    ///
    /// # Cancel safety
    /// An order that was taken is carried out, whether or not anybody waits for it.
    pub async fn set(&self, frozen: bool) -> Result<(), FreezeError> {
        let (reply, done) = oneshot::channel();
        self.0.send(FreezeOrder { frozen, reply }).await.map_err(|_| FreezeError::Ended)?;
        done.await.map_err(|_| FreezeError::Ended)?
    }
}
