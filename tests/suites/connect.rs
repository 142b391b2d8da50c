//! Other AI clients in a home of their own: their servers imported, their files changed and given back, their keys.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::path::PathBuf;

use mcpproxy_tests::http::Request;
use mcpproxy_tests::mcp::Client;
use mcpproxy_tests::process;
use mcpproxy_tests::proxy::{Proxy, Setup};
use mcpproxy_tests::servers::{hostile, small, with};
use serde_json::{Value, json};

const SECRET: &str = "imported-secret-4be1c07f";

/// A proxy whose person has other clients with these files, by their path below the home.
fn start(files: &[(&str, String)]) -> Proxy {
    let setup = Setup::new(Vec::new());
    let home = setup.folder().join("home");
    for (path, text) in files {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let (home, config) = (home.display().to_string(), home.join(".config").display().to_string());
    setup.environment("HOME", &home).environment("XDG_CONFIG_HOME", &config).start()
}

fn file(proxy: &Proxy, path: &str) -> PathBuf {
    proxy.setup.folder().join("home").join(path)
}

fn read(proxy: &Proxy, path: &str) -> String {
    fs::read_to_string(file(proxy, path)).unwrap()
}

/// Runs a word of the terminal that must end well, and answers what it printed.
fn run(proxy: &Proxy, arguments: &[&str]) -> String {
    process::checked(&mut proxy.setup.command(arguments))
}

/// The same with its one JSON object.
fn object(proxy: &Proxy, arguments: &[&str]) -> Value {
    serde_json::from_str(&run(proxy, &[arguments, &["--json"]].concat())).unwrap()
}

/// An entry of a test server as another client writes it.
fn foreign(mut entry: Value) -> Value {
    entry.as_object_mut().unwrap().retain(|key, _| key != "name" && key != "enabled");
    entry
}

fn cursor() -> String {
    let keeper = foreign(with(hostile("keeper", "good"), &json!({"env": {"API_TOKEN": SECRET}})));
    let tiny = foreign(small("tiny"));
    format!(
        "{{\r\n  // mine\r\n  \"mcpServers\": {{\r\n    \"keeper\": {keeper},\r\n    \"tiny\": {tiny}, // both\r\n  }}\r\n}}\r\n"
    )
}

fn hello(proxy: &Proxy, key: &str) -> u16 {
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}});
    let request = Request::new(&proxy.address, "POST", "/mcp").header("X-API-Key", key);
    let request = request.header("Accept", "application/json, text/event-stream").json(&message);
    request.send().unwrap().status
}

/// The key of an entry in a client's file.
fn key(proxy: &Proxy, path: &str) -> String {
    let text = read(proxy, path);
    let at = text.split("\"X-API-Key\": \"").nth(1).unwrap_or_else(|| panic!("no key in {text}"));
    at.split('"').next().unwrap().to_owned()
}

fn state(proxy: &Proxy, id: &str) -> String {
    let list = object(proxy, &["clients", "list"]);
    let client =
        list["clients"].as_array().unwrap().iter().find(|client| client["id"] == id).unwrap().clone();
    client["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_person_moves_from_a_client_and_back() {
    let claude = json!({"numStartups": 3, "mcpServers": {"small": foreign(small("x"))}}).to_string();
    let proxy = start(&[(".cursor/mcp.json", cursor()), (".claude.json", claude)]);
    let list = object(&proxy, &["import", "--dry-run"]);
    let names: Vec<&str> =
        list["servers"].as_array().unwrap().iter().map(|server| server["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["small", "keeper"], "equal servers of two clients are one");
    assert!(!list.to_string().contains(SECRET));

    let done = object(&proxy, &["import", "--yes"]);
    assert_eq!(done["servers"][1]["secrets"], json!(["${keyring:API_TOKEN}"]), "{done}");
    proxy.wait_until_ready("keeper");
    proxy.wait_until_ready("small");
    let config = fs::read_to_string(proxy.setup.file()).unwrap();
    assert!(config.contains("${keyring:API_TOKEN}") && !config.contains(SECRET), "{config}");
    let environment = Client::open(&proxy).ask("keeper__attack", &json!({"what": "environment"}));
    assert_eq!(environment["API_TOKEN"], SECRET, "the server still gets the value");

    assert_eq!(state(&proxy, "cursor"), "not_connected");
    let shown = run(&proxy, &["connect", "cursor", "--yes"]);
    assert!(!shown.contains(SECRET) && shown.contains("\"mcpproxy\""), "{shown}");
    let connected = read(&proxy, ".cursor/mcp.json");
    assert!(connected.contains("// mine") && connected.contains("// both"), "{connected}");
    assert!(!connected.contains(SECRET), "servers that answer here leave the file: {connected}");
    assert!(!connected.replace("\r\n", "").contains('\n'), "line endings stay");

    let key = key(&proxy, ".cursor/mcp.json");
    assert!(!shown.contains(&key), "a key is never shown");
    assert_eq!(state(&proxy, "cursor"), "waiting");
    assert_eq!(hello(&proxy, &key), 200);
    assert_eq!(state(&proxy, "cursor"), "connected");
    let rest = Request::new(&proxy.address, "GET", "/api/v1/servers").header("X-API-Key", &key);
    assert_eq!(rest.send().unwrap().status, 403, "a client's key opens /mcp only");

    let undone = object(&proxy, &["connect", "cursor", "--undo", "--yes"]);
    assert_eq!(undone["whole"], true);
    assert_eq!(read(&proxy, ".cursor/mcp.json"), cursor());
    assert_eq!(hello(&proxy, &key), 401, "undo revokes the key");
}

#[test]
fn a_client_of_processes_gets_a_command_that_works_as_written() {
    let path = ".config/Claude/claude_desktop_config.json";
    let proxy = start(&[(path, "{}".to_owned())]);
    run(&proxy, &["connect", "claude-desktop", "--yes"]);
    let entry: Value = serde_json::from_str(&read(&proxy, path)).unwrap();
    let entry = &entry["mcpServers"]["mcpproxy"];
    assert!(!entry.to_string().contains("X-API-Key"), "no key has to stand there: {entry}");
    let mut command = std::process::Command::new(entry["command"].as_str().unwrap());
    command.args(entry["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()));
    let input = proxy.setup.folder().join("hello.jsonl");
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}});
    fs::write(&input, format!("{message}\n")).unwrap();
    let output = command.stdin(fs::File::open(input).unwrap()).output().unwrap();
    assert!(process::text(&output).contains("\"serverInfo\""), "{}", process::text(&output));
    assert_eq!(state(&proxy, "claude-desktop"), "connected");
    run(&proxy, &["disconnect", "claude-desktop", "--yes"]);
    assert!(!read(&proxy, path).contains("mcpproxy"));
}

#[test]
fn a_broken_file_is_named_by_its_line_and_left_alone() {
    let broken = "{\n  \"mcpServers\": {\n    \"a\": }\n}\n";
    let proxy = start(&[(".cursor/mcp.json", broken.to_owned())]);
    let output = process::output(&mut proxy.setup.command(&["connect", "cursor", "--yes"]));
    assert_eq!(output.status.code(), Some(1));
    let text = process::text(&output);
    assert!(text.contains("Cursor's ~/.cursor/mcp.json has a mistake at line 3"), "{text}");
    assert_eq!(read(&proxy, ".cursor/mcp.json"), broken);
    assert!(proxy.get("/api/v1/keys")["keys"].as_array().unwrap().is_empty(), "no key was made for nothing");
}

#[test]
fn a_file_that_changed_since_the_preview_is_not_written() {
    let proxy = start(&[(".codex/config.toml", "model = 'a' # mine\n".to_owned())]);
    let preview = proxy.send("POST", "/api/v1/clients/codex/preview", &json!({"action": "connect"}));
    let edited = "model = 'b' # mine\n";
    fs::write(file(&proxy, ".codex/config.toml"), edited).unwrap();
    let body = json!({"fingerprint": preview["fingerprint"]});
    let answer = proxy.request("POST", "/api/v1/clients/codex/connect").json(&body).send().unwrap();
    assert_eq!(answer.status, 409);
    assert_eq!(answer.value().unwrap()["code"], "client_file_changed");
    assert_eq!(read(&proxy, ".codex/config.toml"), edited);
    let preview = proxy.send("POST", "/api/v1/clients/codex/preview", &json!({"action": "connect"}));
    proxy.send("POST", "/api/v1/clients/codex/connect", &json!({"fingerprint": preview["fingerprint"]}));
    let text = read(&proxy, ".codex/config.toml");
    assert!(text.starts_with(edited) && text.contains("[mcp_servers.mcpproxy]"), "{text}");
}

#[test]
fn references_in_other_clients_are_imported_only_when_they_are_named() {
    let text = json!({"mcpServers": {"wanting": {"command": "sh", "args": ["-c", "true"],
        "env": {"A": "${env:SOME_VARIABLE}"}}}});
    let proxy = start(&[(".cursor/mcp.json", text.to_string())]);
    let list = proxy.get("/api/v1/import");
    let id = &list["servers"][0]["id"];
    assert_eq!(list["servers"][0]["references"], json!(["${env:SOME_VARIABLE}"]));
    let body = json!({"servers": [{"id": id}]});
    let answer = proxy.request("POST", "/api/v1/import").json(&body).send().unwrap();
    assert_eq!(answer.status, 409);
    assert_eq!(answer.value().unwrap()["code"], "references_need_confirmation");
    let body = json!({"servers": [{"id": id}], "confirm_references": ["${env:SOME_VARIABLE}"]});
    assert_eq!(proxy.send("POST", "/api/v1/import", &body)["servers"][0]["added"], true);
}

#[test]
fn a_key_is_shown_once_and_opens_nothing_after_it_was_revoked() {
    let proxy = start(&[]);
    let key = object(&proxy, &["keys", "add", "my-script"])["key"].as_str().unwrap().to_owned();
    assert_eq!(hello(&proxy, &key), 200);
    let list = object(&proxy, &["keys", "list"]);
    assert!(!list.to_string().contains(&key) && list["keys"][0]["seen_at"].is_string(), "{list}");
    run(&proxy, &["keys", "revoke", "my-script", "--yes"]);
    assert_eq!(hello(&proxy, &key), 401);
    let again = process::output(&mut proxy.setup.command(&["keys", "revoke", "my-script", "--yes"]));
    assert_eq!(again.status.code(), Some(1));
}
