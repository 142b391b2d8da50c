//! `call_tool_read`, `call_tool_write`, `call_tool_destructive`: one tool of one server, by `server:tool`.

use bytes::{BufMut as _, Bytes, BytesMut};
use mcpproxy_protocol::{raw, scan, text};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{Tool, arguments, truncate};
use crate::{record::Verdict, request::Request};

/// Longest reason for a call.
const MAX_REASON: usize = 1000;

#[derive(Deserialize)]
struct Arguments<'a> {
    name: String,
    #[serde(borrow)]
    args: Option<&'a RawValue>,
    args_json: Option<String>,
    intent_reason: Option<String>,
}

pub(super) async fn call(request: &Request, variant: Tool) -> Option<Bytes> {
    let arguments: Arguments<'_> = match arguments(request) {
        Ok(arguments) => arguments,
        Err(error) => return Some(request.tool_error(&error)),
    };
    if arguments.intent_reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Some(request.tool_error("REASON_TOO_LONG: intent_reason has more than 1000 characters"));
    }
    let Some((server, tool)) = arguments.name.split_once(':') else {
        let text = format!("Invalid tool name format: {} (expected server:tool)", arguments.name);
        return Some(request.tool_error(&text));
    };
    request.flight.calls(tool);
    let catalog = request.inner.store.load();
    let Some(attached) = catalog.server(server) else {
        return Some(request.tool_error(&away(request, server)));
    };
    let known = catalog.tool(server, tool);
    let Some(known) = known else {
        return Some(
            request.tool_error(&format!("Unknown tool: {server}:{tool} - search with retrieve_tools")),
        );
    };
    if known.hints.destructive == Some(true) && variant != Tool::CallDestructive {
        request.flight.goes_to(&attached.name);
        request.flight.judge(Verdict::Rejected);
        let text =
            format!("Tool '{server}:{tool}' is marked destructive by server, use call_tool_destructive");
        return Some(request.tool_error(&text));
    }
    let args = match given(&arguments) {
        Ok(args) => args,
        Err(error) => return Some(request.tool_error(&error)),
    };
    let message = compose(request, tool, args.as_deref());
    let Ok(envelope) = scan(&message) else {
        return Some(request.tool_error("the arguments cannot be sent: they are nested too deep"));
    };
    match request.send(attached, message, envelope, Vec::new()).await {
        Ok(answer) => Some(shortened(request, &answer)),
        Err(error) => request.tool_failed(server, tool, &error),
    }
}

fn away(request: &Request, server: &str) -> String {
    let known = request.inner.control.server_state(server);
    if known.is_some() {
        return request.not_connected(server);
    }
    let names: Vec<String> = request.inner.control.servers().into_iter().map(|server| server.name).collect();
    json!({ "error": format!("No client found for server: {server}"), "available_servers": names })
        .to_string()
}

/// The arguments for the tool, as they were written.
fn given<'a>(arguments: &'a Arguments<'_>) -> Result<Option<std::borrow::Cow<'a, str>>, String> {
    let object = |text: &str| text.trim_start().starts_with('{');
    match (&arguments.args_json, arguments.args) {
        (Some(text), _) if !text.trim().is_empty() => {
            serde_json::from_str::<&RawValue>(text)
                .map_err(|error| format!("args_json is not valid JSON: {error}"))?;
            if object(text) {
                Ok(Some(text.trim().into()))
            } else {
                Err("args_json must hold a JSON object".to_owned())
            }
        }
        (_, Some(args)) if args.get() != "null" => {
            if object(args.get()) {
                Ok(Some(args.get().into()))
            } else {
                Err("args must be an object".to_owned())
            }
        }
        _ => Ok(None),
    }
}

/// The request for the server: our client's id, progress token and arguments in their own bytes.
fn compose(request: &Request, tool: &str, args: Option<&str>) -> Bytes {
    let mut out = BytesMut::new();
    out.put_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    out.put_slice(request.id().token());
    out.put_slice(b",\"method\":\"tools/call\",\"params\":{\"name\":");
    out.put_slice(&text::quote(tool));
    if let Some(args) = args {
        out.put_slice(b",\"arguments\":");
        out.put_slice(args.as_bytes());
    }
    if let Some(meta) = request.envelope.meta {
        out.put_slice(b",\"_meta\":");
        out.put_slice(meta.of(&request.message));
    }
    out.put_slice(b"}}");
    out.freeze()
}

fn shortened(request: &Request, answer: &Bytes) -> Bytes {
    let limit = request.inner.options.load().tool_response_limit;
    let Some(result) = raw::member(answer, raw::whole(answer), "result") else { return answer.clone() };
    truncate::shorten(answer, result, limit, |records| {
        request.inner.cache.put(records, request.session.credential.clone(), request.inner.now())
    })
}
