//! TOML as text: tables are cut out and put in where the parser says they stand, so that line endings, comments and
//! layout of everything else stay as they are.

use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml_edit::{Document, DocumentMut, Item, Key, TableLike, Value as Toml};

use super::Mistake;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a text says. Dates become text.
pub(super) fn value(text: &str) -> Result<Value, Mistake> {
    let document = parse(body(text).1)?;
    Ok(table_value(document.as_table()))
}

/// Sets the table at a path of keys; null removes it.
pub(super) fn set(text: &str, path: &[&str], value: &Value) -> Result<String, Mistake> {
    let (mark, body) = body(text);
    let document = parse(body)?;
    let changed = match standing(&document, path) {
        Standing::Absent if value.is_null() => body.to_owned(),
        Standing::Absent => insert(body, body.len(), path, value),
        Standing::Table(ranges) => {
            let cut = cut(body, &ranges);
            let at = ranges.first().map_or(0, |range| range.start).min(cut.len());
            if value.is_null() { cut } else { insert(&cut, at, path, value) }
        }
        Standing::Inline => rewritten(body, path, value)?,
    };
    parse(&changed)?;
    Ok(format!("{mark}{changed}"))
}

fn body(text: &str) -> (&str, &str) {
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    text.split_at(mark)
}

fn parse(text: &str) -> Result<Document<&str>, Mistake> {
    Document::parse(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Mistake {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: error.message().trim().to_owned(),
        }
    })
}

/// How a value stands in the text.
enum Standing {
    Absent,
    /// Under headers of its own: the stretches of text with everything below them.
    Table(Vec<Range<usize>>),
    /// Inside another value or as dotted keys.
    Inline,
}

fn standing(document: &Document<&str>, path: &[&str]) -> Standing {
    let mut table: &dyn TableLike = document.as_table();
    for (depth, key) in path.iter().enumerate() {
        let last = depth + 1 == path.len();
        match table.get(key) {
            None => return Standing::Absent,
            Some(Item::Table(inner)) if !inner.is_dotted() && last => {
                let headers = headers(document);
                let mine = headers.iter().enumerate().filter(|(_, (keys, _))| begins(keys, path));
                let end = |index: usize| headers.get(index + 1).map(|(_, start)| *start);
                let ranges = mine.map(|(index, (_, start))| {
                    with_gap(document.raw(), *start..content_end(document.raw(), *start, end(index)))
                });
                return Standing::Table(ranges.collect());
            }
            Some(Item::Table(inner)) if !inner.is_dotted() => table = inner,
            Some(Item::Value(Toml::InlineTable(_)) | Item::Table(_)) if !last => return Standing::Inline,
            Some(_) => return Standing::Inline,
        }
    }
    Standing::Inline
}

fn begins(keys: &[String], path: &[&str]) -> bool {
    keys.len() >= path.len() && keys.iter().zip(path).all(|(key, wanted)| key == wanted)
}

/// Every header of the text with where its line begins, in order.
fn headers(document: &Document<&str>) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    collect(document.as_table(), &mut Vec::new(), &mut found);
    found.sort_by_key(|(_, start)| *start);
    found
}

fn collect(table: &toml_edit::Table, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, usize)>) {
    for (key, item) in table.iter() {
        path.push(key.to_owned());
        let mut note = |inner: &toml_edit::Table, path: &mut Vec<String>| {
            if let Some(span) = inner.span().filter(|_| !inner.is_implicit() && !inner.is_dotted()) {
                found.push((path.clone(), span.start));
            }
            collect(inner, path, found);
        };
        match item {
            Item::Table(inner) => note(inner, path),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|inner| note(inner, path)),
            _ => {}
        }
        path.pop();
    }
}

/// Where the content of a table ends: comments and empty lines before the next header are that one's.
fn content_end(text: &str, start: usize, next: Option<usize>) -> usize {
    let mut end = next.map_or(text.len(), |next| line_start(text, next));
    loop {
        let from = line_start(text, end.saturating_sub(1));
        let line = text[from..end].trim();
        if from <= start || !(line.is_empty() || line.starts_with('#')) {
            return end;
        }
        end = from;
    }
}

/// Widens a stretch by the empty lines that set it off: those behind it, or at the end of the text those before it.
fn with_gap(text: &str, range: Range<usize>) -> Range<usize> {
    let rest = &text[range.end..];
    let blank: usize =
        rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum();
    if blank < rest.len() {
        return range.start..range.end + blank;
    }
    let before = text[..range.start].trim_end_matches(['\n', '\r', ' ', '\t']);
    let line = text[before.len()..range.start].find('\n').map_or(range.start, |at| before.len() + at + 1);
    (if before.is_empty() { 0 } else { line.min(range.start) })..range.end
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn cut(text: &str, ranges: &[Range<usize>]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        kept.push_str(&text[at.min(range.start)..range.start]);
        at = range.end;
    }
    kept.push_str(&text[at..]);
    kept
}

/// Puts a table in, at the beginning of a line, set off by an empty line from what stands before it.
fn insert(text: &str, at: usize, path: &[&str], value: &Value) -> String {
    let newline = if text.find('\n').is_some_and(|at| text[..at].ends_with('\r')) { "\r\n" } else { "\n" };
    let before = &text[..at];
    let mut lines = vec![format!("[{}]", path.iter().map(|key| key_text(key)).collect::<Vec<_>>().join("."))];
    if let Value::Object(fields) = value {
        let given = fields.iter().filter(|(_, value)| !value.is_null());
        lines.extend(given.map(|(key, value)| format!("{} = {}", key_text(key), inline(value))));
    }
    let block = lines.join(newline);
    let gap = match before {
        "" => String::new(),
        _ if before.ends_with(&format!("{newline}{newline}")) => String::new(),
        _ if before.ends_with('\n') => newline.to_owned(),
        _ => newline.repeat(2),
    };
    let rest = &text[at..];
    let behind = if rest.is_empty() || rest.starts_with(['\n', '\r']) { "" } else { newline };
    format!("{before}{gap}{block}{newline}{behind}{rest}")
}

fn key_text(key: &str) -> String {
    Key::new(key).display_repr().into_owned()
}

fn inline(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let given = fields.iter().filter(|(_, value)| !value.is_null());
            let parts: Vec<String> =
                given.map(|(key, value)| format!("{} = {}", key_text(key), inline(value))).collect();
            format!("{{ {} }}", parts.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::String(text) => Toml::from(text.as_str()).to_string(),
        Value::Null => "\"\"".to_owned(),
        other => other.to_string(),
    }
}

/// The rare forms (inline tables, dotted keys) are changed by the library; it knows one line ending only.
fn rewritten(text: &str, path: &[&str], value: &Value) -> Result<String, Mistake> {
    let impossible = |what: &str| Mistake { line: 1, column: 1, what: format!("{} {what}", path.join(".")) };
    let mut document: DocumentMut =
        text.parse().map_err(|_| impossible("cannot be changed as it is written"))?;
    let Some((last, parents)) = path.split_last() else { return Ok(text.to_owned()) };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for key in parents {
        let inner = table.get_mut(key).and_then(Item::as_table_like_mut);
        table = inner.ok_or_else(|| impossible("is no table"))?;
    }
    if value.is_null() {
        table.remove(last);
    } else {
        let item: Toml = inline(value).parse().map_err(|_| impossible("cannot be written"))?;
        table.insert(last, Item::Value(item));
    }
    let changed = document.to_string();
    let windows = text.contains("\r\n");
    Ok(if windows { changed.replace("\r\n", "\n").replace('\n', "\r\n") } else { changed })
}

fn table_value(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, item)| (key.to_owned(), item_value(item))).collect::<Map<_, _>>())
}

fn item_value(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Table(table) => table_value(table),
        Item::ArrayOfTables(tables) => tables.iter().map(|table| table_value(table)).collect(),
        Item::Value(value) => plain(value),
    }
}

fn plain(value: &Toml) -> Value {
    match value {
        Toml::String(text) => Value::from(text.value().as_str()),
        Toml::Integer(number) => Value::from(*number.value()),
        Toml::Float(number) => Number::from_f64(*number.value()).map_or(Value::Null, Value::Number),
        Toml::Boolean(value) => Value::from(*value.value()),
        Toml::Datetime(date) => Value::from(date.value().to_string()),
        Toml::Array(items) => items.iter().map(plain).collect(),
        Toml::InlineTable(table) => table_value(table),
    }
}
