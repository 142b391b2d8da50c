//! How our own tools are listed.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Tool;
use crate::session::Mode;

/// Our own tools as entries of `tools/list`, in a fixed order.
pub(crate) fn listed(mode: Mode, management: bool) -> Vec<Bytes> {
    Tool::ALL
        .into_iter()
        .filter(|tool| tool.is_offered(mode, management))
        .map(|tool| Bytes::from(entry(tool).to_string()))
        .collect()
}

fn entry(tool: Tool) -> Value {
    let (title, description, [read_only, destructive, open_world]) = about(tool);
    json!({
        "name": tool.name(),
        "title": title,
        "description": description,
        "inputSchema": schema(tool),
        "annotations": {
            "title": title,
            "readOnlyHint": read_only,
            "destructiveHint": destructive,
            "openWorldHint": open_world,
        },
    })
}

fn about(tool: Tool) -> (&'static str, &'static str, [bool; 3]) {
    match tool {
        Tool::Retrieve => (
            "Retrieve Tools",
            "Searches all tools of all connected servers and returns those that fit best, with their schemas and \
             the tool to call each with. Begin here, with a few words about the task.",
            [true, false, false],
        ),
        Tool::Describe => (
            "Describe Tool",
            "Returns the full definitions of tools by their ids `server:tool`.",
            [true, false, false],
        ),
        Tool::CallRead => (
            "Call Tool (Read)",
            "Calls a tool that only reads. Take the name `server:tool` from retrieve_tools, whose `call_with` says \
             which of the three call tools to use.",
            [true, false, true],
        ),
        Tool::CallWrite => (
            "Call Tool (Write)",
            "Calls a tool that creates or changes something. Take the name `server:tool` from retrieve_tools.",
            [false, false, true],
        ),
        Tool::CallDestructive => (
            "Call Tool (Destructive)",
            "Calls a tool that may delete or overwrite something. Take the name `server:tool` from retrieve_tools.",
            [false, true, true],
        ),
        Tool::ReadCache => (
            "Read Cache",
            "Reads on in a result that was cut because it was too long, by the key that the cut result names.",
            [true, false, false],
        ),
        Tool::UpstreamServers => (
            "Upstream Servers",
            "Lists the MCP servers behind this proxy with their state, switches them on and off, restarts them, \
             shows the end of their logs, adds and removes them.",
            [false, true, false],
        ),
    }
}

fn schema(tool: Tool) -> Value {
    match tool {
        Tool::Retrieve => json!({
            "type": "object",
            "properties": {
                "query": { "type": "string", "description": "What the tool shall do, in a few words" },
                "limit": { "type": "number", "description": "How many tools to return at most", "maximum": 100 },
                "detail": { "type": "string", "enum": ["compact", "full"], "description": "compact: ids and signatures only" },
                "include_disabled": { "type": "boolean", "description": "Also name tools of servers that are switched off" },
                "read_only_only": { "type": "boolean", "description": "Only tools declared to read only" },
                "exclude_destructive": { "type": "boolean", "description": "No tools declared to be destructive" },
                "exclude_open_world": { "type": "boolean", "description": "No tools that may reach the open world" },
            },
            "required": ["query"],
        }),
        Tool::Describe => json!({
            "type": "object",
            "properties": {
                "tool_ids": { "type": "array", "items": { "type": "string" }, "maxItems": 5, "description": "Ids `server:tool`" },
            },
            "required": ["tool_ids"],
        }),
        Tool::CallRead | Tool::CallWrite | Tool::CallDestructive => json!({
            "type": "object",
            "properties": {
                "name": { "type": "string", "description": "The tool, as `server:tool`" },
                "args": { "type": "object", "description": "Its arguments" },
                "args_json": { "type": "string", "description": "Its arguments as a JSON text; wins over args" },
                "intent_data_sensitivity": { "type": "string", "enum": ["public", "internal", "private", "unknown"] },
                "intent_reason": { "type": "string", "maxLength": 1000, "description": "Why the tool is called" },
            },
            "required": ["name"],
        }),
        Tool::ReadCache => json!({
            "type": "object",
            "properties": {
                "key": { "type": "string", "description": "The key that the cut result names" },
                "offset": { "type": "number", "default": 0 },
                "limit": { "type": "number", "default": 50, "maximum": 1000 },
            },
            "required": ["key"],
        }),
        Tool::UpstreamServers => servers_schema(),
    }
}

fn servers_schema() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "properties": {
            "operation": {
                "type": "string",
                "enum": ["list", "add", "remove", "update", "patch", "tail_log", "enable", "disable", "restart"],
            },
            "name": text("The server; needed by all operations but list"),
            "command": text("The command of a local server"),
            "args_json": text("Its arguments, as a JSON list of strings"),
            "env_json": text("Its environment, as a JSON object; null removes a variable"),
            "url": text("The address of a remote server"),
            "headers_json": text("Headers for a remote server, as a JSON object; null removes one"),
            "isolation_json": text("Isolation settings, as a JSON object"),
            "working_dir": text("The folder the command runs in"),
            "protocol": { "type": "string", "enum": ["auto", "stdio", "http", "sse", "streamable-http"] },
            "enabled": { "type": "boolean", "default": true },
            "lines": { "type": "number", "default": 50, "maximum": 500, "description": "Lines of log for tail_log" },
        },
        "required": ["operation"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(mode: Mode, management: bool) -> Vec<String> {
        let entries = listed(mode, management);
        let parsed = entries.iter().map(|entry| serde_json::from_slice::<Value>(entry).expect("JSON"));
        parsed.map(|entry| entry["name"].as_str().expect("a name").to_owned()).collect()
    }

    #[test]
    fn direct_mode_offers_only_the_look_at_servers() {
        assert_eq!(names(Mode::Direct, true), ["upstream_servers"]);
        assert!(names(Mode::Direct, false).is_empty());
    }

    #[test]
    fn search_mode_hides_the_servers_from_those_who_may_not_manage() {
        assert_eq!(names(Mode::RetrieveTools, true).len(), 7);
        assert!(!names(Mode::RetrieveTools, false).contains(&"upstream_servers".to_owned()));
    }

    #[test]
    fn every_required_parameter_is_declared() {
        for tool in Tool::ALL {
            let schema = schema(tool);
            for name in schema["required"].as_array().expect("a list") {
                assert!(schema["properties"].get(name.as_str().expect("text")).is_some(), "{tool:?} {name}");
            }
        }
    }
}
