//! The global keys that a person may change from the window: a merge patch over the file, allow-listed. Keys, servers
//! and what guards changes themselves are no settings; they are changed in the file or by their own commands.

use serde_json::Value;

use crate::{CommandError, Edit};

/// Keys that may be set.
const ALLOWED: &[&str] = &[
    "listen",
    "routing_mode",
    "instructions",
    "tools_limit",
    "tool_response_limit",
    "call_tool_timeout",
    "init_timeout",
    "quarantine_enabled",
    "require_mcp_auth",
    "shell_environment",
    "telemetry",
    "activity_retention_days",
    "activity_max_records",
    "activity_max_size_mb",
    "activity_max_response_size",
    "activity_cleanup_interval_min",
    "docker_isolation.enabled",
    "docker_isolation.memory_limit",
    "docker_isolation.cpu_limit",
    "docker_isolation.network_mode",
    "docker_isolation.timeout",
    "docker_isolation.registry",
    "docker_isolation.default_images",
    "docker_isolation.ca_certificates",
    "docker_isolation.endpoint",
    "docker_isolation.log_driver",
    "docker_isolation.log_max_size",
    "docker_isolation.log_max_files",
    "logging.level",
    "logging.enable_file",
    "logging.enable_console",
    "logging.max_size",
    "logging.max_backups",
    "logging.json_format",
];
/// Maps whose single entries may be set.
const MAPS: &[&str] = &["docker_isolation.default_images", "telemetry"];

/// The single keys that a patch sets, in its order.
pub(super) fn edits(patch: &Value) -> Result<Vec<Edit>, CommandError> {
    let Value::Object(_) = patch else { return Err(refused("")) };
    let mut edits = Vec::new();
    collect(&mut Vec::new(), patch, &mut edits)?;
    Ok(edits)
}

fn collect(path: &mut Vec<String>, value: &Value, edits: &mut Vec<Edit>) -> Result<(), CommandError> {
    let key = path.join(".");
    let parent = path.get(..path.len().saturating_sub(1)).unwrap_or_default().join(".");
    let allowed = ALLOWED.contains(&key.as_str()) || MAPS.contains(&parent.as_str());
    let opens = |key: &str| {
        key.is_empty()
            || MAPS.contains(&key)
            || ALLOWED.iter().any(|known| known.strip_prefix(key).is_some_and(|rest| rest.starts_with('.')))
    };
    match value {
        Value::Object(fields) if opens(&key) => {
            for (name, value) in fields {
                path.push(name.clone());
                collect(path, value, edits)?;
                path.pop();
            }
            Ok(())
        }
        _ if allowed => {
            edits.push(Edit { server: None, path: path.clone(), value: Some(value.clone()) });
            Ok(())
        }
        _ => Err(refused(&key)),
    }
}

fn refused(key: &str) -> CommandError {
    CommandError::NotASetting { key: key.to_owned() }
}

#[cfg(test)]
mod tests {
    use mcpproxy_config::Document;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn paths(patch: Value) -> Vec<String> {
        edits(&patch).unwrap().iter().map(|edit| edit.path.join(".")).collect()
    }

    #[test]
    fn each_key_of_a_patch_becomes_one_edit() {
        let patch = json!({"docker_isolation": {"memory_limit": "1g", "default_images": {"npx": "node:22", "x": null}},
            "logging": {"level": "debug"}, "routing_mode": null});
        assert_eq!(
            paths(patch),
            [
                "docker_isolation.memory_limit",
                "docker_isolation.default_images.npx",
                "docker_isolation.default_images.x",
                "logging.level",
                "routing_mode"
            ]
        );
    }

    #[test]
    fn keys_servers_and_guards_are_no_settings() {
        for (patch, key) in [
            (json!({"api_key": "x"}), "api_key"),
            (json!({"mcpServers": []}), "mcpServers"),
            (json!({"keys": null}), "keys"),
            (json!({"read_only_mode": false}), "read_only_mode"),
            (json!({"trusted_hosts": ["*"]}), "trusted_hosts"),
            (json!({"docker_isolation": {"extra_args": ["--privileged"]}}), "docker_isolation.extra_args"),
            (json!({"docker_isolation": null}), "docker_isolation"),
            (json!([1]), ""),
        ] {
            let error = edits(&patch).unwrap_err();
            assert!(
                matches!(&error, CommandError::NotASetting { key: told } if told == key),
                "{patch}: {error}"
            );
        }
    }

    #[test]
    fn every_setting_is_a_key_that_the_file_knows() {
        for key in ALLOWED {
            let path: Vec<&str> = key.split('.').collect();
            let mut text = "null".to_owned();
            for key in path.iter().rev() {
                text = format!("{{\"{key}\": {text}}}");
            }
            let document = Document::parse(&text).unwrap();
            assert!(document.warnings().is_empty(), "{key}: {:?}", document.warnings());
        }
    }

    proptest! {
        #[test]
        fn no_patch_reaches_what_is_not_allowed(key in "[a-z_]{1,12}", inner in "[a-z_]{1,12}") {
            for patch in [json!({&key: 1}), json!({&key: {&inner: 1}}), json!({"docker_isolation": {&key: {&inner: 1}}})] {
                for edit in edits(&patch).unwrap_or_default() {
                    let path = edit.path.join(".");
                    let in_map = MAPS.iter().any(|map| path.starts_with(&format!("{map}.")));
                    prop_assert!(in_map || ALLOWED.contains(&path.as_str()), "{path}");
                }
            }
        }
    }
}
