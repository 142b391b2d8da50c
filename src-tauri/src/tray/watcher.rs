//! Waiting for a panel that shows trays: on Linux it may start long after this program, and go and come back.

#[cfg(target_os = "linux")]
mod platform {
    use std::time::Duration;
    use tokio::time::sleep;
    use zbus::{Connection, MatchRule, MessageStream, fdo::DBusProxy, message::Type, names::BusName};

    const NAME: &str = "org.kde.StatusNotifierWatcher";
    /// How long until the next look where the bus cannot be asked to tell.
    const AGAIN: Duration = Duration::from_secs(30);
    /// How long a panel that just came takes until it answers.
    const SETTLE: Duration = Duration::from_millis(300);

    /// Returns when a panel has come, and after a while in any case.
    pub(crate) async fn panel_appears() {
        match watch().await {
            Ok(()) => sleep(SETTLE).await,
            Err(error) => {
                tracing::debug!(%error, "the session's bus does not tell when a panel comes");
                sleep(AGAIN).await;
            }
        }
    }

    async fn watch() -> zbus::Result<()> {
        use futures_util::StreamExt as _;
        let bus = Connection::session().await?;
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .add_arg(NAME)?
            .build();
        let mut changes = MessageStream::for_match_rule(rule, &bus, Some(8)).await?;
        let proxy = DBusProxy::new(&bus).await?;
        // It may have come between the failed attempt and now.
        if proxy.name_has_owner(BusName::try_from(NAME)?).await? {
            return Ok(());
        }
        while let Some(message) = changes.next().await {
            let (_, _, owner): (String, String, String) = message?.body().deserialize()?;
            if !owner.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::time::Duration;

    /// How long until the next attempt.
    const AGAIN: Duration = Duration::from_secs(5);

    /// The system has a tray at all times; a failure passes.
    pub(crate) async fn panel_appears() {
        tokio::time::sleep(AGAIN).await;
    }
}

pub(super) use platform::panel_appears;
