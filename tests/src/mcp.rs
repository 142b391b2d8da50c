//! A small MCP client over streamable HTTP: one session, one request at a time, every message kept as it came.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Request, Response};
use crate::proxy::{KEY, Proxy};

/// A session with the proxy.
pub struct Client {
    address: String,
    path: String,
    session: Option<String>,
    next: u64,
    /// Messages that came beside the answers.
    pub others: Vec<Value>,
    /// Longest silence while an answer is awaited.
    pub patience: Duration,
}

impl Client {
    /// Opens a session at `/mcp`.
    pub fn open(proxy: &Proxy) -> Self {
        Self::open_at(&proxy.address, "/mcp").expect("a session")
    }

    /// Opens a session at an endpoint.
    pub fn open_at(address: &str, path: &str) -> Result<Self, String> {
        let (address, path) = (address.to_owned(), path.to_owned());
        let patience = Duration::from_secs(120);
        let mut client = Self { address, path, session: None, next: 1, others: Vec::new(), patience };
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "suites", "version": "1" },
        });
        client.request("initialize", &hello)?;
        let response = client.post(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))?;
        if response.status != 202 {
            return Err(format!("the notification was answered with {}", response.status));
        }
        Ok(client)
    }

    /// Sends a request and answers its result; an error of the server is an `Err` with its JSON.
    pub fn request(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        let id = self.next;
        self.next += 1;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let mut response = self.post(&message)?;
        if let Some(session) = response.header("mcp-session-id") {
            self.session = Some(session.to_owned());
        }
        if response.status != 200 {
            let status = response.status;
            return Err(format!("status {status}: {}", response.text().unwrap_or_default()));
        }
        if !response.is_stream() {
            let value = response.value().map_err(|error| error.to_string())?;
            return outcome(value, id);
        }
        while let Some((_, data)) = response.event().map_err(|error| error.to_string())? {
            let Ok(message) = serde_json::from_str::<Value>(&data) else { continue };
            if message["id"] == id && message.get("method").is_none() {
                return outcome(message, id);
            }
            self.others.push(message);
        }
        Err("the stream ended without the answer".to_owned())
    }

    /// Calls a tool by its published name.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.request("tools/call", &json!({ "name": tool, "arguments": arguments }))
    }

    /// Calls a tool and reads its first text as JSON, as the servers of the suites answer.
    pub fn ask(&mut self, tool: &str, arguments: &Value) -> Value {
        let result = self.call(tool, arguments).unwrap_or_else(|error| panic!("{tool} {arguments}: {error}"));
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text in {result}"));
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
    }

    /// The published names of all tools.
    pub fn tools(&mut self) -> Vec<String> {
        let result = self.request("tools/list", &json!({})).expect("a list of tools");
        let tools = result["tools"].as_array().expect("tools").iter();
        tools.filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
    }

    fn post(&self, message: &Value) -> Result<Response, String> {
        let mut request = Request::new(&self.address, "POST", &self.path)
            .header("Authorization", &format!("Bearer {KEY}"))
            .header("Accept", "application/json, text/event-stream")
            .silence(self.patience)
            .json(message);
        if let Some(session) = &self.session {
            request = request.header("Mcp-Session-Id", session).header("MCP-Protocol-Version", "2025-11-25");
        }
        request.send().map_err(|error| error.to_string())
    }
}

/// Whether a call ended in an error, of the protocol or of the tool.
pub fn failed(answer: &Result<Value, String>) -> bool {
    answer.as_ref().map_or(true, |result| result["isError"] == true)
}

fn outcome(mut message: Value, id: u64) -> Result<Value, String> {
    if message["id"] != id {
        return Err(format!("the answer to {id} is {message}"));
    }
    match message.get("error") {
        Some(error) => Err(error.to_string()),
        None => Ok(message["result"].take()),
    }
}
