//! Container engines: where they listen, whether they answer, what they can do, and the requests made to them.
//!
//! [`Engine`] is one engine that answered. It is a cheap handle; everything that runs in an engine goes through it.
use std::sync::Arc;
use std::time::Duration;

mod api;
mod candidates;
mod connection;
mod context;
mod endpoint;
mod error;
mod finder;
mod info;
mod probe;
mod state;
mod stream;
mod surroundings;
#[cfg(test)]
pub(crate) mod testing;
mod watch;

pub use candidates::Installed;
pub use context::ContextError;
pub use endpoint::{Endpoint, EndpointError};
pub use error::{EngineError, Unreachable};
pub use finder::{Finder, FinderOptions};
pub use info::{ApiVersion, EngineInfo, Limits, NEWEST_API, OLDEST_API, Product};
pub use state::{EngineState, EngineStatus, Mend, Silence, Source, Tried};
pub use surroundings::{Surroundings, docker_path};
pub use watch::EngineWatch;

pub(crate) use api::{
    Api, ContainerCreateBody, Created, DeviceMapping, HealthConfig, HostConfig, HostConfigCgroupnsModeEnum,
    HostConfigLogConfig, ImageInspect, Mount, MountBindOptions, MountBindOptionsPropagationEnum, MountType,
    MountVolumeOptions, PortBinding, ResourcesUlimits, Volume,
};
pub(crate) use connection::JsonStream;
pub(crate) use connection::{Stream, Upgraded};
pub(crate) use stream::Wait;
pub(crate) use stream::percent;

use crate::container::delivery::Delivered;
use crate::images::Flights;
use crate::prepare::Preparations;
use crate::usage::Usage;

/// How long a ping may take before an engine counts as silent.
pub(crate) const PING_LIMIT: Duration = Duration::from_secs(2);

/// One engine that answered.
#[derive(Debug, Clone)]
pub struct Engine(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    info: EngineInfo,
    api: Api,
    /// Where this person's registry credentials lie.
    surroundings: Arc<Surroundings>,
    flights: Flights,
    preparations: Preparations,
    delivered: Delivered,
}

impl Engine {
    /// A handle to the engine that `info` was learned from; nothing is sent yet.
    pub fn connect(info: EngineInfo, surroundings: Arc<Surroundings>) -> Result<Self, EngineError> {
        let api = Api::new(&info.endpoint, info.api)?;
        Ok(Self(Arc::new(Inner {
            info,
            api,
            surroundings,
            flights: Flights::default(),
            preparations: Preparations::default(),
            delivered: Delivered::default(),
        })))
    }

    /// What the engine told about itself.
    pub fn info(&self) -> &EngineInfo {
        &self.0.info
    }

    /// Asks whether the engine still answers.
    pub async fn ping(&self) -> Result<(), EngineError> {
        self.0.api.ping(PING_LIMIT).await
    }

    /// What a running container takes at this moment; `None` for one that does not run.
    pub async fn usage(&self, container: &str) -> Result<Option<Usage>, EngineError> {
        self.0.api.usage(container).await
    }

    /// The typed requests.
    pub(crate) fn api(&self) -> &Api {
        &self.0.api
    }

    /// The downloads that somebody waits for.
    pub(crate) fn flights(&self) -> &Flights {
        &self.0.flights
    }

    /// The files of ours that were found right in it.
    pub(crate) fn delivered(&self) -> &Delivered {
        &self.0.delivered
    }

    /// The servers that are being prepared.
    pub(crate) fn preparations(&self) -> &Preparations {
        &self.0.preparations
    }

    /// The account whose credentials count.
    pub(crate) fn surroundings(&self) -> &Surroundings {
        &self.0.surroundings
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.0.info.endpoint
    }
}

#[cfg(test)]
mod tests;
