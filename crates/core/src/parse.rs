//! Pasted text, understood as servers: a command line, a client's own `mcp add` line, an address, or JSON in the words
//! of any client. Nothing is run and nothing is written; what cannot be understood is said with its place.

mod command;
mod json;
mod name;
mod shell;

use mcpproxy_clients::{Entry, import::free_name};
use mcpproxy_config::ServerConfig;
use mcpproxy_secrets::{mask, references};
use serde_json::{Map, Value, json};

use crate::{Core, Explanation};

/// The longest text that is looked at.
const LONGEST: usize = 256 * 1024;
/// The most servers that one text may hold.
const MOST: usize = 100;

/// What stands in the way of understanding a text, or one server of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseProblem {
    /// The stable code.
    pub code: &'static str,
    /// The words that the sentence needs.
    pub fields: Vec<(&'static str, String)>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
}

impl ParseProblem {
    fn new(code: &'static str) -> Self {
        Self { code, fields: Vec::new(), line: None, column: None }
    }

    fn about(code: &'static str, word: impl Into<String>) -> Self {
        Self { fields: vec![("word", word.into())], ..Self::new(code) }
    }

    fn at(mut self, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        self.line = Some(before.matches('\n').count() + 1);
        self.column = Some(before[start..].chars().count() + 1);
        self
    }

    /// The sentence for a person.
    pub fn sentence(&self) -> String {
        let fields: Vec<(&str, &str)> =
            self.fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
        mcpproxy_messages::render(self.code, &fields)
    }
}

/// What a text was understood as.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// `command`, `address`, `json`, or `nothing`.
    pub kind: &'static str,
    /// The servers in it.
    pub servers: Vec<ParsedServer>,
    /// What is wrong with the text as a whole.
    pub problems: Vec<ParseProblem>,
}

/// One server of a text, ready to be added once nothing is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedServer {
    /// A name that is free.
    pub name: String,
    /// The entry as it would be added, with its name. Values of secrets are in it, as they were pasted.
    pub entry: Value,
    /// Variables and headers whose values look like secrets and belong into the keyring.
    pub secrets: Vec<String>,
    /// Variables that it wants and that have no value.
    pub missing: Vec<String>,
    /// References in it, each to be confirmed by name when it is added.
    pub references: Vec<String>,
    /// Settings of the client that are not taken along.
    pub left_out: Vec<String>,
    /// What has to be changed before it can work.
    pub problems: Vec<ParseProblem>,
    /// What it could reach.
    pub explanation: Option<Explanation>,
}

/// A server on its way through this module.
#[derive(Debug, Clone, Default, PartialEq)]
struct Draft {
    name: Option<String>,
    entry: Entry,
    missing: Vec<String>,
    problems: Vec<ParseProblem>,
}

impl Core {
    /// What a pasted text would add, with what each server of it could reach. Nothing is written.
    pub async fn parse(&self, text: &str) -> Parsed {
        let config = self.config();
        let home = self.settings().home.display().to_string();
        let mut parsed = parse(text, &home, |name| config.servers.contains_key(name));
        for server in &mut parsed.servers {
            match ServerConfig::from_value(&server.entry) {
                Ok(entry) => {
                    let explanation = self.inner.planner.explain_server(&config, &entry).await;
                    server.explanation = Some(explanation);
                }
                Err(error) => {
                    server
                        .problems
                        .push(ParseProblem { fields: error.fields(), ..ParseProblem::new(error.code()) });
                }
            }
        }
        parsed
    }
}

/// Reads a pasted text. `home` stands for `~`; `taken` tells the names that are in use.
pub(crate) fn parse(text: &str, home: &str, taken: impl Fn(&str) -> bool) -> Parsed {
    let text = unfenced(text);
    if text.len() > LONGEST {
        return nothing(ParseProblem::new("paste_too_long"));
    }
    let (kind, drafts) = match text.trim_start().chars().next() {
        None => return nothing(ParseProblem::new("paste_empty")),
        Some('{' | '[' | '"') => ("json", json::drafts(text)),
        Some(_) if is_address(text.trim()) => ("address", Ok(vec![address(text.trim())])),
        Some(_) => ("command", command::drafts(text, home)),
    };
    let drafts = match drafts {
        Ok(drafts) if drafts.is_empty() => return nothing(ParseProblem::new("paste_no_server")),
        Ok(drafts) => drafts,
        Err(problem) => return nothing(problem),
    };
    let problems = if drafts.len() > MOST {
        vec![ParseProblem::about("paste_too_many", MOST.to_string())]
    } else {
        Vec::new()
    };
    let mut servers: Vec<ParsedServer> = Vec::new();
    for draft in drafts.into_iter().take(MOST) {
        let used = |name: &str| taken(name) || servers.iter().any(|server| server.name == name);
        let server = finish(draft, used);
        servers.push(server);
    }
    Parsed { kind, servers, problems }
}

fn nothing(problem: ParseProblem) -> Parsed {
    Parsed { kind: "nothing", servers: Vec::new(), problems: vec![problem] }
}

/// The text without the fence that chats and READMEs put around it.
fn unfenced(text: &str) -> &str {
    let trimmed = text.trim();
    let Some(rest) = trimmed.strip_prefix("```") else { return trimmed.trim_matches('`').trim() };
    let body = rest.split_once('\n').map_or(rest, |(_, body)| body);
    body.trim_end().trim_end_matches('`').trim()
}

fn is_address(text: &str) -> bool {
    let scheme = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    scheme && !text.contains(char::is_whitespace)
}

fn address(url: &str) -> Draft {
    Draft { entry: Entry { url: Some(url.to_owned()), ..Entry::default() }, ..Draft::default() }
}

fn finish(draft: Draft, taken: impl Fn(&str) -> bool) -> ParsedServer {
    let Draft { name, mut entry, mut missing, mut problems } = draft;
    let wanted = name.unwrap_or_else(|| name::suggest(&entry));
    let name = free_name(&wanted, taken);
    let mut secrets = Vec::new();
    let mut drop_placeholders = |map: &mut indexmap::IndexMap<String, String>| {
        map.retain(|key, value| {
            let empty = is_placeholder(value);
            if empty && !missing.contains(key) {
                missing.push(key.clone());
            }
            !empty
        });
        for (key, value) in map {
            if references(value).is_empty() && mask::looks_secret(key, value) {
                secrets.push(key.clone());
            }
        }
    };
    drop_placeholders(&mut entry.env);
    drop_placeholders(&mut entry.headers);
    let mut found = Vec::new();
    each_text(&entry, |text| {
        found.extend(references(text).iter().map(ToString::to_string));
        problems.extend(
            unknown_words(text).into_iter().map(|word| ParseProblem::about("paste_unknown_word", word)),
        );
    });
    found.sort();
    found.dedup();
    problems.dedup();
    let left_out = std::mem::take(&mut entry.left_out);
    ParsedServer {
        entry: to_value(&name, &entry),
        name,
        secrets,
        missing,
        references: found,
        left_out,
        problems,
        explanation: None,
    }
}

fn to_value(name: &str, entry: &Entry) -> Value {
    let mut server = Map::from_iter([("name".to_owned(), json!(name))]);
    let mut put = |key: &str, value: Option<Value>| server.extend(value.map(|value| (key.to_owned(), value)));
    put("command", entry.command.clone().map(Value::from));
    put("args", (!entry.args.is_empty()).then(|| json!(entry.args)));
    put("env", (!entry.env.is_empty()).then(|| json!(entry.env)));
    put("working_dir", entry.working_dir.clone().map(Value::from));
    if entry.command.is_none() {
        put("url", entry.url.clone().map(Value::from));
        put("headers", (!entry.headers.is_empty()).then(|| json!(entry.headers)));
        put("protocol", entry.sse.then(|| json!("sse")));
    }
    put("enabled", Some(json!(!entry.disabled)));
    Value::Object(server)
}

fn each_text(entry: &Entry, mut look: impl FnMut(&str)) {
    let single = entry.command.iter().chain(&entry.working_dir).chain(&entry.url).chain(&entry.args);
    single.chain(entry.env.values()).chain(entry.headers.values()).for_each(|text| look(text));
}

/// Words in braces that another program would fill in.
fn unknown_words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = rest[at..].find('}').map(|end| at + end) else { break };
        let word = &rest[at..=end];
        if references(word).is_empty() {
            found.push(word.to_owned());
        }
        rest = &rest[end + 1..];
    }
    found
}

/// Whether a value only says that one belongs there: `<your token>`, `YOUR_API_KEY`, `xxx`.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let bare = value.strip_prefix("Bearer ").unwrap_or(value).trim();
    let lower = bare.to_ascii_lowercase();
    let all = |sign: char| bare.len() >= 3 && bare.chars().all(|other| other.to_ascii_lowercase() == sign);
    bare.is_empty()
        || (bare.starts_with('<') && bare.ends_with('>'))
        || (bare.starts_with("${input:") && bare.ends_with('}'))
        || lower.starts_with("your")
        || lower.starts_with("my_")
        || lower.contains("your_") && lower.len() < 40
        || lower.contains("your-") && lower.len() < 40
        || all('x')
        || all('.')
        || all('*')
}

#[cfg(test)]
mod tests;
