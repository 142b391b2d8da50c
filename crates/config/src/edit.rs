//! Edits of the text that leave every other byte as it was.
//!
//! Each edit finds its place in the tree, changes the text there, and nothing else: comments, blank lines, odd
//! spacing and keys of other programs survive because they are never written anew.

mod entry;
mod layout;
mod splice;

use serde_json::{Map, Value};

use crate::read::{Node, NodeValue, parse};
use crate::{ConfigError, Mistake, ServerConfig, known};
pub(crate) use layout::pretty;

/// A step from a value to one inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

const SERVERS: &str = "mcpServers";

/// Sets the value at a path of keys, adding what is missing on the way; `null` removes.
pub(crate) fn set(text: &str, path: &[&str], value: &Value) -> Result<String, ConfigError> {
    let mut text = set_at(text, &path.iter().map(|key| Step::Key(key)).collect::<Vec<_>>(), value)?;
    // An older `mode` would go on deciding over the switch that was just turned.
    if let ["docker_isolation", "enabled"] = path {
        text = set_at(&text, &[Step::Key("docker_isolation"), Step::Key("mode")], &Value::Null)?;
    }
    Ok(text)
}

/// Sets the value at a path of keys of any text of this form, whatever the keys mean; `null` removes.
pub(crate) fn set_plain(text: &str, path: &[&str], value: &Value) -> Result<String, ConfigError> {
    set_at(text, &path.iter().map(|key| Step::Key(key)).collect::<Vec<_>>(), value)
}

/// Adds a server to the list or map of servers, whichever the file has.
pub(crate) fn add_server(text: &str, server: &ServerConfig) -> Result<String, ConfigError> {
    let tree = parse(text)?;
    let in_map =
        tree.as_ref().and_then(|tree| tree.get(SERVERS)).is_some_and(|node| node.properties().is_some());
    let mut value = server.to_value();
    if in_map {
        if let Value::Object(entry) = &mut value {
            entry.shift_remove("name");
        }
        return set_at(text, &[Step::Key(SERVERS), Step::Key(&server.name)], &value);
    }
    let listed = tree.as_ref().and_then(|tree| tree.get(SERVERS)).and_then(|node| match &node.value {
        NodeValue::List(items) => Some((node, items)),
        _ => None,
    });
    match listed {
        Some((node, items)) => {
            let places: Vec<_> = items.iter().map(|item| (item.start, item.end)).collect();
            Ok(splice::insert(text, node, &places, |layout| layout.value(&value)))
        }
        None => set_at(text, &[Step::Key(SERVERS)], &Value::Array(vec![value])),
    }
}

/// Merges a patch into a server's entry.
pub(crate) fn patch_server(text: &str, name: &str, patch: &Value) -> Result<String, ConfigError> {
    let Value::Object(patch) = patch else {
        return Err(misfit("the change", "an object of keys and values"));
    };
    if patch.get("name").is_some_and(|other| other.as_str() != Some(name)) {
        return Err(misfit(
            "name",
            "the name it has; to rename a server, add it anew and remove the old one",
        ));
    }
    let tree = parse(text)?;
    let (Some(path), Some(entry)) = (server_path(&tree, name), server_node(&tree, name)) else {
        return Err(ConfigError::UnknownServer { name: name.to_owned() });
    };
    let mut text = text.to_owned();
    for (key, value) in patch.iter().filter(|(key, _)| *key != "name") {
        let (key, value) = as_written(entry, key, value);
        let mut place = path.clone();
        place.push(Step::Key(key));
        text = merge_at(&text, &place, &value)?;
    }
    if patch.get("isolation").is_some_and(|isolation| isolation.get("enabled").is_some()) {
        let mut place = path;
        place.extend([Step::Key("isolation"), Step::Key("mode")]);
        text = set_at(&text, &place, &Value::Null)?;
    }
    Ok(text)
}

/// Removes a server's entry.
pub(crate) fn remove_server(text: &str, name: &str) -> Result<String, ConfigError> {
    match server_path(&parse(text)?, name) {
        Some(path) => set_at(text, &path, &Value::Null),
        None => Err(ConfigError::UnknownServer { name: name.to_owned() }),
    }
}

/// The key and value as this entry already writes them, where it uses another client's words.
fn as_written<'k>(entry: &Node, key: &'k str, value: &Value) -> (&'k str, Value) {
    if key == "enabled"
        && entry.get("enabled").is_none()
        && entry.get("disabled").is_some()
        && let Value::Bool(enabled) = value
    {
        return ("disabled", Value::Bool(!enabled));
    }
    match known::ALIASES.iter().find(|(ours, _)| *ours == key) {
        Some((ours, _)) => (crate::read::key_in_use(entry, ours), value.clone()),
        None => (key, value.clone()),
    }
}

/// A server's entry as it stands in the text.
pub(crate) fn entry_of(text: &str, name: &str) -> Option<Value> {
    server_node(&parse(text).ok()?, name).map(Node::to_value)
}

fn server_path<'a>(tree: &Option<Node>, name: &'a str) -> Option<Vec<Step<'a>>> {
    let servers = tree.as_ref()?.get(SERVERS)?;
    let last = match &servers.value {
        NodeValue::Object(_) => servers.get(name).map(|_| Step::Key(name)),
        NodeValue::List(items) => items.iter().position(|item| is_named(item, name)).map(Step::Index),
        _ => None,
    };
    Some(vec![Step::Key(SERVERS), last?])
}

fn server_node<'t>(tree: &'t Option<Node>, name: &str) -> Option<&'t Node> {
    let path = server_path(tree, name)?;
    find(tree.as_ref()?, &path)
}

fn is_named(item: &Node, name: &str) -> bool {
    matches!(item.get("name").map(|node| &node.value), Some(NodeValue::Text(text)) if text == name)
}

fn find<'t>(node: &'t Node, path: &[Step<'_>]) -> Option<&'t Node> {
    path.iter().try_fold(node, |node, step| match (step, &node.value) {
        (Step::Key(key), _) => node.get(key),
        (Step::Index(index), NodeValue::List(items)) => items.get(*index),
        (Step::Index(_), _) => None,
    })
}

/// Merges objects key by key; anything else replaces what was there.
fn merge_at(text: &str, path: &[Step<'_>], patch: &Value) -> Result<String, ConfigError> {
    let tree = parse(text)?;
    let target = tree.as_ref().and_then(|tree| find(tree, path));
    match (patch, target.and_then(Node::properties)) {
        (Value::Object(patch), Some(_)) => {
            let mut text = text.to_owned();
            for (key, value) in patch {
                let mut place = path.to_vec();
                place.push(Step::Key(key));
                text = merge_at(&text, &place, value)?;
            }
            Ok(text)
        }
        (patch, _) => set_at(text, path, &without_nulls(patch)),
    }
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn set_at(text: &str, path: &[Step<'_>], value: &Value) -> Result<String, ConfigError> {
    let Some(tree) = parse(text)? else {
        if value.is_null() {
            return Ok(text.to_owned());
        }
        // No value yet: whatever comments there are stay in front of the first one.
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return set_at(&format!("{text}{newline}{{}}\n"), path, value);
    };
    let mut node = &tree;
    for (depth, step) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        match find(node, std::slice::from_ref(step)) {
            Some(_) if rest.is_empty() && value.is_null() => return Ok(splice::remove(text, node, step)),
            Some(inner) => node = inner,
            None if value.is_null() => return Ok(text.to_owned()),
            None => return Ok(add_key(text, node, step, &nest(rest, value))),
        }
    }
    if node.to_value() == *value {
        return Ok(text.to_owned());
    }
    Ok(splice::replace(text, node, value))
}

/// Adds a key to an object; a `null` or a plain value in its place becomes an object.
fn add_key(text: &str, node: &Node, step: &Step<'_>, value: &Value) -> String {
    let Step::Key(key) = step else { return text.to_owned() };
    match node.properties() {
        Some(properties) => {
            let places: Vec<_> =
                properties.iter().map(|property| (property.start, property.value.end)).collect();
            splice::insert(text, node, &places, |layout| layout.property(key, value))
        }
        None => splice::replace(text, node, &nest(&[*step], value)),
    }
}

/// The value with the objects around it that the path asks for.
fn nest(path: &[Step<'_>], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |value, step| match step {
        Step::Key(key) => Value::Object(Map::from_iter([((*key).to_owned(), value)])),
        Step::Index(_) => Value::Array(vec![value]),
    })
}

fn misfit(key: &str, expected: &str) -> ConfigError {
    let expected = expected.to_owned();
    Mistake { server: None, key: key.to_owned(), at: None, value: String::new(), expected, suggestion: None }
        .into()
}

#[cfg(test)]
mod tests;
