//! `mcpServers`, as a list of named entries or as the map that other clients write.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::fields::{Fields, Reader};
use super::isolation;
use super::top::INIT_TIMEOUT;
use super::tree::{Node, NodeValue, parse};
use crate::known::{self, Section};
use crate::{ConfigError, Mistake, Protocol, ServerConfig, WarningKind};

/// Longer names would not fit into file and container names.
const LONGEST_NAME: usize = 128;

const PROTOCOLS: &[(&str, Protocol)] = &[
    ("auto", Protocol::Auto),
    ("stdio", Protocol::Stdio),
    ("http", Protocol::Http),
    ("sse", Protocol::Sse),
    ("streamable-http", Protocol::StreamableHttp),
    // As other clients spell it.
    ("streamableHttp", Protocol::StreamableHttp),
    ("streamable_http", Protocol::StreamableHttp),
];

pub(crate) fn servers(reader: &mut Reader<'_>, node: &Node) -> IndexMap<String, ServerConfig> {
    let mut servers = IndexMap::new();
    match &node.value {
        NodeValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("mcpServers[{index}]");
                let Some(name) = listed_name(reader, item, &path) else { continue };
                add(reader, &mut servers, name, item, item.get("name").unwrap_or(item), true);
            }
        }
        NodeValue::Object(properties) => {
            for property in properties {
                let inner = property.value.get("name");
                if let Some(Node { value: NodeValue::Text(inner_name), start, .. }) = inner
                    && *inner_name != property.key
                {
                    reader.server = Some(property.key.clone());
                    reader.warn(WarningKind::NameIgnored, "name".to_owned(), *start);
                }
                let place = Node { start: property.start, end: property.start, value: text(&property.key) };
                add(reader, &mut servers, property.key.clone(), &property.value, &place, false);
            }
        }
        _ => reader.wrong(
            "mcpServers",
            node,
            "a list [ ] of servers, or an object { } of names and servers",
            None,
        ),
    }
    reader.server = None;
    servers
}

fn text(text: &str) -> NodeValue {
    NodeValue::Text(text.to_owned())
}

fn listed_name(reader: &mut Reader<'_>, item: &Node, path: &str) -> Option<String> {
    reader.server = None;
    if item.properties().is_none() {
        reader.wrong(path, item, "an object in braces { }", None);
        return None;
    }
    match item.get("name") {
        Some(Node { value: NodeValue::Text(name), .. }) => Some(name.clone()),
        Some(other) => {
            reader.wrong(&format!("{path}.name"), other, "a name in double quotes", None);
            None
        }
        None => {
            reader.missing(&format!("{path}.name"), item, "a name");
            None
        }
    }
}

/// Reads one entry under a name that must be usable and new; `place` is where the name stands.
fn add(
    reader: &mut Reader<'_>,
    servers: &mut IndexMap<String, ServerConfig>,
    name: String,
    item: &Node,
    place: &Node,
    listed: bool,
) {
    reader.server = Some(name.clone());
    if let Some(expected) = name_problem(&name) {
        reader.wrong("name", place, expected, None);
    } else if servers.contains_key(&name) {
        reader.wrong("name", place, "a name that no other server has", None);
    } else {
        let server = server(reader, item, name.clone(), listed);
        servers.insert(name, server);
    }
}

fn name_problem(name: &str) -> Option<&'static str> {
    let blank = name.trim().is_empty() || name.trim() != name;
    let unfit = name.contains(':') || name.chars().any(char::is_control) || name == "." || name == "..";
    match () {
        () if blank => Some("a name that is not empty and does not begin or end with a space"),
        () if unfit => Some("a name without colons and control characters"),
        () if name.chars().count() > LONGEST_NAME => Some("a name of at most 128 characters"),
        () => None,
    }
}

fn server(reader: &mut Reader<'_>, item: &Node, name: String, listed: bool) -> ServerConfig {
    let mut fields = Fields::open(reader, item, "", &known::SERVER);
    let enabled = match (fields.flag("enabled"), fields.flag("disabled")) {
        (Some(enabled), _) => enabled,
        (None, Some(disabled)) => !disabled,
        (None, None) => {
            // Written like this by hand, it would mean off to older tools; other clients' maps never say it.
            if listed {
                fields.reader.warn(WarningKind::EnabledAbsent, "enabled".to_owned(), item.start);
            }
            true
        }
    };
    let (protocol_key, working_dir_key) = (key_in_use(item, "protocol"), key_in_use(item, "working_dir"));
    let url_key = key_in_use(item, "url");
    let mut server = ServerConfig {
        name,
        command: fields.filled_text("command"),
        args: fields.list("args"),
        env: fields.map("env"),
        url: fields.filled_text(url_key),
        headers: fields.map("headers"),
        protocol: fields.word(protocol_key, PROTOCOLS).unwrap_or_default(),
        enabled,
        working_dir: fields.filled_text(working_dir_key).map(|path| fields.reader.expand(&path)),
        init_timeout: fields.duration("init_timeout", INIT_TIMEOUT),
        isolation: Default::default(),
        quarantined: fields.flag("quarantined"),
        created: fields.filled_text("created"),
        updated: fields.filled_text("updated"),
        extra: unread(item, &known::SERVER),
    };
    check_target(&mut fields, item, &server);
    if let Some(node) = fields.get("isolation") {
        server.isolation = isolation::of_server(reader, node);
    }
    server
}

/// Command, address and protocol have to fit together.
fn check_target(fields: &mut Fields<'_, '_, '_>, item: &Node, server: &ServerConfig) {
    let (command, url) = (server.command.is_some(), server.url.is_some());
    let place = fields.get("protocol").unwrap_or(item);
    match server.protocol {
        Protocol::Auto if !command && !url => {
            fields.reader.missing("command", item, "a program to run (or url an address to connect to)");
        }
        Protocol::Stdio if !command => {
            fields.wrong("protocol", place, "a command beside it, since stdio speaks to a program", None);
        }
        Protocol::Http | Protocol::Sse | Protocol::StreamableHttp if !url => {
            fields.wrong("protocol", place, "a url beside it, since it speaks over the network", None);
        }
        Protocol::Http | Protocol::Sse | Protocol::StreamableHttp if command => {
            let offset = fields.get("command").map_or(item.start, |node| node.start);
            fields.reader.warn(WarningKind::CommandUnused, "command".to_owned(), offset);
        }
        _ => {}
    }
    if let Some(url) = &server.url
        && !url.starts_with("http://")
        && !url.starts_with("https://")
        && !super::fields::has_reference(url)
    {
        let place = fields.get(key_in_use(item, "url")).unwrap_or(item);
        fields.wrong("url", place, "an address that begins with https:// or http://", None);
    }
}

/// Our key, or what another client calls it where only that is there.
pub(crate) fn key_in_use(item: &Node, key: &'static str) -> &'static str {
    let aliases =
        known::ALIASES.iter().find(|(ours, _)| *ours == key).map_or(&[][..], |(_, aliases)| *aliases);
    match item.get(key) {
        Some(_) => key,
        None => aliases.iter().copied().find(|alias| item.get(alias).is_some()).unwrap_or(key),
    }
}

/// The keys that we do not read, so that nothing is lost when a server is written elsewhere.
pub(crate) fn unread(node: &Node, section: &Section) -> Map<String, Value> {
    let properties = node.properties().unwrap_or_default().iter();
    properties
        .filter(|property| !section.read.contains(&property.key.as_str()))
        .map(|property| (property.key.clone(), property.value.to_value()))
        .collect()
}

/// Reads a server that did not come from a file; the same rules hold, errors have no place.
pub(crate) fn server_from_value(value: &Value) -> Result<ServerConfig, ConfigError> {
    let text = value.to_string();
    let home = std::env::home_dir();
    let mut reader = Reader::new(&text, home.as_deref());
    reader.placed = false;
    let server = match parse(&text)? {
        Some(tree) => listed_name(&mut reader, &tree, "server").and_then(|name| {
            let mut servers = IndexMap::new();
            add(&mut reader, &mut servers, name.clone(), &tree, tree.get("name").unwrap_or(&tree), false);
            servers.swap_remove(&name)
        }),
        None => None,
    };
    let (server, _) = reader.finish(server).map_err(|mut errors| errors.swap_remove(0))?;
    let nothing = || Mistake {
        server: None,
        key: "server".to_owned(),
        at: None,
        value: String::new(),
        expected: "an object with a name".to_owned(),
        suggestion: None,
    };
    server.ok_or_else(|| nothing().into())
}
