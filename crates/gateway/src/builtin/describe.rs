//! `describe_tool`: full definitions by id.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{arguments, catalog::full};
use crate::request::Request;

/// Ids that one call may name.
const MAX_IDS: usize = 5;

#[derive(Deserialize)]
struct Wanted {
    tool_ids: Vec<String>,
}

pub(super) fn describe(request: &Request) -> Bytes {
    let wanted: Wanted = match arguments(request) {
        Ok(wanted) => wanted,
        Err(error) => return request.tool_error(&error),
    };
    if wanted.tool_ids.len() > MAX_IDS {
        return request.tool_error(&format!("at most {MAX_IDS} tool_ids can be described at once"));
    }
    let catalog = request.inner.store.load();
    let (mut definitions, mut errors) = (Vec::<Value>::new(), Vec::<Value>::new());
    for id in &wanted.tool_ids {
        let tool = id.split_once(':').and_then(|(server, name)| catalog.tool(server, name));
        match tool {
            Some(tool) => {
                let mut definition = full(tool, 0.0);
                if let Some(definition) = definition.as_object_mut() {
                    definition.shift_remove("score");
                }
                definitions.push(definition);
            }
            None => errors.push(missing(request, id)),
        }
    }
    request.tool_text(&json!({ "definitions": definitions, "errors": errors }).to_string())
}

fn missing(request: &Request, id: &str) -> Value {
    let server = id.split_once(':').map(|(server, _)| server);
    let brief = server.and_then(|server| request.inner.control.server_state(server));
    let (error, remediation) = match brief {
        Some(brief) if !brief.enabled => {
            ("disabled", "The server is switched off; enable it with upstream_servers.")
        }
        Some(_) => ("not_found", "The server offers no such tool now; search with retrieve_tools."),
        None => ("not_found", "Ids have the form server:tool; search with retrieve_tools."),
    };
    json!({ "id": id, "error": error, "remediation": remediation })
}
