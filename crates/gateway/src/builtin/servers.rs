//! `upstream_servers`: what the owner of the servers does and says, on a client's behalf.

use bytes::Bytes;
use serde_json::Value;

use super::arguments;
use crate::{ServersOperation, request::Request};

/// What can be asked for.
const OPERATIONS: [&str; 10] =
    ["list", "add", "remove", "update", "patch", "tail_log", "enable", "disable", "restart", "refresh"];

pub(super) async fn operate(request: &Request) -> Bytes {
    let arguments: Value = match arguments(request) {
        Ok(arguments) => arguments,
        Err(error) => return request.tool_error(&error),
    };
    let text = |key: &str| arguments.get(key).and_then(Value::as_str).map(str::to_owned);
    let Some(operation) = text("operation").filter(|operation| OPERATIONS.contains(&operation.as_str()))
    else {
        return request.tool_error(&format!("`operation` must be one of {}", OPERATIONS.join(", ")));
    };
    let name = text("name").filter(|name| !name.is_empty());
    if name.is_none() && operation != "list" {
        return request.tool_error(&format!("`name` is needed for the operation {operation}"));
    }
    match request.inner.control.upstream_servers(ServersOperation { operation, name, arguments }).await {
        Ok(result) => request.tool_text(&result.to_string()),
        Err(error) => request.tool_error(&error.to_string()),
    }
}
