//! Seals: what spares the comparison of a volume that was compared before.
//!
//! A comparison needs a container and takes longer than starting the server. So a volume that was found right gets
//! another beside it, empty, whose labels say what was found and when the first was made or last changed, as the engine
//! tells it. A volume that is removed and made anew, or whose filling was broken off, does not fit its seal. Whoever can
//! forge one has the engine, and with it everything that runs there; servers cannot: what belongs to us is refused
//! among their mounts, and mounted read-only by ours.

use std::collections::HashMap;

use super::{Parcel, hex, labels};
use crate::engine::{Engine, EngineError};

/// The label with the hash of what was found.
const CONTENT_LABEL: &str = "com.mcpproxy.content";
/// The label with the time that the engine told of the volume.
const MADE_LABEL: &str = "com.mcpproxy.made";

impl Engine {
    /// Whether the volume is there and was found right since it was made.
    pub(super) async fn is_sealed(&self, parcel: &Parcel<'_>) -> Result<bool, EngineError> {
        let seal = name(&parcel.volume);
        let (volume, seal) =
            tokio::try_join!(self.api().inspect_volume(&parcel.volume), self.api().inspect_volume(&seal))?;
        let (Some(volume), Some(seal)) = (volume, seal) else { return Ok(false) };
        // With options a volume may be any folder of the engine's computer.
        let plain = volume.driver == "local" && volume.options.is_empty();
        let told = |label: &str| seal.labels.get(label).map(String::as_str);
        Ok(plain
            && volume.created_at.is_some()
            && told(MADE_LABEL) == volume.created_at.as_deref()
            && told(CONTENT_LABEL) == Some(hex(parcel.content, 32).as_str()))
    }

    /// Seals a volume that was just found right.
    pub(super) async fn seal(&self, parcel: &Parcel<'_>) -> Result<(), EngineError> {
        self.break_seal(&parcel.volume).await?;
        let found = self.api().inspect_volume(&parcel.volume).await?;
        let Some(made) = found.and_then(|volume| volume.created_at) else { return Ok(()) };
        let mut labels: HashMap<String, String> = labels();
        labels.insert(CONTENT_LABEL.to_owned(), hex(parcel.content, 32));
        labels.insert(MADE_LABEL.to_owned(), made);
        self.api().create_volume(&name(&parcel.volume), labels).await.map(drop)
    }

    pub(super) async fn break_seal(&self, volume: &str) -> Result<(), EngineError> {
        self.api().remove_volume(&name(volume)).await
    }
}

fn name(volume: &str) -> String {
    format!("{volume}-sealed")
}
