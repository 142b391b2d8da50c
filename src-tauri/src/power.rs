//! Sleep, waking up and the end of the session, as the system announces them.

#[cfg(target_os = "linux")]
mod platform {
    use crate::{
        face::Face,
        quit::{After, Gate},
    };
    use futures_util::StreamExt as _;
    use zbus::{Connection, Proxy, zvariant::OwnedFd};

    const LOGIND: &str = "org.freedesktop.login1";
    const PATH: &str = "/org/freedesktop/login1";
    const MANAGER: &str = "org.freedesktop.login1.Manager";

    /// Follows logind for the life of the program; without it nothing is announced and nothing is missed.
    pub(crate) async fn follow(face: Face) {
        if let Err(error) = watch(face).await {
            tracing::debug!(%error, "sleep and shutdown are not announced here");
        }
    }

    async fn watch(face: Face) -> zbus::Result<()> {
        let bus = Connection::system().await?;
        let manager = Proxy::new(&bus, LOGIND, PATH, MANAGER).await?;
        let mut sleeps = manager.receive_signal("PrepareForSleep").await?;
        let mut ends = manager.receive_signal("PrepareForShutdown").await?;
        // The system waits a few seconds for whoever holds this, long enough for all servers to be ended.
        let delay: OwnedFd = manager
            .call(
                "Inhibit",
                &("shutdown", "MCPProxy", "Servers and their containers are being ended", "delay"),
            )
            .await?;
        let mut delay = Some(delay);
        loop {
            tokio::select! {
                Some(message) = sleeps.next() => {
                    let asleep: bool = message.body().deserialize()?;
                    if !asleep { woke(&face).await; }
                }
                Some(message) = ends.next() => {
                    let ending: bool = message.body().deserialize()?;
                    if ending { end(&face.gate).await; drop(delay.take()); }
                }
                else => return Ok(()),
            }
        }
    }

    /// After sleep nothing that was known of the engine holds.
    async fn woke(face: &Face) {
        tracing::info!("the computer woke up");
        if let Some(core) = face.core() {
            let looked = core.command(mcpproxy_core::Command::CheckEngine).await;
            if let Err(error) = looked {
                tracing::debug!(%error, "the engine is looked at later");
            }
        }
    }

    async fn end(gate: &Gate) {
        gate.ask(After::Leave, "shutdown");
        gate.passed().await;
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use crate::face::Face;

    /// Here the event loop itself is told of the end of a session, and the engine's watch notices a sleep.
    pub(crate) async fn follow(_face: Face) {
        std::future::pending::<()>().await;
    }
}

pub(crate) use platform::follow;
