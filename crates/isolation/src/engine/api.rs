//! The only file that knows bollard: typed calls of the Engine API, each with a deadline of ours.
//!
//! Streams (attach, wait, events, pulls) are read by our own code in `stream.rs`; bollard builds and reads the rest over
//! a transport that opens its connections through `connection.rs` and restores the version prefix that it drops.
use std::collections::HashMap;
use std::io;
use std::time::Duration;

use bollard::errors::Error as BollardError;
use bollard::query_parameters as query;
use bollard::{BollardRequest, ClientVersion, Docker};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

pub(crate) use bollard::models::{
    ContainerCreateBody, ContainerSummary, DeviceMapping, HealthConfig, HostConfig,
    HostConfigCgroupnsModeEnum, HostConfigLogConfig, ImageInspect, Mount, MountBindOptions,
    MountBindOptionsPropagationEnum, MountType, MountVolumeOptions, PortBinding, ResourcesUlimits, Volume,
    VolumeCreateRequest,
};

use super::connection;
use super::endpoint::Endpoint;
use super::error::EngineError;
use super::info::ApiVersion;
use crate::usage::{Usage, without_cache};

/// The limit for questions that an engine answers from memory.
const QUICK: Duration = Duration::from_secs(10);
/// The limit for work on containers and volumes; thirty of them may queue on a small machine.
const WORK: Duration = Duration::from_secs(60);
/// The limit for moving a file in or out.
const TRANSFER: Duration = Duration::from_secs(120);
/// bollard's own timer, out of the way of ours.
const BACKSTOP_SECONDS: u64 = 600;

/// A container that was created and is not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// Its id.
    pub(crate) id: String,
    /// What the engine said about parts of the request that it drops.
    pub(crate) warnings: Vec<String>,
}

/// The typed half of the Engine API.
#[derive(Clone)]
pub(crate) struct Api(Docker);

impl Api {
    /// Builds the client; nothing is sent yet.
    pub(crate) fn new(endpoint: &Endpoint, api: ApiVersion) -> Result<Self, EngineError> {
        let transport = {
            let endpoint = endpoint.clone();
            move |request: BollardRequest| exchange(endpoint.clone(), api, request)
        };
        let version = ClientVersion { major_version: api.0.into(), minor_version: api.1.into() };
        Docker::connect_with_custom_transport(transport, Some("http://docker"), BACKSTOP_SECONDS, &version)
            .map(Self)
            .map_err(|error| convert(error, "connect", QUICK))
    }

    /// Asks whether the engine answers.
    pub(crate) async fn ping(&self, limit: Duration) -> Result<(), EngineError> {
        bounded("ping", limit, self.0.ping()).await.map(drop)
    }

    /// Creates a container under a name; an empty platform means the engine's own.
    pub(crate) async fn create(
        &self,
        name: &str,
        platform: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<Created, EngineError> {
        let options = query::CreateContainerOptions {
            name: Some(name.to_owned()),
            platform: platform.unwrap_or_default().to_owned(),
        };
        let made = bounded("create container", WORK, self.0.create_container(Some(options), body)).await?;
        Ok(Created { id: made.id, warnings: made.warnings })
    }

    /// Starts a container.
    pub(crate) async fn start(&self, id: &str) -> Result<(), EngineError> {
        bounded("start container", WORK, self.0.start_container(id, None)).await
    }

    /// Sends a signal to a container's first process.
    pub(crate) async fn kill(&self, id: &str, signal: &str) -> Result<(), EngineError> {
        let options = query::KillContainerOptions { signal: signal.to_owned() };
        bounded("signal container", QUICK, self.0.kill_container(id, Some(options))).await
    }

    /// Holds all processes of a container still; one that is held still already is fine.
    pub(crate) async fn pause(&self, id: &str) -> Result<(), EngineError> {
        match bounded("pause container", QUICK, self.0.pause_container(id)).await {
            Err(error) if error.to_string().contains("already paused") => Ok(()),
            other => other,
        }
    }

    /// Lets a container go on; one that was not held still is fine.
    pub(crate) async fn unpause(&self, id: &str) -> Result<(), EngineError> {
        match bounded("unpause container", QUICK, self.0.unpause_container(id)).await {
            Err(error) if error.to_string().contains("not paused") => Ok(()),
            other => other,
        }
    }

    /// Ends and removes a container with its anonymous volumes; one that is gone already is fine.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), EngineError> {
        let options = query::RemoveContainerOptions { v: true, force: true, link: false };
        match bounded("remove container", WORK, self.0.remove_container(id, Some(options))).await {
            Err(EngineError::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    /// Everything the engine knows of a container.
    #[cfg(test)]
    pub(crate) async fn inspect(
        &self,
        id: &str,
    ) -> Result<bollard::models::ContainerInspectResponse, EngineError> {
        bounded("inspect container", QUICK, self.0.inspect_container(id, None)).await
    }

    /// What a container takes at this moment; `None` for one that does not run, or is gone.
    pub(crate) async fn usage(&self, id: &str) -> Result<Option<Usage>, EngineError> {
        let options = query::StatsOptions { stream: false, one_shot: true };
        let work = async { std::pin::pin!(self.0.stats(id, Some(options))).next().await.transpose() };
        let sample = match bounded("measure container", QUICK, work).await {
            Err(error) if error.is_not_found() => return Ok(None),
            sample => sample?,
        };
        let Some(sample) = sample else { return Ok(None) };
        let memory = sample.memory_stats.unwrap_or_default();
        let cpu = sample.cpu_stats.and_then(|cpu| cpu.cpu_usage?.total_usage);
        let parts = memory.stats.unwrap_or_default();
        // Of a container that has ended nothing is measured; the answer has no numbers.
        let Some(cpu) = cpu.filter(|cpu| *cpu > 0) else { return Ok(None) };
        Ok(Some(Usage {
            cpu: Duration::from_nanos(cpu),
            memory: memory.usage.map(|usage| without_cache(usage, |part| parts.get(part).copied())),
            memory_limit: memory.limit,
            pids: sample.pids_stats.and_then(|pids| pids.current),
        }))
    }

    /// All containers, running or not, that carry every one of the labels (`key` or `key=value`).
    pub(crate) async fn list(&self, labels: &[String]) -> Result<Vec<ContainerSummary>, EngineError> {
        let options = query::ListContainersOptions {
            all: true,
            filters: Some(HashMap::from([("label".to_owned(), labels.to_vec())])),
            ..Default::default()
        };
        bounded("list containers", WORK, self.0.list_containers(Some(options))).await
    }

    /// Creates a volume; one of the same name stays as it is.
    pub(crate) async fn create_volume(
        &self,
        name: &str,
        labels: HashMap<String, String>,
    ) -> Result<Volume, EngineError> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        };
        bounded("create volume", WORK, self.0.create_volume(request)).await
    }

    /// What the engine knows of a volume; `None` when there is none of that name.
    pub(crate) async fn inspect_volume(&self, name: &str) -> Result<Option<Volume>, EngineError> {
        match bounded("inspect volume", QUICK, self.0.inspect_volume(name)).await {
            Ok(volume) => Ok(Some(volume)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All volumes that carry every one of the labels.
    pub(crate) async fn list_volumes(&self, labels: &[String]) -> Result<Vec<Volume>, EngineError> {
        let options = query::ListVolumesOptions {
            filters: Some(HashMap::from([("label".to_owned(), labels.to_vec())])),
        };
        let answer = bounded("list volumes", WORK, self.0.list_volumes(Some(options))).await?;
        Ok(answer.volumes.unwrap_or_default())
    }

    /// Removes a volume; one that is gone already is fine.
    pub(crate) async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        let options = None::<query::RemoveVolumeOptions>;
        match bounded("remove volume", WORK, self.0.remove_volume(name, options)).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        }
    }

    /// Unpacks a tar archive below a folder of a container.
    pub(crate) async fn put_archive(&self, id: &str, folder: &str, tar: Bytes) -> Result<(), EngineError> {
        let options = query::UploadToContainerOptions { path: folder.to_owned(), ..Default::default() };
        let body = bollard::body_full(tar);
        bounded("put archive", TRANSFER, self.0.upload_to_container(id, Some(options), body)).await
    }

    /// Packs a path of a container; more than `limit` bytes are refused.
    pub(crate) async fn get_archive(&self, id: &str, path: &str, limit: usize) -> Result<Bytes, EngineError> {
        let options = query::DownloadFromContainerOptions { path: path.to_owned() };
        let work = async {
            let mut stream = std::pin::pin!(self.0.download_from_container(id, Some(options)));
            let mut all = BytesMut::new();
            while let Some(piece) = stream.next().await {
                let piece = piece?;
                if all.len() + piece.len() > limit {
                    return Ok(None);
                }
                all.extend_from_slice(&piece);
            }
            Ok(Some(all.freeze()))
        };
        bounded("get archive", TRANSFER, work)
            .await?
            .ok_or_else(|| EngineError::protocol("the archive is too large"))
    }

    /// What the engine knows of an image; `None` when it has none of that name.
    pub(crate) async fn inspect_image(&self, image: &str) -> Result<Option<ImageInspect>, EngineError> {
        match bounded("inspect image", QUICK, self.0.inspect_image(image)).await {
            Ok(image) => Ok(Some(image)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the name of an image, and the image when it was the last one.
    #[cfg(test)]
    pub(crate) async fn remove_image(&self, image: &str) -> Result<(), EngineError> {
        let options = None::<query::RemoveImageOptions>;
        bounded("remove image", WORK, self.0.remove_image(image, options, None)).await.map(drop)
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api")
    }
}

/// Sends one of bollard's requests over a connection of our own, under the negotiated version.
async fn exchange(
    endpoint: Endpoint,
    api: ApiVersion,
    mut request: BollardRequest,
) -> Result<http::Response<hyper::body::Incoming>, BollardError> {
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let prefixed = format!("/v{api}{path}");
    *request.uri_mut() = prefixed.parse()?;
    // bollard's errors carry ours through as the cause of an I/O error.
    connection::send(&endpoint, request)
        .await
        .map_err(|error| BollardError::IOError { err: io::Error::other(error) })
}

async fn bounded<T>(
    what: &'static str,
    limit: Duration,
    work: impl Future<Output = Result<T, BollardError>>,
) -> Result<T, EngineError> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(convert(error, what, limit)),
        Err(_) => Err(EngineError::Timeout { what, after: limit }),
    }
}

fn convert(error: BollardError, what: &'static str, limit: Duration) -> EngineError {
    match error {
        BollardError::DockerResponseServerError { status_code, message } => {
            EngineError::answered(status_code, &message)
        }
        BollardError::IOError { err } => match err.downcast::<EngineError>() {
            Ok(ours) => ours,
            Err(other) => EngineError::lost(other),
        },
        BollardError::RequestTimeoutError => EngineError::Timeout { what, after: limit },
        BollardError::HyperResponseError { err } => EngineError::lost(err),
        other => EngineError::protocol(other),
    }
}
