//! Typed access to an object's keys; what is wrong is noted and reading goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use super::tree::{Node, NodeValue};
use crate::known::Section;
use crate::quantity::suggest_size;
use crate::{ConfigError, Mistake, Position, Warning, WarningKind, parse_cpus, parse_duration, parse_size};

/// A file with more mistakes than this is not a configuration; the rest is not listed.
const MOST_ERRORS: usize = 50;
/// The same for warnings.
const MOST_WARNINGS: usize = 100;
/// Characters of a wrong value that are repeated in its error.
const LONGEST_VALUE: usize = 60;

/// What reading a text has brought to light so far.
pub(crate) struct Reader<'a> {
    text: &'a str,
    home: Option<&'a Path>,
    /// Whether places mean anything to the person (they do not for values that came over an interface).
    pub(crate) placed: bool,
    pub(crate) server: Option<String>,
    errors: Vec<ConfigError>,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, home: Option<&'a Path>) -> Self {
        Self { text, home, placed: true, server: None, errors: Vec::new(), warnings: Vec::new() }
    }

    pub(crate) fn finish<T>(self, value: T) -> Result<(T, Vec<Warning>), Vec<ConfigError>> {
        if self.errors.is_empty() { Ok((value, self.warnings)) } else { Err(self.errors) }
    }

    pub(crate) fn at(&self, offset: usize) -> Option<Position> {
        self.placed.then(|| Position::of(self.text, offset))
    }

    pub(crate) fn warn(&mut self, kind: WarningKind, key: String, offset: usize) {
        if self.warnings.len() < MOST_WARNINGS {
            let at = self.at(offset);
            self.warnings.push(Warning { kind, server: self.server.clone(), key, at });
        }
    }

    /// Notes a value that cannot be used.
    pub(crate) fn wrong(&mut self, key: &str, node: &Node, expected: &str, suggestion: Option<String>) {
        let (value, suggestion) = match is_confidential(key) {
            true => ("‹hidden›".to_owned(), None),
            false => (shorten(node), suggestion),
        };
        self.note(key, node, value, expected, suggestion);
    }

    /// Notes that something is missing inside `node`.
    pub(crate) fn missing(&mut self, key: &str, node: &Node, expected: &str) {
        self.note(key, node, String::new(), expected, None);
    }

    fn note(&mut self, key: &str, node: &Node, value: String, expected: &str, suggestion: Option<String>) {
        if self.errors.len() < MOST_ERRORS {
            let mistake = Mistake {
                server: self.server.clone(),
                key: key.to_owned(),
                at: self.at(node.start),
                value,
                expected: expected.to_owned(),
                suggestion,
            };
            self.errors.push(mistake.into());
        }
    }

    pub(crate) fn expand(&self, path: &str) -> PathBuf {
        match (path.strip_prefix('~'), self.home) {
            (Some(""), Some(home)) => home.to_owned(),
            (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => home.join(&rest[1..]),
            _ => PathBuf::from(path),
        }
    }
}

/// Values that must not be repeated in an error.
fn is_confidential(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    last == "api_key" || last == "key" || key.split('.').any(|part| part == "env" || part == "headers")
}

fn shorten(node: &Node) -> String {
    let text = match &node.value {
        NodeValue::Text(text) if text.is_empty() => "\"\"".to_owned(),
        NodeValue::Text(text) => text.clone(),
        NodeValue::List(_) => "[…]".to_owned(),
        NodeValue::Object(_) => "{…}".to_owned(),
        NodeValue::Null | NodeValue::Bool(_) | NodeValue::Number(_) => node.to_value().to_string(),
    };
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The keys of one object, with the path under which errors name them.
pub(crate) struct Fields<'r, 'a, 'n> {
    pub(crate) reader: &'r mut Reader<'a>,
    node: &'n Node,
    path: String,
}

impl<'r, 'a, 'n> Fields<'r, 'a, 'n> {
    /// Opens an object; anything else is noted and reads like an empty one.
    pub(crate) fn open(reader: &'r mut Reader<'a>, node: &'n Node, path: &str, section: &Section) -> Self {
        let mut fields = Self { reader, node, path: path.to_owned() };
        match node.properties() {
            Some(_) => fields.check_keys(section),
            None => {
                let key = if path.is_empty() { "The configuration" } else { path };
                fields.reader.wrong(key, node, "an object in braces { }", None);
            }
        }
        fields
    }

    fn check_keys(&mut self, section: &Section) {
        let properties = self.node.properties().unwrap_or_default();
        for (index, property) in properties.iter().enumerate() {
            let key = property.key.as_str();
            let path = self.path_of(key);
            if section.read.contains(&key) {
                if properties[..index].iter().any(|earlier| earlier.key == key) {
                    self.reader.wrong(
                        &path,
                        &property.value,
                        "this key only once; it already stands above",
                        None,
                    );
                }
            } else if section.deprecated.contains(&key) {
                self.reader.warn(WarningKind::DeprecatedKey, path, property.start);
            } else if !section.kept.contains(&key) {
                self.reader.warn(WarningKind::UnknownKey, path, property.start);
            }
        }
    }

    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a key; `null` counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.node.get(key).filter(|node| !matches!(node.value, NodeValue::Null))
    }

    pub(crate) fn wrong(&mut self, key: &str, node: &Node, expected: &str, suggestion: Option<String>) {
        let path = self.path_of(key);
        self.reader.wrong(&path, node, expected, suggestion);
    }

    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        match &node.value {
            NodeValue::Text(text) => Some(text.clone()),
            NodeValue::Number(number) => {
                self.wrong(key, node, "text in double quotes", Some(format!("\"{number}\"")));
                None
            }
            _ => {
                self.wrong(key, node, "text in double quotes", None);
                None
            }
        }
    }

    /// Text of which an empty one counts as absent.
    pub(crate) fn filled_text(&mut self, key: &str) -> Option<String> {
        self.text(key).filter(|text| !text.is_empty())
    }

    pub(crate) fn flag(&mut self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        match &node.value {
            NodeValue::Bool(value) => Some(*value),
            NodeValue::Text(text) if text == "true" || text == "false" => {
                self.wrong(key, node, "true or false without quotes", Some(text.clone()));
                None
            }
            _ => {
                self.wrong(key, node, "true or false", None);
                None
            }
        }
    }

    pub(crate) fn number(&mut self, key: &str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let node = self.get(key)?;
        let number = match &node.value {
            NodeValue::Number(text) => text.parse().ok().filter(|number| range.contains(number)),
            _ => None,
        };
        if number.is_none() {
            let (from, to) = range.into_inner();
            let expected = match to {
                u64::MAX => format!("a whole number of at least {from}"),
                _ => format!("a whole number from {from} to {to}"),
            };
            self.wrong(key, node, &expected, None);
        }
        number
    }

    pub(crate) fn small_number(&mut self, key: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let (from, to) = range.into_inner();
        self.number(key, u64::from(from)..=u64::from(to)).and_then(|number| u32::try_from(number).ok())
    }

    /// A duration within `range`; outside it, and without a unit, it is wrong.
    pub(crate) fn duration(&mut self, key: &str, range: (Duration, Duration)) -> Option<Duration> {
        let node = self.get(key)?;
        let text = match &node.value {
            NodeValue::Text(text) => text,
            NodeValue::Number(number) => {
                let expected = "a time with its unit, in double quotes";
                self.wrong(key, node, expected, Some(format!("\"{number}s\"")));
                return None;
            }
            _ => {
                self.wrong(key, node, "a time with its unit, such as \"30s\" or \"2m\"", None);
                return None;
            }
        };
        let Some(duration) = parse_duration(text) else {
            let with_seconds = format!("{text}s");
            let suggestion = parse_duration(&with_seconds).is_some().then_some(with_seconds);
            self.wrong(key, node, "a time with its unit, such as 30s, 2m or 1h30m", suggestion);
            return None;
        };
        if duration < range.0 || duration > range.1 {
            let (from, to) = (crate::format_duration(range.0), crate::format_duration(range.1));
            self.wrong(key, node, &format!("a time from {from} to {to}"), None);
            return None;
        }
        Some(duration)
    }

    /// A size such as `512m`; text with a reference is checked once its value is known.
    pub(crate) fn size(&mut self, key: &str) -> Option<String> {
        let text = self.quantity(key, "a size such as 512m or 1g")?;
        if has_reference(&text) || parse_size(&text).is_some() {
            return Some(text);
        }
        if let Some(node) = self.get(key) {
            self.wrong(key, node, "a size such as 512m or 1g", suggest_size(&text));
        }
        None
    }

    /// A share of processors such as `1.0`.
    pub(crate) fn cpus(&mut self, key: &str) -> Option<String> {
        let text = self.quantity(key, "a number of processors such as \"1.0\"")?;
        if has_reference(&text) || parse_cpus(&text).is_some() {
            return Some(text);
        }
        if let Some(node) = self.get(key) {
            self.wrong(key, node, "a number of processors such as 1.0 or 0.5", None);
        }
        None
    }

    fn quantity(&mut self, key: &str, expected: &str) -> Option<String> {
        let node = self.get(key)?;
        match &node.value {
            NodeValue::Text(text) if text.is_empty() => None,
            NodeValue::Text(text) => Some(text.clone()),
            NodeValue::Number(number) => {
                let expected = format!("{expected}, in double quotes");
                self.wrong(key, node, &expected, Some(format!("\"{number}\"")));
                None
            }
            _ => {
                self.wrong(key, node, expected, None);
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let node = self.get(key)?;
        if let NodeValue::Text(text) = &node.value {
            if text.is_empty() {
                return None;
            }
            if let Some((_, meaning)) = words.iter().find(|(word, _)| word == text) {
                return Some(*meaning);
            }
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.wrong(key, node, &format!("one of {}", names.join(", ")), None);
        None
    }

    pub(crate) fn list(&mut self, key: &str) -> Vec<String> {
        let Some(node) = self.get(key) else { return Vec::new() };
        let NodeValue::List(items) = &node.value else {
            self.wrong(key, node, "a list of texts in brackets [ ]", None);
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            texts.extend(self.as_text(&format!("{key}[{index}]"), item));
        }
        texts
    }

    pub(crate) fn map(&mut self, key: &str) -> IndexMap<String, String> {
        let Some(node) = self.get(key) else { return IndexMap::new() };
        let Some(properties) = node.properties() else {
            self.wrong(key, node, "an object of names and texts in braces { }", None);
            return IndexMap::new();
        };
        let mut map = IndexMap::with_capacity(properties.len());
        for property in properties {
            let path = format!("{key}.{}", property.key);
            if let Some(text) = self.as_text(&path, &property.value)
                && map.insert(property.key.clone(), text).is_some()
            {
                self.wrong(&path, &property.value, "this name only once; it already stands above", None);
            }
        }
        map
    }

    /// Text, or a number or truth value that plainly means one.
    fn as_text(&mut self, key: &str, node: &Node) -> Option<String> {
        let text = match &node.value {
            NodeValue::Text(text) => return Some(text.clone()),
            NodeValue::Number(number) => number.clone(),
            NodeValue::Bool(value) => value.to_string(),
            NodeValue::Null | NodeValue::List(_) | NodeValue::Object(_) => {
                self.wrong(key, node, "text in double quotes", None);
                return None;
            }
        };
        let path = self.path_of(key);
        self.reader.warn(WarningKind::TakenAsText, path, node.start);
        Some(text)
    }
}

/// Whether a text names a value that is only known later.
pub(crate) fn has_reference(text: &str) -> bool {
    text.contains("${")
}
