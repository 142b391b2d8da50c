//! Removes what an earlier run of this instance left behind: by its label alone, never by name, prefix or image.

use std::collections::HashSet;

use crate::engine::{Engine, EngineError};
use crate::host::owner;

/// The label with the id of the instance that owns a container or volume.
pub const INSTANCE_LABEL: &str = "com.mcpproxy.instance";
/// The label with the name of the server.
pub const SERVER_LABEL: &str = "com.mcpproxy.server";
/// The label with the purpose.
pub const KIND_LABEL: &str = "com.mcpproxy.kind";

/// The purpose of volumes that hold prepared packages.
pub(crate) const PACKAGES: &str = "data";

/// The label with the process that started a container of a server's own.
pub(crate) const OWNER_LABEL: &str = "com.mcpproxy.owner";
/// The purpose of containers that a server's command starts by itself.
pub(crate) const OWN: &str = "own";

/// What was found and removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaped {
    /// The containers.
    pub containers: Vec<Leftover>,
    /// The volumes.
    pub volumes: Vec<Leftover>,
}

/// One thing that was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Its id, or a volume's name.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The server that it belonged to.
    pub server: Option<String>,
}

impl Engine {
    /// Removes every container of this instance but those whose ids are in `keep`: running, paused, ended or never
    /// started. What the commands of servers started by themselves stays while the process that ran them lives, which
    /// is this one: nobody else knows those ids, and each is removed with its command. Goes on after a failure and
    /// reports the first one.
    ///
    /// # Errors
    /// What the engine said of the first container that it did not remove.
    pub async fn reap(&self, instance: &str, keep: &HashSet<String>) -> Result<Reaped, EngineError> {
        let mut reaped = Reaped::default();
        let mut failed = None;
        let this = owner::this_process();
        for container in self.api().list(&[owned_by(instance)]).await? {
            let labels = container.labels.unwrap_or_default();
            let Some(id) = container.id.filter(|id| !keep.contains(id)) else { continue };
            // The filter is the engine's; what is removed by force is worth a second look.
            if labels.get(INSTANCE_LABEL).is_none_or(|owner| owner != instance) {
                continue;
            }
            let is_own = labels.get(KIND_LABEL).is_some_and(|kind| kind == OWN);
            if is_own && this.is_some() && labels.get(OWNER_LABEL) == this.as_ref() {
                continue;
            }
            let name = container
                .names
                .unwrap_or_default()
                .first()
                .map_or("", |name| name.trim_start_matches('/'))
                .to_owned();
            match self.api().remove(&id).await {
                Ok(()) => {
                    tracing::info!(container = name, "leftover container removed");
                    reaped.containers.push(Leftover { id, name, server: labels.get(SERVER_LABEL).cloned() });
                }
                // Already on its way out by itself.
                Err(EngineError::Conflict { .. }) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(reaped), Err)
    }

    /// Removes the packages of this instance's servers that are no longer configured. What a server kept as its own
    /// data stays: it belongs to the person.
    ///
    /// # Errors
    /// What the engine said of the first volume that it did not remove; one that is in use stays without an error.
    pub async fn reap_packages(
        &self,
        instance: &str,
        servers: &HashSet<String>,
    ) -> Result<Reaped, EngineError> {
        let mut reaped = Reaped::default();
        let mut failed = None;
        let packages = format!("{KIND_LABEL}={PACKAGES}");
        for volume in self.api().list_volumes(&[owned_by(instance), packages]).await? {
            let server = volume.labels.get(SERVER_LABEL).cloned();
            let ours = volume.labels.get(INSTANCE_LABEL).is_some_and(|owner| owner == instance);
            if !ours || server.as_ref().is_none_or(|server| servers.contains(server)) {
                continue;
            }
            match self.api().remove_volume(&volume.name).await {
                Ok(()) => {
                    reaped.volumes.push(Leftover { id: volume.name.clone(), name: volume.name, server })
                }
                Err(EngineError::Conflict { .. }) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(reaped), Err)
    }
}

fn owned_by(instance: &str) -> String {
    format!("{INSTANCE_LABEL}={instance}")
}
