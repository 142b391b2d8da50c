//! YAML as text: blocks of whole lines are cut out and put in where the parser says they stand.
//!
//! Only servers written as blocks are changed, one below the other in a map or in a list with names. What is written
//! otherwise (`{…}` with something in it, several documents) is refused rather than laid out anew.

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, ScanError, YamlData};
use serde_json::{Map, Number, Value};

use super::Mistake;

const BYTE_ORDER_MARK: char = '\u{feff}';
/// Columns that blocks may be indented by, and levels that one line may open. Each level costs the parser some of its
/// stack, and it has no limit of its own.
const DEEPEST: usize = 200;

/// What a text says.
pub(super) fn value(text: &str) -> Result<Value, Mistake> {
    Ok(root(text)?.map_or(Value::Null, |root| plain(&root)))
}

/// Sets the server of a name in the map or list under a key at the top; null removes it.
pub(super) fn set(text: &str, path: &[&str], value: &Value) -> Result<String, Mistake> {
    let [container, name] = path else { return Err(by_hand(1)) };
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let (mark, text) = text.split_at(mark);
    let before = self::value(text)?;
    let mut block = Block::find(text, container)?;
    if let Some((from, to)) = block.child(name) {
        block.lines.drain(from..to);
        let rest = block.lines.concat();
        block = match (value.is_null(), Block::find(&rest, container)) {
            (false, Ok(found)) => found,
            _ => return checked(mark, rest, &before, container, name, value),
        };
    } else if value.is_null() {
        return Ok(format!("{mark}{text}"));
    }
    checked(mark, block.with(container, name, value), &before, container, name, value)
}

/// The new text, provided that it says what was meant and nothing else changed.
fn checked(
    mark: &str,
    text: String,
    before: &Value,
    container: &str,
    name: &str,
    wanted: &Value,
) -> Result<String, Mistake> {
    let after = value(&text)?;
    let without = |value: &Value| {
        let mut value = value.clone();
        let servers = value.as_object_mut().and_then(|all| all.shift_remove(container));
        let mut servers = super::named(&servers.unwrap_or_default());
        let server = servers.shift_remove(name);
        (value.as_object().cloned().unwrap_or_default(), servers, server)
    };
    let ((rest, others, _), (new_rest, new_others, new)) = (without(before), without(&after));
    let meant = if wanted.is_null() { new.is_none() } else { new.as_ref() == Some(wanted) };
    if rest != new_rest || others != new_others || !meant {
        return Err(by_hand(1));
    }
    Ok(format!("{mark}{text}"))
}

fn by_hand(line: usize) -> Mistake {
    let what = "written in a way that MCPProxy does not change; add the entry by hand".to_owned();
    Mistake { line, column: 1, what }
}

fn root(text: &str) -> Result<Option<MarkedYaml<'_>>, Mistake> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if let Some(line) = text.lines().position(is_too_deep) {
        let what = "nested deeper than any settings are".to_owned();
        return Err(Mistake { line: line + 1, column: 1, what });
    }
    let mut documents = MarkedYaml::load_from_str(text).map_err(|error| mistake(&error))?;
    if documents.len() > 1 {
        return Err(by_hand(1));
    }
    Ok(documents.pop())
}

fn is_too_deep(line: &str) -> bool {
    let inner = line.trim_start_matches([' ', '\t', '-', '?', ':']);
    let opened = line.bytes().filter(|byte| b"[{".contains(byte)).count();
    let listed = line.matches("- ").count() + line.matches("? ").count();
    line.len() - inner.len() > DEEPEST
        || opened > DEEPEST
        || (line.trim_start().starts_with(['-', '?']) && listed > DEEPEST)
}

fn mistake(error: &ScanError) -> Mistake {
    let at = error.marker();
    Mistake { line: at.line(), column: at.col() + 1, what: error.info().to_owned() }
}

/// The lines of a text and where the servers stand in them.
struct Block {
    lines: Vec<String>,
    newline: &'static str,
    place: Place,
}

enum Place {
    /// There is no such key.
    Nowhere,
    /// The key is there with nothing in it: the line it stands on, and where its value begins and ends there.
    Empty { line: usize },
    /// Servers: name, first line, column; and whether they are a list.
    Filled { servers: Vec<(String, usize)>, column: usize, list: bool },
}

impl Block {
    fn find(text: &str, container: &str) -> Result<Self, Mistake> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let lines = text.split_inclusive('\n').map(str::to_owned).collect();
        Ok(Self { lines, newline, place: place(text, container)? })
    }

    /// The lines of a server.
    fn child(&self, name: &str) -> Option<(usize, usize)> {
        let Place::Filled { servers, column, .. } = &self.place else { return None };
        let at = servers.iter().position(|(known, _)| known == name)?;
        let from = servers.get(at)?.1;
        let next = servers.get(at + 1).map(|(_, line)| *line);
        Some((from, self.end(from, *column, next)))
    }

    /// Where the lines of a server end: empty ones and comments before the next belong to that.
    fn end(&self, from: usize, column: usize, next: Option<usize>) -> usize {
        let limit = next.unwrap_or_else(|| {
            let rest = self.lines.iter().enumerate().skip(from + 1);
            let mut outside = rest.filter(|(_, line)| !is_empty(line) && indent(line) <= column);
            outside.next().map_or(self.lines.len(), |(at, _)| at)
        });
        let kept = (from + 1..limit).rev().find(|at| !self.lines.get(*at).is_none_or(|line| is_empty(line)));
        kept.map_or(from + 1, |at| at + 1)
    }

    /// The text with one more server, behind the others.
    fn with(mut self, container: &str, name: &str, value: &Value) -> String {
        let (at, column, list) = match &self.place {
            Place::Filled { servers, column, list } => {
                let last = servers.last().map_or(0, |(_, line)| *line);
                (self.end(last, *column, None), *column, *list)
            }
            Place::Empty { line } => {
                if let Some(text) = self.lines.get_mut(*line) {
                    *text = format!("{container}:{}", self.newline);
                }
                (line + 1, 2, false)
            }
            Place::Nowhere => {
                self.complete_last_line();
                self.lines.push(format!("{container}:{}", self.newline));
                (self.lines.len(), 2, false)
            }
        };
        if at == self.lines.len() {
            self.complete_last_line();
        }
        let mut block = Vec::new();
        if list {
            let inner = written(value, column + 2);
            let marked = |(at, line): (usize, String)| match at {
                0 => format!("{}- {}", " ".repeat(column), line.trim_start()),
                _ => line,
            };
            block.extend(inner.into_iter().enumerate().map(marked));
        } else {
            block.push(format!("{}{}:", " ".repeat(column), key_text(name)));
            block.extend(written(value, column + 2));
        }
        let block = block.into_iter().map(|line| line + self.newline);
        self.lines.splice(at..at, block);
        self.lines.concat()
    }

    fn complete_last_line(&mut self) {
        if let Some(last) = self.lines.last_mut().filter(|line| !line.ends_with('\n')) {
            last.push_str(self.newline);
        }
    }
}

fn place(text: &str, container: &str) -> Result<Place, Mistake> {
    let Some(root) = root(text)? else { return Ok(Place::Nowhere) };
    let fields = match &root.data {
        YamlData::Mapping(fields) => fields,
        YamlData::Value(Scalar::Null) => return Ok(Place::Nowhere),
        _ => return Err(by_hand(1)),
    };
    let Some((key, value)) = fields.iter().find(|(key, _)| word(key).as_deref() == Some(container)) else {
        let flow = text.trim_start().starts_with('{');
        return if flow { Err(by_hand(1)) } else { Ok(Place::Nowhere) };
    };
    let key_line = key.span.start.line();
    let own_line = |node: &MarkedYaml<'_>| node.span.start.line() > key_line;
    let line_of = |node: &MarkedYaml<'_>| node.span.start.line() - 1;
    match &value.data {
        YamlData::Value(Scalar::Null) => Ok(Place::Empty { line: key_line - 1 }),
        YamlData::Mapping(servers) if servers.is_empty() && !own_line(value) => {
            Ok(Place::Empty { line: key_line - 1 })
        }
        YamlData::Mapping(servers) if own_line(value) && !starts_flow(text, value) => {
            let column = servers.keys().next().map_or(2, |key| key.span.start.col());
            let named = servers.keys().filter_map(|key| Some((word(key)?, line_of(key))));
            Ok(Place::Filled { servers: named.collect(), column, list: false })
        }
        YamlData::Sequence(items) if own_line(value) && !items.is_empty() && !starts_flow(text, value) => {
            let first = text.lines().nth(line_of(value)).map_or(0, indent);
            let name =
                |item: &MarkedYaml<'_>| plain(item).get("name").and_then(Value::as_str).map(str::to_owned);
            let named = items.iter().map(|item| (name(item).unwrap_or_default(), line_of(item)));
            Ok(Place::Filled { servers: named.collect(), column: first, list: true })
        }
        _ => Err(by_hand(key_line)),
    }
}

fn starts_flow(text: &str, node: &MarkedYaml<'_>) -> bool {
    let line = text.lines().nth(node.span.start.line() - 1).unwrap_or_default();
    line.trim_start().starts_with(['{', '['])
}

fn is_empty(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A map as lines; texts are in double quotes, so that nothing in them is taken for something else.
fn written(value: &Value, column: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let start = format!("{}{}:", " ".repeat(column), key_text(key));
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                lines.push(start);
                lines.extend(written(value, column + 2));
            }
            other => lines.push(format!("{start} {other}")),
        }
    }
    lines
}

fn key_text(key: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let begins = key.starts_with(|c: char| c.is_ascii_alphabetic());
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if begins && key.chars().all(simple) && !reserved.contains(&key.to_ascii_lowercase().as_str()) {
        return key.to_owned();
    }
    Value::from(key).to_string()
}

fn word(node: &MarkedYaml<'_>) -> Option<String> {
    match plain(node) {
        Value::String(text) => Some(text),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}

fn plain(node: &MarkedYaml<'_>) -> Value {
    match &node.data {
        YamlData::Value(Scalar::Boolean(value)) => Value::from(*value),
        YamlData::Value(Scalar::Integer(value)) => Value::from(*value),
        YamlData::Value(Scalar::FloatingPoint(value)) => {
            Number::from_f64(value.into_inner()).map_or(Value::Null, Value::Number)
        }
        YamlData::Value(Scalar::String(text)) | YamlData::Representation(text, ..) => {
            Value::from(text.as_ref())
        }
        YamlData::Sequence(items) => items.iter().map(plain).collect(),
        YamlData::Mapping(fields) => {
            let fields = fields.iter().filter_map(|(key, value)| Some((word(key)?, plain(value))));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        YamlData::Tagged(_, inner) => plain(inner),
        YamlData::Value(Scalar::Null) | YamlData::Alias(_) | YamlData::BadValue => Value::Null,
    }
}
