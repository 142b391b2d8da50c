//! JSON in the words of any client: a whole file, its list of servers, one entry, or a piece cut out of a file.

use mcpproxy_clients::Entry;
use mcpproxy_config::{ConfigError, jsonc};
use serde_json::{Map, Value};

use super::{Draft, ParseProblem};

/// Keys under which files list their servers.
const LISTS: &[&str] = &["mcpServers", "servers", "context_servers", "mcp_servers", "mcp", "extensions"];

pub(super) fn drafts(text: &str) -> Result<Vec<Draft>, ParseProblem> {
    let trimmed = text.trim().trim_end_matches(',');
    // A piece of a file begins with a key; braces around it make it whole without moving its lines.
    let piece = trimmed.starts_with('"');
    let whole = if piece { format!("{{{trimmed}}}") } else { trimmed.to_owned() };
    let value = jsonc::value(&whole).map_err(|error| problem(&error, piece))?;
    let value = value.ok_or_else(|| ParseProblem::new("paste_empty"))?;
    let mut drafts = servers(&value, 0);
    drafts.iter_mut().for_each(|draft| bare_variables(&mut draft.entry));
    Ok(drafts)
}

/// `${NAME}` in capitals is a variable in every client that knows braces at all.
fn bare_variables(entry: &mut Entry) {
    let single = entry.command.iter_mut().chain(&mut entry.working_dir).chain(&mut entry.url);
    let texts = single.chain(&mut entry.args).chain(entry.env.values_mut()).chain(entry.headers.values_mut());
    for text in texts {
        let mut from = 0;
        while let Some(at) = text[from..].find("${").map(|at| from + at) {
            let Some(end) = text[at..].find('}').map(|end| at + end) else { break };
            let word = &text[at + 2..end];
            let variable = !word.is_empty()
                && !word.starts_with(|sign: char| sign.is_ascii_digit())
                && word.chars().all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_');
            from = end + 1;
            if variable {
                text.insert_str(at + 2, "env:");
                from += 4;
            }
        }
    }
}

fn servers(value: &Value, depth: usize) -> Vec<Draft> {
    match value {
        Value::Array(items) => items.iter().flat_map(|item| servers(item, depth + 1)).collect(),
        Value::Object(map) => {
            if let Some(draft) = entry(map) {
                return vec![draft];
            }
            let list = LISTS.iter().find_map(|key| map.get(*key).filter(|list| !list.is_null()));
            match list {
                Some(list) if depth < 4 => servers(list, depth + 1),
                _ => named(map),
            }
        }
        _ => Vec::new(),
    }
}

/// An object that is itself a server.
fn entry(map: &Map<String, Value>) -> Option<Draft> {
    let value = Value::Object(map.clone());
    let entry = Entry::read(&value)?;
    let name = map.get("name").and_then(Value::as_str).map(str::to_owned);
    Some(Draft { name, entry, ..Draft::default() })
}

/// An object whose keys are names of servers. What is none is said, not passed over.
fn named(map: &Map<String, Value>) -> Vec<Draft> {
    map.iter()
        .filter_map(|(name, value)| {
            let entry = Entry::read(value)?;
            Some(Draft { name: Some(name.clone()), entry, ..Draft::default() })
        })
        .collect()
}

fn problem(error: &ConfigError, piece: bool) -> ParseProblem {
    let at = error.position();
    let mut problem = ParseProblem::about("paste_json", error.to_string());
    problem.line = at.map(|at| at.line);
    // The brace that was put in front is not the person's.
    problem.column =
        at.map(|at| if piece && at.line == 1 { at.column.saturating_sub(1).max(1) } else { at.column });
    problem
}
