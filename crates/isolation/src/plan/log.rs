//! Who keeps the output of a server on the engine's disk, and how much of it.

use std::collections::BTreeMap;

use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::sizes;

use super::{LogDriver, Note};

/// The drivers that keep files and can be told how much; the engine refuses the options for all others.
const KEEPS_FILES: &[&str] = &["json-file", "local", "k8s-file"];

/// The driver, with a remark when limits are set that it cannot keep.
pub(super) fn driver(policy: &Policy) -> Result<(LogDriver, Option<Note>), Refusal> {
    let name = match policy.log_driver.as_deref() {
        None | Some("" | "none") => return Ok((LogDriver::None, None)),
        Some(name) => name.to_owned(),
    };
    let mut options = BTreeMap::new();
    if let Some(written) = policy.log_max_size.as_deref().filter(|text| !text.is_empty()) {
        options.insert("max-size".to_owned(), sizes::flag(sizes::size("log_max_size", written)?));
    }
    if let Some(written) = policy.log_max_files.as_deref().filter(|text| !text.is_empty()) {
        let files = sizes::number("log_max_files", written, 1, 1000)?;
        options.insert("max-file".to_owned(), files.to_string());
    }
    if options.is_empty() || KEEPS_FILES.contains(&name.as_str()) {
        return Ok((LogDriver::Named { name, options }, None));
    }
    let note = Note { key: "isolation-log-not-limited", args: vec![("driver", name.clone())] };
    Ok((LogDriver::Named { name, options: BTreeMap::new() }, Some(note)))
}
