//! The volume of a prepared server: its name, its labels, and the file in it that says what it holds.
use std::collections::HashMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Prepared;
use crate::container::Unstarted;
use crate::container::archive::first_file;
use crate::container::name::{random_suffix, slug};
use crate::engine::{ContainerCreateBody, Engine, EngineError, HostConfig, Mount, MountType, Volume};
use crate::plan::{self, RESULT_FILE};
use crate::reap::{INSTANCE_LABEL, KIND_LABEL, PACKAGES, SERVER_LABEL};

/// The label with the key of the content.
const KEY_LABEL: &str = "com.mcpproxy.key";
/// The most that the record may take.
const RECORD_LIMIT: usize = 256 * 1024;

/// What a preparing container wrote about its work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Record {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    entry: Vec<String>,
}

impl Record {
    pub(super) fn prepared(self, volume: String, reused: bool) -> Prepared {
        Prepared { volume, entry: self.entry, name: self.name, version: self.version, reused }
    }

    fn read(json: &[u8]) -> Option<Self> {
        let record: Self = serde_json::from_slice(json).ok()?;
        (!record.entry.is_empty()).then_some(record)
    }
}

/// What the content depends on: the plan's own key, and the image down to its bytes.
pub(super) fn key(planned: &str, image: &str) -> String {
    hex(&[planned, image], 16)
}

/// The volume's name: readable, and different for each server, instance and key.
pub(super) fn name(server: &str, instance: &str, key: &str) -> String {
    format!("mcpproxy-data-{}-{}", slug(server), hex(&[server, instance, key], 8))
}

/// The volume's labels.
pub(super) fn labels(server: &str, instance: &str, key: &str) -> HashMap<String, String> {
    let mut labels: HashMap<String, String> = plan::labels(instance, server, PACKAGES).into_iter().collect();
    labels.insert(KEY_LABEL.to_owned(), key.to_owned());
    labels
}

/// The labels that all volumes of one server have.
pub(super) fn filter(server: &str, instance: &str) -> Vec<String> {
    vec![
        format!("{INSTANCE_LABEL}={instance}"),
        format!("{SERVER_LABEL}={server}"),
        format!("{KIND_LABEL}={PACKAGES}"),
    ]
}

/// True when a volume was made for that key.
pub(super) fn is_of(volume: &Volume, key: &str) -> bool {
    volume.labels.get(KEY_LABEL).is_some_and(|label| label == key)
}

fn hex(parts: &[&str], bytes: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

impl Engine {
    /// Reads the record out of a volume, through a container that is never started.
    pub(super) async fn read_record(
        &self,
        image: &str,
        instance: &str,
        volume: &str,
    ) -> Result<Option<Record>, EngineError> {
        let name = format!("mcpproxy-files-{}", random_suffix());
        let carrier = self.create_whole(name, carrier(image, instance, volume)).await?;
        // Removes the carrier in the background, also when this is given up half-way.
        let _carrier = Unstarted::new(self, &carrier.id);
        match self.api().get_archive(&carrier.id, RESULT_FILE, RECORD_LIMIT).await {
            Ok(archive) => Ok(first_file(&archive).and_then(Record::read)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn carrier(image: &str, instance: &str, volume: &str) -> ContainerCreateBody {
    let mount = Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.to_owned()),
        target: Some(plan::DATA_DIR.to_owned()),
        read_only: Some(true),
        ..Mount::default()
    };
    let labels = plan::labels(instance, "", "helper").into_iter().collect();
    ContainerCreateBody {
        image: Some(image.to_owned()),
        // Never started; an image without a command of its own would be refused without one.
        entrypoint: Some(vec!["/never-started".to_owned()]),
        labels: Some(labels),
        host_config: Some(HostConfig {
            mounts: Some(vec![mount]),
            network_mode: Some("none".to_owned()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_belongs_to_one_server_of_one_instance_and_one_key() {
        let one = name("git", "i", "k");
        assert!(one.starts_with("mcpproxy-data-git-"));
        for other in
            [name("git", "j", "k"), name("git", "i", "l"), name("Git", "i", "k"), name("gi", "ti", "k")]
        {
            assert_ne!(one, other);
        }
        assert_ne!(key("ab", "c"), key("a", "bc"));
    }

    #[test]
    fn a_record_without_an_entry_is_none() {
        assert!(Record::read(br#"{"name":"a","version":"1","entry":[]}"#).is_none());
        assert!(Record::read(b"{\"name\":").is_none());
        assert_eq!(Record::read(br#"{"entry":["node","x"],"more":1}"#).unwrap().entry, ["node", "x"]);
    }
}
