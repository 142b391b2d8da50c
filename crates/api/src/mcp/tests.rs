//! The endpoints over real connections, with a server that the test plays.

use std::{sync::Arc, time::Duration};

use axum::Extension;
use futures_util::FutureExt as _;
use mcpproxy_gateway::{
    Attachment, Control, ControlFuture, Credential, Gateway, Options, ServerBrief, ServersOperation,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
    task::JoinSet,
    time::timeout,
};

const LIMIT: Duration = Duration::from_secs(20);
const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}"#;
const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
const CALL: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"s__t"}}"#;

struct Nobody;

impl Control for Nobody {
    fn upstream_servers(&self, _: ServersOperation) -> ControlFuture<'_> {
        async { Ok(Value::Null) }.boxed()
    }
    fn server_state(&self, _: &str) -> Option<ServerBrief> {
        None
    }
    fn servers(&self) -> Vec<ServerBrief> {
        Vec::new()
    }
}

/// A gateway behind the endpoints, and one server `s` with the tool `t`.
struct House {
    address: std::net::SocketAddr,
    /// What the server hears besides the handshake and its lists.
    heard: Mutex<mpsc::Receiver<Value>>,
    /// What the server says.
    say: mpsc::Sender<String>,
    _attachment: Attachment,
    _tasks: JoinSet<()>,
}

impl House {
    async fn new() -> Self {
        let gateway = Gateway::new(Options::default(), Arc::new(Nobody));
        let mut tasks = JoinSet::new();
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, mut writer) = tokio::io::split(far);
        let (say, mut said) = mpsc::channel::<String>(64);
        let (tell, heard) = mpsc::channel(64);
        let reply = say.clone();
        tasks.spawn(async move {
            while let Some(line) = said.recv().await {
                writer.write_all(format!("{line}\n").as_bytes()).await.unwrap();
            }
        });
        tasks.spawn(async move {
            let mut lines = BufReader::new(reader).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let message: Value = serde_json::from_str(&line).unwrap();
                let result = match message["method"].as_str() {
                    Some("initialize") => json!({ "protocolVersion": "2025-11-25", "capabilities": { "tools": {} }, "serverInfo": { "name": "s", "version": "1" } }),
                    Some("tools/list") => json!({ "tools": [{ "name": "t" }] }),
                    _ => {
                        tell.send(message).await.unwrap();
                        continue;
                    }
                };
                reply.send(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string()).await.unwrap();
            }
        });
        let (reader, writer) = tokio::io::split(near);
        let options = mcpproxy_upstream::Options::new("s");
        let (handle, inbound, connection) = mcpproxy_upstream::open(reader, writer, options).await.unwrap();
        tasks.spawn(async move {
            connection.await;
        });
        let attachment = gateway.attach("s", handle, inbound);
        attachment.tools().wait_for(|tools| *tools == Some(1)).await.unwrap();

        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = super::router(gateway).layer(Extension(Credential::Admin));
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        let house = Self { address, heard: Mutex::new(heard), say, _attachment: attachment, _tasks: tasks };
        assert_eq!(house.hear().await["method"], "notifications/initialized");
        house
    }

    async fn hear(&self) -> Value {
        timeout(LIMIT, self.heard.lock().await.recv()).await.expect("the server hears something").unwrap()
    }

    async fn say(&self, message: Value) {
        self.say.send(message.to_string()).await.unwrap();
    }

    async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
        Answer::read(stream).await
    }

    async fn post(&self, session: Option<&str>, body: &str) -> Answer {
        let mut headers =
            vec![("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
        headers.extend(session.map(|session| ("Mcp-Session-Id", session)));
        self.send("POST", "/mcp/all", &headers, body).await
    }

    async fn open(&self) -> String {
        let answer = self.post(None, INITIALIZE).await;
        answer.header("mcp-session-id").expect("a session").to_owned()
    }
}

/// An answer whose body is read as it comes.
struct Answer {
    status: u16,
    head: String,
    body: BufReader<TcpStream>,
}

impl Answer {
    async fn read(stream: TcpStream) -> Self {
        let mut body = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = timeout(LIMIT, body.read_line(&mut head)).await.expect("an answer").unwrap();
            assert!(read > 0, "the connection was closed: {head}");
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        Self { status, head: head.to_ascii_lowercase(), body }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    /// The whole body of an answer that is not a stream.
    async fn json(mut self) -> Value {
        let length = self.header("content-length").and_then(|length| length.parse().ok()).expect("a length");
        let mut body = vec![0; length];
        self.body.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next line of a stream that begins with one of the fields of events; `None` at its end.
    async fn field(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            let read =
                timeout(LIMIT, self.body.read_line(&mut line)).await.expect("the stream goes on").unwrap();
            let line = line.trim_end();
            if read == 0 || line == "0" {
                return None;
            }
            if ["id:", "data:", "retry:", ":"].iter().any(|field| line.starts_with(field)) {
                return Some(line.to_owned());
            }
        }
    }

    /// The next message of a stream.
    async fn message(&mut self) -> Value {
        loop {
            let field = self.field().await.expect("a message");
            if let Some(data) = field.strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }
}

#[test]
fn only_what_is_posted_to_a_fixed_address_takes_the_short_way() {
    use axum::http::Method;
    for path in ["/mcp", "/mcp/", "/mcp/all", "/mcp/call"] {
        assert!(super::posted_to(&Method::POST, path).is_some(), "{path}");
        assert!(super::posted_to(&Method::GET, path).is_none(), "{path}");
    }
    for path in ["/mcp/servers/a", "/mcp/all/", "/mcpx", "/api/v1/status", "/"] {
        assert!(super::posted_to(&Method::POST, path).is_none(), "{path}");
    }
}

#[tokio::test]
async fn an_answer_with_nothing_before_it_is_plain_json() {
    let house = House::new().await;
    let session = house.open().await;
    let answer = house.post(Some(&session), PING).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("mcp-session-id"), None);
    assert_eq!(answer.json().await, json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    let (answer, ()) = tokio::join!(house.post(Some(&session), CALL), async {
        let asked = house.hear().await;
        let reply = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "content": [] } });
        house.say(reply).await;
    });
    assert_eq!(answer.json().await["result"], json!({ "content": [] }));
}

#[tokio::test]
async fn an_answer_with_a_question_before_it_is_a_stream_that_nobody_may_collect() {
    let house = House::new().await;
    let session = house.open().await;
    let (mut answer, asked) = tokio::join!(house.post(Some(&session), CALL), async {
        let asked = house.hear().await;
        let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": {} });
        house.say(question).await;
        asked
    });
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("content-encoding"), None);
    let first = answer.field().await.expect("an id");
    assert!(first.starts_with("id: "), "{first}");
    assert_eq!(answer.field().await.as_deref(), Some("retry: 1000"));
    let question = answer.message().await;
    assert_eq!(question["method"], "elicitation/create");
    let reply = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept" } });
    let taken = house.post(Some(&session), &reply.to_string()).await;
    assert_eq!((taken.status, taken.header("content-length")), (202, Some("0")));
    assert_eq!(house.hear().await["id"], "q");
    house.say(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": {} })).await;
    assert_eq!(answer.message().await["id"], 7);
    assert_eq!(answer.field().await, None, "the stream ends behind the answer");
}

#[tokio::test]
async fn a_stream_that_broke_is_taken_up_by_its_last_event() {
    let house = House::new().await;
    let session = house.open().await;
    let (mut answer, asked) = tokio::join!(house.post(Some(&session), CALL), async {
        let asked = house.hear().await;
        let question = json!({ "jsonrpc": "2.0", "id": "q", "method": "elicitation/create", "params": {} });
        house.say(question).await;
        asked
    });
    let id =
        answer.field().await.and_then(|field| field.strip_prefix("id: ").map(str::to_owned)).expect("an id");
    drop(answer);
    house.say(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": {} })).await;
    let headers = [
        ("Accept", "text/event-stream"),
        ("Mcp-Session-Id", session.as_str()),
        ("Last-Event-ID", id.as_str()),
    ];
    let mut again = house.send("GET", "/mcp/all", &headers, "").await;
    assert_eq!(again.status, 200);
    assert_eq!(again.message().await["method"], "elicitation/create");
    assert_eq!(again.message().await["id"], 7);
    assert_eq!(again.field().await, None);
}

#[tokio::test]
async fn a_client_that_hangs_up_has_not_cancelled() {
    let house = House::new().await;
    let session = house.open().await;
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let head = format!(
        "POST /mcp/all HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nMcp-Session-Id: {session}\r\nContent-Length: {}\r\n\r\n{CALL}",
        CALL.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let asked = house.hear().await;
    drop(stream);
    // The call is still in flight, so that its id is taken until the server has answered.
    assert_eq!(house.post(Some(&session), CALL).await.status, 400);
    house.say(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": {} })).await;
    let freed = timeout(LIMIT, async {
        while house.post(Some(&session), r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#).await.status == 400 {
            tokio::task::yield_now().await;
        }
    });
    freed.await.expect("the call ends with its answer");
    let notice = r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}"#;
    assert_eq!(house.post(Some(&session), notice).await.status, 202);
    assert_eq!(
        house.hear().await["method"],
        "notifications/roots/list_changed",
        "no cancellation came before"
    );
}

#[tokio::test]
async fn wrong_requests_get_the_status_that_says_what_is_wrong() {
    let house = House::new().await;
    let session = house.open().await;
    let both = ("Accept", "application/json, text/event-stream");
    let json = ("Content-Type", "application/json");
    let id = ("Mcp-Session-Id", session.as_str());
    for (status, method, path, headers, body) in [
        (415, "POST", "/mcp", vec![both, ("Content-Type", "text/plain"), id], PING),
        (406, "POST", "/mcp", vec![("Accept", "application/json"), json, id], PING),
        (400, "POST", "/mcp", vec![both, json], PING),
        (404, "POST", "/mcp", vec![both, json, ("Mcp-Session-Id", "gone")], PING),
        (404, "POST", "/mcp", vec![both, json, id], PING),
        (400, "POST", "/mcp/all", vec![both, json, id, ("MCP-Protocol-Version", "2026-07-28")], PING),
        (400, "POST", "/mcp/all", vec![both, json, id], "{"),
        (404, "POST", "/mcp/servers/none", vec![both, json], INITIALIZE),
        (405, "GET", "/mcp", vec![("Accept", "*/*"), ("MCP-Protocol-Version", "2024-11-05")], ""),
        (406, "GET", "/mcp/all", vec![("Accept", "application/json"), id], ""),
        (404, "GET", "/mcp/all", vec![("Mcp-Session-Id", "gone")], ""),
        (400, "GET", "/mcp/all", vec![id, ("Last-Event-ID", "99-9")], ""),
        (405, "PUT", "/mcp/all", vec![id], ""),
        (400, "DELETE", "/mcp/all", vec![], ""),
        (200, "DELETE", "/mcp/all", vec![id], ""),
        (404, "DELETE", "/mcp/all", vec![id], ""),
    ] {
        let answer = house.send(method, path, &headers, body).await;
        assert_eq!(answer.status, status, "{method} {path} {headers:?} {body}");
    }
}

#[tokio::test]
async fn a_large_message_is_read_whole_and_one_beyond_the_limit_refused() {
    let house = House::new().await;
    let session = house.open().await;
    let large = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"s__t","arguments":{{"x":"{}"}}}}}}"#,
        "é".repeat(2 << 20)
    );
    let (answer, length) = tokio::join!(house.post(Some(&session), &large), async {
        let asked = house.hear().await;
        house.say(json!({ "jsonrpc": "2.0", "id": asked["id"], "result": {} })).await;
        asked["params"]["arguments"]["x"].as_str().map(str::len)
    });
    assert_eq!((answer.status, length), (200, Some(4 << 20)));
    let head =
        [("Content-Type", "application/json"), ("Accept", "*/*"), ("Mcp-Session-Id", session.as_str())];
    let mut stream = TcpStream::connect(house.address).await.unwrap();
    let mut text =
        format!("POST /mcp/all HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", super::BODY_LIMIT + 1);
    for (name, value) in head {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).await.unwrap();
    assert_eq!(Answer::read(stream).await.status, 413);
}

#[tokio::test]
async fn a_probe_of_the_newer_era_is_told_to_initialize() {
    let house = House::new().await;
    let probe = r#"{"jsonrpc":"2.0","id":"p","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
    let headers =
        [("Content-Type", "application/json"), ("Accept", "*/*"), ("MCP-Protocol-Version", "2026-07-28")];
    let answer = house.send("POST", "/mcp", &headers, probe).await;
    assert_eq!(answer.status, 400);
    let body = answer.json().await;
    assert_eq!((body["id"].as_str(), body["error"]["code"].as_i64()), (Some("p"), Some(-32600)));
}
