//! A secret's value reaches the server that needs it, and stands nowhere else.
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use mcpproxy_tests::mcp::Client;
use mcpproxy_tests::process;
use mcpproxy_tests::proxy::{Proxy, Setup};
use mcpproxy_tests::servers::{hostile, with};
use serde_json::json;

const PLAIN: &str = "plain-secret-5f1c9a7e";
const FROM_ENVIRONMENT: &str = "environment-secret-8d20b4";
const IN_ARGUMENT: &str = "argument-secret-77aa31";

fn start() -> Proxy {
    let mut entry = with(
        hostile("keeper", "good"),
        &json!({ "env": { "API_TOKEN": PLAIN, "OTHER_TOKEN": "${env:SUITES_SECRET}" } }),
    );
    entry["args"].as_array_mut().unwrap().push(json!(format!("--token={}", "${env:SUITES_ARGUMENT}")));
    let setup = Setup::new(vec![entry]);
    let proxy = setup
        .environment("SUITES_SECRET", FROM_ENVIRONMENT)
        .environment("SUITES_ARGUMENT", IN_ARGUMENT)
        .start();
    proxy.wait_until_ready("keeper");
    proxy
}

fn assert_hidden(place: &str, text: &str) {
    for secret in [PLAIN, FROM_ENVIRONMENT, IN_ARGUMENT] {
        assert!(!text.contains(secret), "{secret} stands in {place}:\n{text}");
    }
}

/// The text of all files below a folder.
fn contents(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&contents(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    text
}

#[test]
fn values_reach_the_server() {
    let proxy = start();
    let mut client = Client::open(&proxy);
    let environment = client.ask("keeper__attack", &json!({ "what": "environment" }));
    assert_eq!(environment["API_TOKEN"], PLAIN);
    assert_eq!(environment["OTHER_TOKEN"], FROM_ENVIRONMENT);
    let arguments = client.ask("keeper__attack", &json!({ "what": "arguments" }));
    assert_eq!(arguments, json!([format!("--token={IN_ARGUMENT}")]));
}

#[test]
fn values_stand_in_no_inspect_output_and_no_command_line_on_this_computer() {
    let proxy = start();
    let container = proxy.server("keeper")["container_id"].as_str().unwrap().to_owned();
    assert_hidden("docker inspect", &proxy.setup.docker.inspect(&container).unwrap().to_string());
    let command = fs::read(format!("/proc/{}/cmdline", proxy.pid())).unwrap();
    assert_hidden("the proxy's command line", &String::from_utf8_lossy(&command));
    for container in proxy.containers() {
        assert_hidden("docker inspect", &proxy.setup.docker.inspect(&container).unwrap().to_string());
    }
}

#[test]
fn values_stand_in_no_log_and_nothing_printed() {
    let proxy = start();
    let mut client = Client::open(&proxy);
    client.ask("keeper__attack", &json!({ "what": "environment" }));
    assert!(proxy.log("main.log").contains("docker_run_args"), "the line to look at is missing");
    assert_hidden("the logs", &contents(&proxy.setup.logs()));
    assert_hidden("the terminal", &proxy.output());
}

#[test]
fn values_stand_in_no_answer_of_the_api_and_in_no_event() {
    let proxy = start();
    let paths = [
        "/api/v1/status",
        "/api/v1/servers",
        "/api/v1/servers/keeper",
        "/api/v1/servers/keeper/explain",
        "/api/v1/servers/keeper/logs",
        "/api/v1/config",
        "/api/v1/tools",
        "/api/v1/diagnostics",
    ];
    for path in paths {
        assert_hidden(path, &proxy.get(path).to_string());
    }
    let mut events = proxy.request("GET", "/events").silence(Duration::from_secs(20)).send().unwrap();
    proxy.send("POST", "/api/v1/servers/keeper/restart", &json!({}));
    let mut changed = false;
    while let Ok(Some((name, data))) = events.event() {
        assert_hidden(&format!("the event {name}"), &data);
        changed |= name == "servers.changed";
        if changed && data.contains("\"ready\"") {
            break;
        }
    }
    assert!(changed, "no event told of the restart");
}

#[test]
fn values_stand_in_no_output_of_the_terminal() {
    let proxy = start();
    for arguments in
        [&["servers", "show", "keeper"][..], &["servers", "explain", "keeper"], &["status"], &["doctor"]]
    {
        let output = process::output(&mut proxy.setup.command(arguments));
        assert_hidden(&arguments.join(" "), &process::text(&output));
        assert!(!process::text(&output).is_empty(), "{arguments:?} printed nothing");
    }
}

#[test]
fn values_are_wiped_from_the_first_process_of_the_container() {
    let proxy = start();
    let container = proxy.server("keeper")["container_id"].as_str().unwrap().to_owned();
    let pid = proxy.setup.docker.inspect(&container).unwrap()["State"]["Pid"].to_string();
    // As root on the host everything can be read; what is not there cannot be found.
    let script = "import sys,re\n\
        pid,out=sys.argv[1],b''\n\
        for line in open(f'/proc/{pid}/maps'):\n\
        \x20 if ' rw' not in line or '[vvar' in line: continue\n\
        \x20 a,b=(int(x,16) for x in line.split()[0].split('-'))\n\
        \x20 f=open(f'/proc/{pid}/mem','rb'); f.seek(a)\n\
        \x20 try: out+=f.read(b-a)\n\
        \x20 except OSError: pass\n\
        sys.stdout.buffer.write(out)";
    let memory = Command::new("python3").args(["-c", script, &pid]).output().unwrap();
    assert!(memory.status.success() && memory.stdout.len() > 4096, "{}", process::text(&memory));
    assert_hidden("the memory of the first process", &String::from_utf8_lossy(&memory.stdout));
}

#[test]
fn a_missing_value_is_named_and_nothing_starts_without_it() {
    let entry =
        with(hostile("keeper", "good"), &json!({ "env": { "API_TOKEN": "${env:NOT_SET_ANYWHERE}" } }));
    let proxy = Setup::new(vec![entry]).start();
    let server =
        proxy.wait_for("keeper", "waiting for its secret", mcpproxy_tests::wait::GENEROUS, |server| {
            server["last_error"].as_str().is_some_and(|text| text.contains("NOT_SET_ANYWHERE"))
        });
    assert_eq!(server["connected"], false);
    assert!(proxy.containers().is_empty());
}
