//! A gateway with servers that the test plays, and clients that speak through its doors.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use mcpproxy_gateway::{
    Attachment, Control, ControlFuture, Credential, Endpoint, EventStream, Gateway, Options, Post, Refusal,
    Reply, ReplyKind, ServerBrief, ServersOperation,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

/// A generous limit: reaching it means that what is waited for does not come.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Servers as the test says they are.
#[derive(Default)]
pub(crate) struct Servers {
    pub(crate) briefs: Mutex<Vec<ServerBrief>>,
    pub(crate) operations: Mutex<Vec<ServersOperation>>,
}

impl Control for Servers {
    fn upstream_servers(&self, operation: ServersOperation) -> ControlFuture<'_> {
        let answer = json!({ "did": operation.operation });
        self.operations.lock().unwrap().push(operation);
        async move { Ok(answer) }.boxed()
    }
    fn server_state(&self, name: &str) -> Option<ServerBrief> {
        self.briefs.lock().unwrap().iter().find(|brief| brief.name == name).cloned()
    }
    fn servers(&self) -> Vec<ServerBrief> {
        self.briefs.lock().unwrap().clone()
    }
}

impl Servers {
    pub(crate) fn know(&self, name: &str, state: &str) {
        let brief = ServerBrief {
            name: name.to_owned(),
            state: state.to_owned(),
            enabled: state != "disabled",
            connecting: state == "connecting",
        };
        let mut briefs = self.briefs.lock().unwrap();
        briefs.retain(|brief| brief.name != name);
        briefs.push(brief);
    }
}

pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) servers: Arc<Servers>,
}

/// A server of the test's own, attached to the gateway.
pub(crate) struct Played {
    pub(crate) attachment: Option<Attachment>,
    /// Messages that no script answered.
    pub(crate) heard: mpsc::Receiver<String>,
    pub(crate) voice: Voice,
    work: JoinHandle<()>,
    pump: JoinHandle<()>,
}

/// What a played server speaks with.
#[derive(Clone)]
pub(crate) struct Voice(Arc<tokio::sync::Mutex<WriteHalf<DuplexStream>>>);

impl Voice {
    pub(crate) async fn say(&self, line: &str) {
        let mut writer = self.0.lock().await;
        // The other side may be gone; then nobody listens.
        let _ = writer.write_all(format!("{line}\n").as_bytes()).await;
    }

    pub(crate) async fn answer(&self, asked: &Value, result: Value) {
        self.say(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result }).to_string()).await;
    }
}

impl Played {
    /// The next message that no script answered.
    pub(crate) async fn hear_raw(&mut self) -> String {
        timeout(LIMIT, self.heard.recv())
            .await
            .expect("the server hears something")
            .expect("the pipe is open")
    }

    pub(crate) async fn hear(&mut self) -> Value {
        serde_json::from_str(&self.hear_raw().await).expect("JSON")
    }

    /// The next message with this method; others are passed over.
    pub(crate) async fn hear_method(&mut self, method: &str) -> Value {
        loop {
            let message = self.hear().await;
            if message["method"] == method {
                return message;
            }
        }
    }

    pub(crate) async fn say(&self, message: Value) {
        self.voice.say(&message.to_string()).await;
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.work.abort();
        self.pump.abort();
    }
}

/// How a played server answers by itself: results by method. What is not here goes to the test.
pub(crate) type Script = HashMap<String, Value>;

pub(crate) fn tools(names: &[&str]) -> Value {
    let tools: Vec<Value> =
        names.iter().map(|name| json!({ "name": name, "inputSchema": { "type": "object" } })).collect();
    json!({ "tools": tools })
}

pub(crate) fn script(pairs: &[(&str, Value)]) -> Script {
    pairs.iter().map(|(method, result)| ((*method).to_owned(), result.clone())).collect()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let servers = Arc::new(Servers::default());
        let gateway = Gateway::new(options, Arc::clone(&servers) as Arc<dyn Control>);
        Self { gateway, servers }
    }

    /// Attaches a server that offers tools with these names.
    pub(crate) async fn with_tools(&self, name: &str, names: &[&str]) -> Played {
        let played = self
            .attach(
                name,
                json!({ "tools": { "listChanged": true } }),
                script(&[("tools/list", tools(names))]),
            )
            .await;
        self.until(|| {
            names.iter().all(|tool| {
                self.gateway.tools().iter().any(|entry| &*entry.server == name && &*entry.name == *tool)
            })
        })
        .await;
        played
    }

    /// Attaches a server with these capabilities.
    pub(crate) async fn attach(&self, name: &str, capabilities: Value, script: Script) -> Played {
        let initialize = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities,
            "serverInfo": { "name": format!("{name}-inside"), "version": "1" },
        });
        self.attach_as(name, initialize, script).await
    }

    pub(crate) async fn attach_as(&self, name: &str, initialize: Value, script: Script) -> Played {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(far);
        let voice = Voice(Arc::new(tokio::sync::Mutex::new(writer)));
        let (tell, heard) = mpsc::channel(4096);
        let pump = tokio::spawn(play(reader, voice.clone(), initialize, script, tell));
        let (reader, writer) = tokio::io::split(near);
        let opened = mcpproxy_upstream::open(reader, writer, mcpproxy_upstream::Options::new(name)).await;
        let (handle, inbound, connection) = opened.expect("the played server answers");
        let work = tokio::spawn(async move {
            connection.await;
        });
        let attachment = Some(self.gateway.attach(name, handle, inbound));
        self.servers.know(name, "ready");
        Played { attachment, heard, voice, work, pump }
    }

    /// Waits for a condition that some event brings about.
    pub(crate) async fn until(&self, is_so: impl Fn() -> bool) {
        let waited = timeout(LIMIT, async {
            while !is_so() {
                tokio::task::yield_now().await;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        waited.await.expect("the condition comes about");
    }

    pub(crate) async fn client(&self, endpoint: Endpoint) -> Client {
        self.client_with(
            endpoint,
            Credential::Admin,
            json!({ "sampling": {}, "elicitation": {}, "roots": {} }),
        )
        .await
    }

    pub(crate) async fn client_with(
        &self,
        endpoint: Endpoint,
        credential: Credential,
        capabilities: Value,
    ) -> Client {
        let mut client = Client {
            gateway: self.gateway.clone(),
            endpoint,
            credential,
            session: None,
            opened: Value::Null,
        };
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": { "name": "test", "version": "0" } });
        let message = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let reply = client.post(&message.to_string()).await.expect("a session");
        client.session = reply.session;
        let ReplyKind::One(answer) = reply.kind else { panic!("initialize has one answer") };
        client.opened = serde_json::from_slice(&answer).expect("JSON");
        client.notify("notifications/initialized", None).await;
        client
    }
}

/// Answers what the script knows, and hands the rest to the test.
async fn play(
    reader: ReadHalf<DuplexStream>,
    voice: Voice,
    initialize: Value,
    script: Script,
    tell: mpsc::Sender<String>,
) {
    let mut lines = BufReader::new(reader).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let message: Value = serde_json::from_str(&line).expect("the gateway sends JSON");
        let method = message["method"].as_str().unwrap_or_default();
        if method == "initialize" {
            voice.answer(&message, initialize.clone()).await;
        } else if let Some(result) = script.get(method).filter(|_| !message["id"].is_null()) {
            voice.answer(&message, result.clone()).await;
        } else if method != "notifications/initialized" && tell.send(line).await.is_err() {
            return;
        }
    }
}

/// A client with a session.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) gateway: Gateway,
    pub(crate) endpoint: Endpoint,
    pub(crate) credential: Credential,
    pub(crate) session: Option<String>,
    /// The answer to `initialize`.
    pub(crate) opened: Value,
}

impl Client {
    pub(crate) async fn post(&self, body: &str) -> Result<Reply, Refusal> {
        let post = Post {
            endpoint: self.endpoint.clone(),
            credential: self.credential.clone(),
            session: self.session.clone(),
            version: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
        };
        timeout(LIMIT, self.gateway.post(post)).await.expect("the gateway answers")
    }

    pub(crate) async fn notify(&self, method: &str, params: Option<Value>) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        if let Some(params) = params {
            message["params"] = params;
        }
        let reply = self.post(&message.to_string()).await.expect("taken");
        assert!(matches!(reply.kind, ReplyKind::Accepted));
    }

    /// Sends a request and returns its one answer, whether it comes alone or at the end of a stream.
    pub(crate) async fn ask(&self, id: impl Into<Value>, method: &str, params: Value) -> Value {
        let message = json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params });
        let messages = collect(self.post(&message.to_string()).await.expect("taken")).await;
        serde_json::from_slice(messages.last().expect("an answer")).expect("JSON")
    }

    pub(crate) async fn call(&self, id: impl Into<Value>, tool: &str, arguments: Value) -> Value {
        self.ask(id, "tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    pub(crate) async fn tool_names(&self) -> Vec<String> {
        let answer = self.ask("list", "tools/list", json!({})).await;
        let tools = answer["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Opens the stream for what belongs to no request.
    pub(crate) fn listen(&self) -> EventStream {
        self.gateway
            .listen(&self.endpoint, &self.credential, self.session.as_deref(), None)
            .expect("a stream")
    }
}

/// All messages of a reply.
pub(crate) async fn collect(reply: Reply) -> Vec<Bytes> {
    match reply.kind {
        ReplyKind::Accepted => Vec::new(),
        ReplyKind::One(message) => vec![message],
        ReplyKind::Stream(mut stream) => {
            let mut messages = Vec::new();
            while let Some(event) = timeout(LIMIT, stream.next()).await.expect("the stream goes on") {
                if !event.data.is_empty() {
                    messages.push(event.data);
                }
            }
            messages
        }
    }
}

/// The next message of a stream.
pub(crate) async fn next(stream: &mut EventStream) -> Value {
    loop {
        let event = timeout(LIMIT, stream.next()).await.expect("an event comes").expect("the stream is open");
        if !event.data.is_empty() {
            return serde_json::from_slice(&event.data).expect("JSON");
        }
    }
}
