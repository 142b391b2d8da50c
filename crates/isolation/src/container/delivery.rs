//! Brings files of ours into an engine, wherever it runs: a volume named after what is in it, filled by one archive
//! put into a container that is never started. Mounted read-only by every server after that.
//!
//! What is in a volume is compared byte for byte, put right when it is not what its name says, and then sealed (see
//! `seal`): a sealed volume is taken as it is, since no server can write into it.

mod seal;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::StartError;
use super::archive::{Entry, first_file, pack};
use super::name::random_suffix;
use super::program;
use super::start::Unstarted;
use crate::engine::{ContainerCreateBody, Engine, EngineError, HostConfig, Mount, MountType};
use crate::reap::INSTANCE_LABEL;

/// Where the program is mounted in every container.
pub(super) const PROGRAM_DIR: &str = "/.mcpproxy";
/// The entry point of every container.
pub(super) const PROGRAM_PATH: &str = "/.mcpproxy/shim";
/// Where a volume is mounted in the container that only fills it.
const FILLING_DIR: &str = "/mcpproxy-files";
/// Room for the archive around a file.
const ARCHIVE_OVERHEAD: usize = 64 * 1024;

/// Which volumes of an engine were found right; one delivery is made of many that are wanted at once.
#[derive(Debug, Default)]
pub(crate) struct Delivered(Mutex<HashMap<String, Arc<OnceCell<()>>>>);

impl Delivered {
    fn of(&self, volume: &str) -> Arc<OnceCell<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(volume.to_owned()).or_default())
    }

    fn forget(&self, volume: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(volume);
    }
}

/// A file and the volume that holds it.
struct Parcel<'a> {
    volume: String,
    file: &'a str,
    mode: u32,
    content: &'a [u8],
}

impl Engine {
    /// The volume with the program that is PID 1.
    pub(super) async fn deliver_program(&self, image: &str, instance: &str) -> Result<String, StartError> {
        self.deliver(image, instance, self.program()?).await
    }

    fn program(&self) -> Result<Parcel<'static>, StartError> {
        let arch = self.info().arch.as_str();
        let program =
            program::for_arch(arch).ok_or_else(|| StartError::Architecture { arch: arch.to_owned() })?;
        let digits = program.sha256.get(..12).unwrap_or(program.sha256);
        let volume = format!("mcpproxy-shim-{digits}-{arch}");
        Ok(Parcel { volume, file: "shim", mode: 0o555, content: program.bytes })
    }

    /// Compares the program anew before the next start.
    pub(super) async fn distrust_program(&self) {
        if let Ok(program) = self.program() {
            self.distrust(&program.volume).await;
        }
    }

    /// The volume with the certificate bundle of this computer.
    pub(super) async fn deliver_certificates(
        &self,
        image: &str,
        instance: &str,
        bundle: &Path,
    ) -> Result<String, StartError> {
        let content = tokio::fs::read(bundle).await.map_err(|error| StartError::Certificates {
            path: bundle.display().to_string(),
            detail: error.to_string(),
        })?;
        let volume = format!("mcpproxy-certificates-{}", digits(&content));
        self.deliver(
            image,
            instance,
            Parcel { volume, file: "ca-certificates.crt", mode: 0o444, content: &content },
        )
        .await
    }

    /// Compares a volume anew before it is used again.
    async fn distrust(&self, volume: &str) {
        self.delivered().forget(volume);
        if let Err(error) = self.break_seal(volume).await {
            tracing::debug!(%error, volume, "the seal of a volume stays");
        }
    }

    async fn deliver(&self, image: &str, instance: &str, parcel: Parcel<'_>) -> Result<String, StartError> {
        let found_right = self.delivered().of(&parcel.volume);
        let delivery = async {
            if self.is_sealed(&parcel).await? {
                return Ok(());
            }
            self.fill(image, instance, &parcel).await?;
            self.seal(&parcel).await
        };
        found_right
            .get_or_try_init(|| delivery)
            .await
            .map_err(StartError::at("bringing files into the engine"))?;
        Ok(parcel.volume)
    }

    async fn fill(&self, image: &str, instance: &str, parcel: &Parcel<'_>) -> Result<(), EngineError> {
        self.api().create_volume(&parcel.volume, labels()).await?;
        let name = format!("mcpproxy-files-{}", random_suffix());
        let carrier = self.create_whole(name, carrier(image, instance, parcel)).await?;
        // Removed in the background if this is given up half-way.
        let unstarted = Unstarted::new(self, &carrier.id);
        let filled = self.fill_through(&carrier.id, parcel).await;
        unstarted.remove().await;
        filled
    }

    async fn fill_through(&self, carrier: &str, parcel: &Parcel<'_>) -> Result<(), EngineError> {
        if self.holds(carrier, parcel).await? {
            return Ok(());
        }
        let entry = Entry { name: parcel.file, mode: parcel.mode, content: parcel.content };
        self.api().put_archive(carrier, FILLING_DIR, Bytes::from(pack(&[entry]))).await?;
        tracing::debug!(
            volume = parcel.volume,
            bytes = parcel.content.len(),
            "files brought into the engine"
        );
        if self.holds(carrier, parcel).await? {
            return Ok(());
        }
        Err(EngineError::protocol(format!("the volume {} does not hold what was put into it", parcel.volume)))
    }

    /// Whether the volume holds the file, byte for byte.
    async fn holds(&self, carrier: &str, parcel: &Parcel<'_>) -> Result<bool, EngineError> {
        let path = format!("{FILLING_DIR}/{}", parcel.file);
        let limit = parcel.content.len() + ARCHIVE_OVERHEAD;
        match self.api().get_archive(carrier, &path, limit).await {
            Ok(archive) => Ok(first_file(&archive) == Some(parcel.content)),
            Err(error) if error.is_not_found() => Ok(false),
            // Another file than ours, larger or garbled: it is replaced.
            Err(EngineError::Protocol { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Enough of a hash to tell contents apart; what is in the volume is compared byte for byte.
pub(super) fn digits(content: &[u8]) -> String {
    hex(content, 6)
}

fn hex(content: &[u8], bytes: usize) -> String {
    Sha256::digest(content).iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

/// These volumes belong to every instance on the engine: what is in them is in their name.
fn labels() -> HashMap<String, String> {
    [("com.mcpproxy.managed", "true"), ("com.mcpproxy.kind", "helper")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn carrier(image: &str, instance: &str, parcel: &Parcel<'_>) -> ContainerCreateBody {
    let mount = Mount {
        typ: Some(MountType::VOLUME),
        source: Some(parcel.volume.clone()),
        target: Some(FILLING_DIR.to_owned()),
        ..Mount::default()
    };
    let mut labels = labels();
    // The carrier itself is this instance's: the reaper takes it if we are ended in between.
    labels.insert(INSTANCE_LABEL.to_owned(), instance.to_owned());
    ContainerCreateBody {
        image: Some(image.to_owned()),
        // Never started; an image without a command of its own would be refused without one.
        entrypoint: Some(vec![PROGRAM_PATH.to_owned()]),
        labels: Some(labels),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            network_mode: Some("none".to_owned()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::engine::testing::{engine, word};

    /// A volume of one test alone; removed by `clean`.
    fn parcel(volume: &str, content: &'static [u8]) -> Parcel<'static> {
        Parcel { volume: volume.to_owned(), file: "shim", mode: 0o555, content }
    }

    async fn holds(engine: &Engine, instance: &str, parcel: &Parcel<'_>) -> Result<bool, EngineError> {
        let name = format!("mcpproxy-test-{}", word());
        let created = engine.create_whole(name, carrier("alpine:3.18", instance, parcel)).await?;
        let holds = engine.holds(&created.id, parcel).await;
        engine.api().remove(&created.id).await?;
        holds
    }

    async fn clean(engine: &Engine, volume: &str) -> Result<(), EngineError> {
        engine.distrust(volume).await;
        engine.api().remove_volume(volume).await
    }

    #[tokio::test]
    async fn a_volume_that_holds_something_else_is_put_right() {
        let Some(engine) = engine().await else { return };
        let instance = format!("test-{}", word());
        let volume = format!("mcpproxy-test-{instance}");
        let (right, spoiled) = (parcel(&volume, b"right"), parcel(&volume, b"spoiled, and longer"));
        engine.deliver("alpine:3.18", &instance, parcel(&volume, b"right")).await.expect("delivered");
        engine.fill("alpine:3.18", &instance, &spoiled).await.expect("spoiled");
        engine.fill("alpine:3.18", &instance, &right).await.expect("put right");
        assert!(holds(&engine, &instance, &right).await.expect("an answer"));
        assert!(!holds(&engine, &instance, &spoiled).await.expect("an answer"));
        clean(&engine, &volume).await.expect("removing the volume");
    }

    #[tokio::test]
    async fn a_sealed_volume_is_taken_as_it_is_until_it_is_made_anew_or_distrusted() {
        let Some(engine) = engine().await else { return };
        let instance = format!("test-{}", word());
        let volume = format!("mcpproxy-test-{instance}");
        let (right, other) = (parcel(&volume, b"right"), parcel(&volume, b"other"));
        engine.api().create_volume(&volume, labels()).await.expect("a volume");
        assert!(
            !engine.is_sealed(&right).await.expect("an answer"),
            "empty, as a delivery broken off leaves it"
        );
        engine.deliver("alpine:3.18", &instance, parcel(&volume, b"right")).await.expect("delivered");
        assert!(engine.is_sealed(&right).await.expect("an answer"));
        assert!(!engine.is_sealed(&other).await.expect("an answer"), "the seal tells what was found");
        engine.distrust(&volume).await;
        assert!(!engine.is_sealed(&right).await.expect("an answer"));
        engine.deliver("alpine:3.18", &instance, parcel(&volume, b"right")).await.expect("delivered again");
        engine.api().remove_volume(&volume).await.expect("removed by somebody");
        assert!(!engine.is_sealed(&right).await.expect("an answer"), "nothing is left that it seals");
        clean(&engine, &volume).await.expect("removing the volume");
    }
}
