//! Images: their names, whether the engine has them, and getting those it lacks, once however many servers wait.
mod credentials;
mod error;
mod flight;
mod progress;
mod pull;
mod reference;

use tokio_util::sync::CancellationToken;

pub use error::PullError;
pub(crate) use flight::Flights;
pub use progress::{Progress, ProgressSink, Stage};
pub use reference::{Reference, ReferenceError};

use crate::engine::{Engine, ImageInspect};

/// An image that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its complete name.
    pub reference: Reference,
    /// The engine's id of it.
    pub id: String,
    /// Name and digest in its registry, such as `python@sha256:…`; none for images that were built or imported.
    pub digest: Option<String>,
    /// Its processor, such as `amd64`.
    pub arch: String,
    /// Bytes on the engine's disk.
    pub size: u64,
    /// The program it starts by itself.
    pub entrypoint: Vec<String>,
    /// The arguments of that program.
    pub command: Vec<String>,
    /// Paths that it wants as volumes.
    pub volumes: Vec<String>,
    /// The folder it starts in.
    pub working_dir: String,
    /// The user it would run as.
    pub user: String,
    /// Variables it sets.
    pub environment: Vec<String>,
}

impl Image {
    /// The name to create containers by: one that a moved tag cannot change.
    pub fn pin(&self) -> &str {
        self.digest.as_deref().unwrap_or(&self.id)
    }

    fn from_inspect(reference: Reference, found: ImageInspect) -> Option<Self> {
        let config = found.config.unwrap_or_default();
        let repository = reference.familiar();
        let repository = repository.split(['@', ':']).next().unwrap_or_default().to_owned();
        let digests = found.repo_digests.unwrap_or_default();
        // One image may stand in several repositories; its digest there is told by the name asked for.
        let digest = digests
            .iter()
            .find(|digest| digest.split('@').next().is_some_and(|name| name.ends_with(&repository)))
            .or(digests.first())
            .cloned();
        Some(Self {
            reference,
            id: found.id?,
            digest,
            arch: found.architecture.unwrap_or_default(),
            size: found.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            volumes: config.volumes.map(|volumes| volumes.into_iter().collect()).unwrap_or_default(),
            working_dir: config.working_dir.unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            environment: config.env.unwrap_or_default(),
        })
    }
}

impl Engine {
    /// Makes sure that the engine has an image, complete name or Docker Hub's short form. One that is there is taken
    /// without any network; one that is not is downloaded, once for all who wait, and given up when all have left.
    pub async fn ensure_image(
        &self,
        image: &str,
        sink: &ProgressSink,
        cancel: &CancellationToken,
    ) -> Result<Image, PullError> {
        let reference = Reference::parse(image, "")?;
        if let Some(present) = self.present(&reference).await? {
            return self.suited(present);
        }
        let shown = reference.familiar();
        if matches!(reference, Reference::Id(_)) {
            return Err(PullError::Missing { image: shown });
        }
        sink.stage(Stage::Downloading, &shown);
        let platform = format!("linux/{}", self.info().arch);
        let key = format!("{reference} {platform}");
        let engine = self.clone();
        let pulled = self
            .flights()
            .join(&key, &shown, sink, cancel, move |steps| async move {
                tracing::info!(image = %reference, engine = %engine.info().id, "downloading an image");
                pull::pull(&engine, &reference, Some(&platform), &steps).await?;
                let missing = || PullError::Missing { image: reference.familiar() };
                let image = engine.present(&reference).await?.ok_or_else(missing)?;
                tracing::info!(image = %reference, digest = image.digest, id = %image.id, "the image is there");
                Ok(image)
            })
            .await?;
        self.suited(pulled)
    }

    async fn present(&self, reference: &Reference) -> Result<Option<Image>, PullError> {
        let found = self.api().inspect_image(&reference.to_string()).await?;
        Ok(found.and_then(|found| Image::from_inspect(reference.clone(), found)))
    }

    /// Old engines take an image for another processor without a word.
    fn suited(&self, image: Image) -> Result<Image, PullError> {
        let want = &self.info().arch;
        if image.arch.is_empty() || image.arch == *want {
            return Ok(image);
        }
        Err(PullError::Architecture {
            image: image.reference.familiar(),
            have: image.arch,
            want: want.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
