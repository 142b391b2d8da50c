//! Clients that call while servers restart and the configuration is rewritten: each request gets exactly one result or
//! error, and it is its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mcpproxy_tests::mcp::Client;
use mcpproxy_tests::proxy::{Proxy, Setup};
use mcpproxy_tests::servers::{small, with};
use mcpproxy_tests::wait::GENEROUS;
use serde_json::{Value, json};

const CLIENTS: usize = 32;
const SERVERS: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const TURMOIL: Duration = Duration::from_secs(20);

fn start() -> Proxy {
    let proxy = Setup::new(SERVERS.iter().map(|name| small(name)).collect()).start();
    for name in SERVERS {
        proxy.wait_until_ready(name);
    }
    proxy
}

/// What one client saw.
#[derive(Default)]
struct Seen {
    results: u64,
    errors: u64,
}

/// Calls in turn until told to stop; each answer must be the one for its request.
fn call_on(proxy: &Proxy, number: usize, stop: &AtomicBool, done: &AtomicU64) -> Seen {
    let mut seen = Seen::default();
    let mut client = Client::open(proxy);
    client.patience = GENEROUS;
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        let server = SERVERS[(number + round) % SERVERS.len()];
        let text = format!("{number}-{round}");
        match client.call(&format!("{server}__echo"), &json!({ "text": text })) {
            Ok(answer) if answer["isError"] == true => seen.errors += 1,
            Ok(answer) => {
                assert_eq!(answer["content"][0]["text"], text.as_str(), "the answer of somebody else");
                seen.results += 1;
            }
            Err(error) => {
                let told: Value =
                    serde_json::from_str(&error).unwrap_or_else(|_| panic!("no answer at all: {error}"));
                assert!(told["code"].is_i64() && told["message"].is_string(), "{told}");
                seen.errors += 1;
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
        round += 1;
    }
    seen
}

#[test]
fn each_request_gets_one_answer_of_its_own_while_everything_restarts() {
    let proxy = start();
    let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let totals = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                scope.spawn({
                    let (proxy, stop, done) = (&proxy, &stop, &done);
                    move || call_on(proxy, number, stop, done)
                })
            })
            .collect();
        let start = Instant::now();
        let mut round = 0;
        while start.elapsed() < TURMOIL {
            disturb(&proxy, round);
            let before = done.load(Ordering::Relaxed);
            mcpproxy_tests::wait::until_true("the clients to go on", GENEROUS, || {
                done.load(Ordering::Relaxed) > before + 50
            });
            round += 1;
        }
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).fold(Seen::default(), |sum, seen| Seen {
            results: sum.results + seen.results,
            errors: sum.errors + seen.errors,
        })
    });
    println!("{} results, {} errors", totals.results, totals.errors);
    assert!(totals.results > 500, "only {} results, {} errors", totals.results, totals.errors);
    for name in SERVERS {
        proxy.wait_until_ready(name);
    }
    assert_eq!(proxy.containers().len(), SERVERS.len(), "one container a server");
    let mut client = Client::open(&proxy);
    for name in SERVERS {
        assert!(client.call(&format!("{name}__echo"), &json!({ "text": "after" })).is_ok(), "{name}");
    }
}

/// One disturbance after the other, in a fixed order.
fn disturb(proxy: &Proxy, round: usize) {
    let name = SERVERS[round % SERVERS.len()];
    match round % 5 {
        0 => drop(proxy.request("POST", &format!("/api/v1/servers/{name}/restart")).send()),
        1 => {
            // A change of one entry restarts this server alone.
            let changed = SERVERS.iter().map(|server| match *server == name {
                true => with(small(server), &json!({ "env": { "ROUND": round.to_string() } })),
                false => small(server),
            });
            let mut config = proxy.setup.config.clone();
            config["mcpServers"] = changed.collect();
            proxy.setup.write_text(&serde_json::to_string_pretty(&config).unwrap());
        }
        2 => drop(Client::open(proxy).call(&format!("{name}__exit"), &json!({}))),
        3 => proxy.setup.write_text("{ \"mcpServers\": [ this is not JSON"),
        _ => {
            proxy.setup.write();
            let container = proxy.server(name)["container_id"].as_str().map(str::to_owned);
            if let Some(container) = container {
                drop(mcpproxy_tests::process::output(&mut proxy.setup.docker.command(&["kill", &container])));
            }
        }
    }
}

#[test]
fn a_change_of_one_entry_restarts_that_server_alone() {
    let proxy = start();
    let before: Vec<Value> = SERVERS.iter().map(|name| proxy.server(name)["container_id"].clone()).collect();
    let mut config = proxy.setup.config.clone();
    config["mcpServers"][1]["env"] = json!({ "CHANGED": "yes" });
    proxy.setup.write_text(&serde_json::to_string_pretty(&config).unwrap());
    proxy.wait_for("beta", "in a new container", GENEROUS, |server| {
        server["state"] == "ready" && server["container_id"] != before[1]
    });
    for (at, name) in SERVERS.iter().enumerate().filter(|(at, _)| *at != 1) {
        assert_eq!(proxy.server(name)["container_id"], before[at], "{name} was restarted too");
    }
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_with_its_place() {
    let proxy = start();
    let before = proxy.server("alpha")["container_id"].clone();
    proxy.setup.write_text("{\n  \"mcpServers\": [\n    {,}\n  ]\n}\n");
    let error = mcpproxy_tests::wait::until("the error to be told", GENEROUS, || {
        let status = proxy.get("/api/v1/status");
        status["config_error"].as_str().map(str::to_owned).ok_or_else(|| status.to_string())
    });
    assert!(error.contains("line 3") && error.contains("column"), "{error}");
    assert_eq!(proxy.server("alpha")["container_id"], before);
    proxy.setup.write();
    mcpproxy_tests::wait::until_true("the error to be gone", GENEROUS, || {
        proxy.get("/api/v1/status")["config_error"].is_null()
    });
    assert_eq!(
        proxy.server("alpha")["container_id"],
        before,
        "a file with the same content restarts nothing"
    );
}

/// What a stdio-only client starts: lines in, lines out.
struct Bridge {
    child: std::process::Child,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Bridge {
    fn open(proxy: &Proxy) -> Self {
        let mut command = proxy.setup.command(&["stdio"]);
        let mut child =
            command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
        let mut bridge = Self { child, lines };
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "bridge", "version": "1" } });
        assert_eq!(bridge.ask(0, "initialize", &hello)["result"]["serverInfo"]["name"], "mcpproxy");
        bridge.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        bridge
    }

    fn write(&mut self, message: &Value) {
        let stdin = self.child.stdin.as_mut().unwrap();
        std::io::Write::write_all(stdin, format!("{message}\n").as_bytes()).unwrap();
    }

    /// Sends a request and reads on to its answer.
    fn ask(&mut self, id: u64, method: &str, params: &Value) -> Value {
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let line = self.lines.next().unwrap().unwrap();
            let message: Value =
                serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            if message["id"] == id {
                return message;
            }
        }
    }
}

#[test]
fn a_bridge_outlives_the_instance_it_speaks_to() {
    let mut proxy = Setup::new(vec![small("alpha")]).start();
    proxy.wait_until_ready("alpha");
    let mut bridge = Bridge::open(&proxy);
    let call = |text: &str| json!({ "name": "alpha__echo", "arguments": { "text": text } });
    let answer = bridge.ask(1, "tools/call", &call("before"));
    assert_eq!(answer["result"]["content"][0]["text"], "before", "{answer}");

    proxy.kill();
    proxy.launch();
    proxy.wait_until_ready("alpha");
    let answer = bridge.ask(2, "tools/call", &call("after"));
    assert_eq!(answer["result"]["content"][0]["text"], "after", "{answer}");

    drop(bridge.child.stdin.take());
    assert!(
        mcpproxy_tests::process::ended(&mut bridge.child, GENEROUS).is_some_and(|status| status.success())
    );
}
