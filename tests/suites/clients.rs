//! The official Python and TypeScript clients with real servers from npm and PyPI, all isolated.
//!
//! What a client does is a list of steps that both programs in `clients/` understand, so that one test runs both.
#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "test code")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use mcpproxy_tests::docker::Docker;
use mcpproxy_tests::proxy::{KEY, Proxy, Setup};
use mcpproxy_tests::servers::with;
use mcpproxy_tests::{process, program};
use serde_json::{Value, json};

/// Fetching packages for the first time takes a while, on a slow line longer still.
const FIRST_START: Duration = Duration::from_secs(300);

fn needed(variable: &str) -> PathBuf {
    let folder = std::env::var_os(variable);
    PathBuf::from(folder.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test clients`")))
}

fn npx(name: &str, package: &str, arguments: &[&str]) -> Value {
    let arguments = [&["-y", package][..], arguments].concat();
    json!({ "name": name, "command": "npx", "args": arguments, "enabled": true })
}

fn uvx(name: &str, package: &str, arguments: &[&str]) -> Value {
    let arguments = [&[package][..], arguments].concat();
    json!({ "name": name, "command": "uvx", "args": arguments, "enabled": true })
}

/// A proxy with this server, ready and in a container.
fn start(server: Value) -> Proxy {
    let name = server["name"].as_str().unwrap().to_owned();
    let proxy = Setup::new(vec![server]).start();
    let server = proxy.wait_for(&name, "ready", FIRST_START, |server| server["state"] == "ready");
    assert_eq!(server["placement"], "container", "{server:#}");
    assert!(proxy.setup.docker.exists(server["container_id"].as_str().unwrap()));
    proxy
}

/// Runs the steps with both clients at an endpoint.
fn run(proxy: &Proxy, path: &str, steps: &Value) {
    let url = format!("http://{}{path}", proxy.address);
    let file = proxy.setup.folder().join(format!("steps{}.json", path.replace('/', "-")));
    fs::write(&file, steps.to_string()).unwrap();
    let clients = program::folder().join("clients");
    let mut python = Command::new(needed("MCPPROXY_TEST_PYTHON").join("bin/python"));
    python.arg(clients.join("python/steps.py"));
    // A module finds its packages from its own place upwards, so it must lie beside them.
    let beside = needed("MCPPROXY_TEST_TYPESCRIPT").join(format!("steps-{}.mjs", std::process::id()));
    fs::copy(clients.join("typescript/steps.mjs"), &beside).unwrap();
    let mut typescript = Command::new(needed("MCPPROXY_TEST_NODE").join("bin/node"));
    typescript.arg(beside);
    for (name, client) in [("Python", &mut python), ("TypeScript", &mut typescript)] {
        let output = process::output(client.arg(&url).arg(KEY).arg(&file));
        println!("--- {name} at {path}\n{}", process::text(&output));
        assert!(output.status.success(), "the {name} client at {path}:\n{}", process::text(&output));
    }
}

#[test]
fn everything_calls_progress_sampling_elicitation_roots_resources_prompts() {
    let proxy = start(npx("everything", "@modelcontextprotocol/server-everything", &[]));
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["everything__echo", "everything__get-sum", "everything__trigger-sampling-request"] },
            { "call": "everything__echo", "arguments": { "message": "grüße \u{1F600} \\\" </>" }, "contains": "grüße" },
            { "call": "everything__get-sum", "arguments": { "a": 2, "b": 40 }, "contains": "42" },
            { "call": "everything__get-tiny-image", "contains": "image/png" },
            { "call": "everything__get-structured-content", "arguments": { "location": "Chicago" }, "structured": ["temperature"] },
            { "call": "everything__trigger-long-running-operation", "arguments": { "duration": 1, "steps": 4 }, "progress": 4, "contains": "completed" },
            { "call": "everything__trigger-sampling-request", "arguments": { "prompt": "say it", "maxTokens": 20 }, "contains": ["sampled here", "say it", "suites-model"] },
            { "call": "everything__trigger-elicitation-request", "contains": "Suites Tester" },
            { "cancel": "everything__trigger-long-running-operation", "arguments": { "duration": 20, "steps": 20 } },
            { "call": "everything__echo", "arguments": { "message": "after the cancelled one" }, "contains": "after the cancelled one" },
            { "call": "everything__get-sum", "arguments": { "a": "two" }, "is_error": true },
        ]),
    );
    run(
        &proxy,
        "/mcp/servers/everything",
        &json!([
            { "tools": ["echo", "get-sum"] },
            { "call": "get-roots-list", "contains": "suites" },
            { "read": "demo://resource/dynamic/text/1", "contains": "1" },
            { "prompt": "simple-prompt", "contains": "simple prompt" },
            { "prompt": "args-prompt", "arguments": { "city": "Lisbon" }, "contains": "Lisbon" },
            { "complete": "completable-prompt", "argument": { "name": "department", "value": "Eng" }, "contains": "Engineering" },
            { "level": "debug" },
            { "subscribe": "demo://resource/dynamic/text/2" },
            { "call": "toggle-subscriber-updates", "notification": "notifications/resources/updated" },
            { "call": "toggle-simulated-logging", "notification": "notifications/message" },
            { "call": "toggle-simulated-logging" },
            { "call": "toggle-subscriber-updates" },
        ]),
    );
}

#[test]
fn filesystem_sees_the_folder_it_is_given_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("note.txt"), "written outside").unwrap();
    let volumes = json!({ "isolation": { "volumes": [format!("{}:/folder:rw", folder.path().display())] } });
    let proxy =
        start(with(npx("filesystem", "@modelcontextprotocol/server-filesystem", &["/folder"]), &volumes));
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["filesystem__read_text_file", "filesystem__write_file", "filesystem__list_directory"] },
            { "call": "filesystem__read_text_file", "arguments": { "path": "/folder/note.txt" }, "contains": "written outside" },
            { "call": "filesystem__write_file", "arguments": { "path": "/folder/answer.txt", "content": "written inside" } },
            { "call": "filesystem__list_directory", "arguments": { "path": "/folder" }, "contains": "answer.txt" },
            { "call": "filesystem__read_text_file", "arguments": { "path": "/etc/passwd" }, "is_error": true },
        ]),
    );
    assert_eq!(fs::read_to_string(folder.path().join("answer.txt")).unwrap(), "written inside");
}

#[test]
fn memory_remembers_within_its_life() {
    let proxy = start(npx("memory", "@modelcontextprotocol/server-memory", &[]));
    let lisbon =
        json!({ "entities": [{ "name": "Lisbon", "entityType": "city", "observations": ["has hills"] }] });
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["memory__create_entities", "memory__read_graph"] },
            { "call": "memory__create_entities", "arguments": lisbon },
            { "call": "memory__search_nodes", "arguments": { "query": "hills" }, "contains": "Lisbon" },
            { "call": "memory__read_graph", "contains": "has hills" },
        ]),
    );
}

#[test]
fn sequential_thinking_thinks() {
    let proxy = start(npx("thinking", "@modelcontextprotocol/server-sequential-thinking", &[]));
    let thought =
        json!({ "thought": "first", "nextThoughtNeeded": true, "thoughtNumber": 1, "totalThoughts": 2 });
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["thinking__sequentialthinking"] },
            { "call": "thinking__sequentialthinking", "arguments": thought, "contains": "thoughtNumber" },
        ]),
    );
}

#[test]
fn time_runs_by_uvx_and_starts_again_without_the_index() {
    let mut proxy = start(uvx("time", "mcp-server-time", &["--local-timezone", "Europe/Lisbon"]));
    let convert =
        json!({ "source_timezone": "Europe/Lisbon", "time": "12:00", "target_timezone": "Asia/Tokyo" });
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["time__get_current_time", "time__convert_time"] },
            { "call": "time__convert_time", "arguments": convert, "contains": "Asia/Tokyo" },
            { "call": "time__get_current_time", "arguments": { "timezone": "No/Where" }, "is_error": true },
        ]),
    );
    assert!(proxy.stop("TERM").success());
    // Without a network nothing could be fetched again.
    proxy.setup.config["mcpServers"][0]["isolation"] = json!({ "network_mode": "none" });
    proxy.setup.write();
    let before = installations(&proxy);
    proxy.launch();
    assert_eq!(proxy.wait_until_ready("time")["tool_count"], 2);
    assert_eq!(installations(&proxy), before, "it was installed a second time");
}

/// Lines of the log that tell of an installation.
fn installations(proxy: &Proxy) -> usize {
    proxy.log("main.log").matches("mcp-server-time==").count()
}

#[test]
fn git_reads_the_repository_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Suites", "-c", "user.email=suites@example.org"];
        process::checked(Command::new("git").args(identity).args(arguments).current_dir(folder.path()))
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    fs::write(folder.path().join("file.txt"), "one\n").unwrap();
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=a commit to be found"]);
    fs::write(folder.path().join("file.txt"), "two\n").unwrap();
    let volumes = json!({ "isolation": { "volumes": [format!("{}:/repo", folder.path().display())] } });
    let proxy = start(with(uvx("git", "mcp-server-git", &["--repository", "/repo"]), &volumes));
    run(
        &proxy,
        "/mcp",
        &json!([
            { "tools": ["git__git_log", "git__git_diff_unstaged"] },
            { "call": "git__git_log", "arguments": { "repo_path": "/repo" }, "contains": "a commit to be found" },
            { "call": "git__git_diff_unstaged", "arguments": { "repo_path": "/repo" }, "contains": "+two" },
        ]),
    );
}

#[test]
fn fetch_reads_a_page_of_another_container() {
    let docker = Docker::default();
    let page = "import http.server as h\n\
        class P(h.BaseHTTPRequestHandler):\n\
        \x20 def do_GET(self):\n\
        \x20  ok=self.path=='/page'; self.send_response(200 if ok else 404)\n\
        \x20  self.send_header('Content-Type','text/plain'); self.end_headers()\n\
        \x20  self.wfile.write(b'a page of the suites' if ok else b'')\n\
        h.HTTPServer(('0.0.0.0',8000),P).serve_forever()";
    let container = docker.run(&["run", "--detach", "--rm", "python:3.11", "python3", "-c", page]);
    let address =
        docker.inspect(&container).unwrap()["NetworkSettings"]["IPAddress"].as_str().unwrap().to_owned();
    let proxy = start(uvx("fetch", "mcp-server-fetch", &["--allow-private-ips"]));
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        run(
            &proxy,
            "/mcp",
            &json!([
                { "tools": ["fetch__fetch"] },
                { "call": "fetch__fetch", "arguments": { "url": format!("http://{address}:8000/page") }, "contains": "a page of the suites" },
            ]),
        );
    }));
    docker.run(&["rm", "--force", &container]);
    outcome.unwrap();
}
