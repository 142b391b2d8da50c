//! JSON with comments as text of somebody else: read as a value, changed only where it has to be.
//!
//! The same splices that keep our own file as the person wrote it serve the files of other programs, whose keys mean
//! nothing here.

use serde_json::Value;

use crate::{ConfigError, edit, read};

/// What a text says, comments left out; `None` when there is no value in it.
///
/// # Errors
/// [`ConfigError::Syntax`] with the place of the mistake.
pub fn value(text: &str) -> Result<Option<Value>, ConfigError> {
    Ok(read::parse(text)?.map(|tree| tree.to_value()))
}

/// Sets the value at a path of keys, adding what is missing on the way; `null` removes. All other bytes stay.
///
/// # Errors
/// [`ConfigError::Syntax`] with the place of the mistake.
pub fn set(text: &str, path: &[&str], value: &Value) -> Result<String, ConfigError> {
    edit::set_plain(text, path, value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_the_asked_key_changes_whatever_the_keys_mean() {
        let text =
            "\u{feff}{\r\n\t// mine\r\n\t\"docker_isolation\": {\"mode\": 1, \"enabled\": 2},\r\n}\r\n";
        let changed = set(text, &["docker_isolation", "enabled"], &json!(3)).unwrap();
        assert_eq!(changed, text.replace("\"enabled\": 2", "\"enabled\": 3"));
        assert_eq!(value(&changed).unwrap().unwrap()["docker_isolation"]["mode"], 1);
    }

    #[test]
    fn a_mistake_has_its_place() {
        let error = value("{\n  \"a\": ,\n}").unwrap_err();
        assert_eq!(error.position().map(|at| at.line), Some(2));
    }
}
