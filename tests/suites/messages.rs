//! What a person reads, and which code a script gets, when something is missing or wrong.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use mcpproxy_tests::process;
use mcpproxy_tests::proxy::{Setup, free_port};
use mcpproxy_tests::servers::{small, with};
use mcpproxy_tests::wait::{GENEROUS, until};
use serde_json::{Value, json};

/// Runs `serve` to its end.
fn serve(setup: &Setup, listen: &str) -> Output {
    let mut command = setup.command(&["serve", "--listen", listen]);
    command.arg("--log-dir").arg(setup.logs());
    let output = process::output(
        Command::new("timeout").arg("30").arg(command.get_program()).args(command.get_args()),
    );
    assert_ne!(output.status.code(), Some(124), "it went on running:\n{}", process::text(&output));
    output
}

fn loopback() -> String {
    format!("127.0.0.1:{}", free_port())
}

/// Everything that the API says about a failed server, as one text.
fn told(server: &Value) -> String {
    format!("{} {} {}", server["last_error"], server["state_text"], server["diagnostic"])
}

#[test]
fn a_broken_file_ends_the_start_with_4_and_its_place() {
    let setup = Setup::new(vec![]);
    setup.write_text("{\n  \"listen\": \"127.0.0.1:0\",\n  \"mcpServers\": [ { \"name\": } ]\n}\n");
    let output = serve(&setup, &loopback());
    assert_eq!(output.status.code(), Some(4), "{}", process::text(&output));
    let text = process::text(&output);
    assert!(text.contains("mcp_config.json") && text.contains("line 3") && text.contains("column"), "{text}");
}

#[test]
fn a_value_that_cannot_be_is_named_with_what_was_expected() {
    let setup = Setup::new(vec![]).set(&["docker_isolation", "memory_limit"], json!("512 megabytes"));
    setup.write();
    let output = serve(&setup, &loopback());
    assert_eq!(output.status.code(), Some(4), "{}", process::text(&output));
    let text = process::text(&output);
    assert!(
        text.contains("memory_limit") && text.contains("512 megabytes") && text.contains("512m"),
        "{text}"
    );
}

#[test]
fn config_check_tells_the_same_without_starting_anything() {
    let setup = Setup::new(vec![]);
    setup.write_text("{\n  \"mcpServers\": [\n}\n");
    let output = process::output(&mut setup.command(&["config", "check"]));
    assert_eq!(output.status.code(), Some(1), "{}", process::text(&output));
    assert!(process::text(&output).contains("line 3"), "{}", process::text(&output));
    setup.write();
    let output = process::output(&mut setup.command(&["config", "check"]));
    assert!(output.status.success(), "{}", process::text(&output));
}

#[test]
fn a_busy_port_ends_the_start_with_2_and_says_so() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let setup = Setup::new(vec![]);
    setup.write();
    let output = serve(&setup, &address);
    assert_eq!(output.status.code(), Some(2), "{}", process::text(&output));
    let port = holder.local_addr().unwrap().port().to_string();
    assert!(process::text(&output).contains(&port), "{}", process::text(&output));
}

#[test]
fn a_second_start_in_the_same_folder_ends_with_3_and_leaves_the_first_alone() {
    let proxy = Setup::new(vec![]).start();
    let output = serve(&proxy.setup, &loopback());
    assert_eq!(output.status.code(), Some(3), "{}", process::text(&output));
    assert!(process::text(&output).contains("already runs"), "{}", process::text(&output));
    assert_eq!(proxy.get("/api/v1/status")["running"], true);
}

#[test]
fn a_data_folder_that_others_may_enter_ends_the_start_with_5_and_the_command_that_mends_it() {
    let setup = Setup::new(vec![]);
    setup.write();
    fs::set_permissions(setup.data(), fs::Permissions::from_mode(0o755)).unwrap();
    let output = serve(&setup, &loopback());
    assert_eq!(output.status.code(), Some(5), "{}", process::text(&output));
    assert!(process::text(&output).contains("chmod 700"), "{}", process::text(&output));
}

#[test]
fn an_image_that_does_not_exist_is_named_and_not_tried_for_ever() {
    let registry = mcpproxy_tests::registry::Registry::start(1 << 30, false);
    let image = format!("127.0.0.1:{}/no/such:image", registry.throttle.port);
    let entry = with(small("bare"), &json!({ "isolation": { "image": image } }));
    let proxy = Setup::new(vec![entry]).start();
    let server = proxy.wait_for("bare", "failed", GENEROUS, |server| server["state"] == "failed");
    assert!(told(&server).contains(&image), "{server:#}");
    assert!(server["retry_at"].is_null(), "{server:#}");
}

#[test]
fn a_registry_that_does_not_answer_is_named_and_tried_again() {
    let port = free_port();
    let image = format!("127.0.0.1:{port}/team/tool:1");
    let entry = with(small("far"), &json!({ "isolation": { "image": image } }));
    let proxy = Setup::new(vec![entry]).start();
    let server = proxy.wait_for("far", "waiting for its next try", GENEROUS * 3, |server| {
        server["last_error"].as_str().is_some_and(|text| !text.is_empty())
    });
    assert!(told(&server).contains(&format!("127.0.0.1:{port}")), "{server:#}");
}

#[test]
fn without_an_engine_servers_wait_and_say_for_what() {
    let setup = Setup::new(vec![small("waiting")]);
    let nowhere = format!("unix://{}/no.sock", setup.folder().display());
    let proxy = setup.environment("DOCKER_HOST", &nowhere).start();
    let server =
        proxy.wait_for("waiting", "waiting for the engine", GENEROUS, |server| server["state"] == "waiting");
    assert!(told(&server).to_lowercase().contains("docker"), "{server:#}");
    let engine = proxy.get("/api/v1/docker/status");
    assert_eq!(engine["available"], false);
    assert!(engine["summary"].as_str().is_some_and(|text| text.len() > 10), "{engine:#}");
}

#[test]
fn a_socket_that_the_user_may_not_use_is_told_with_the_way_out() {
    let setup = Setup::new(vec![small("waiting")]).set(&["listen"], json!(loopback()));
    setup.write();
    for path in [setup.folder().to_owned(), setup.data(), setup.file()] {
        process::checked(Command::new("chown").arg("mcpproxy-test").arg(path));
    }
    // The program and its folder are copied to where the ordinary user may go.
    let program = setup.folder().join("mcpproxy");
    fs::copy(mcpproxy_tests::program::mcpproxy(), &program).unwrap();
    let address = setup.config["listen"].as_str().unwrap().to_owned();
    let mut serve = Command::new("setpriv");
    serve
        .args(["--reuid", "mcpproxy-test", "--regid", "mcpproxy-test", "--clear-groups"])
        .arg(program)
        .arg("serve")
        .arg("--config")
        .arg(setup.file());
    serve.arg("--data-dir").arg(setup.data()).arg("--log-dir").arg(setup.data().join("logs"));
    let _running = process::Running(serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let engine = until("the state of the engine", GENEROUS, || {
        let request = mcpproxy_tests::http::Request::new(&address, "GET", "/api/v1/docker/status");
        let answer = request
            .header("X-API-Key", mcpproxy_tests::proxy::KEY)
            .send()
            .map_err(|error| error.to_string())?;
        let engine = answer.value().map_err(|error| error.to_string())?["data"].take();
        if engine["state"].as_str().is_some_and(|state| state.ends_with("no_permission")) {
            Ok(engine)
        } else {
            Err(engine.to_string())
        }
    });
    let summary = engine["summary"].as_str().unwrap();
    assert!(summary.contains("may not use"), "{engine:#}");
    assert!(!engine["action"].as_str().unwrap().is_empty(), "{engine:#}");
}

#[test]
fn a_program_that_the_image_lacks_is_named() {
    let entry = json!({ "name": "lost", "command": "/no/such/program", "enabled": true });
    let proxy = Setup::new(vec![entry]).start();
    let server = proxy.wait_for("lost", "failed", GENEROUS, |server| {
        server["connected"] == false && server["last_error"].as_str().is_some_and(|text| !text.is_empty())
    });
    assert!(told(&server).contains("/no/such/program"), "{server:#}");
}

#[test]
fn the_terminal_says_when_nothing_runs() {
    let setup = Setup::new(vec![]);
    setup.write();
    let output = process::output(&mut setup.command(&["servers", "restart", "any"]));
    assert_eq!(output.status.code(), Some(3), "{}", process::text(&output));
    assert!(process::text(&output).contains("serve"), "{}", process::text(&output));
}

#[test]
fn a_wrong_key_is_401_and_a_foreign_origin_403_everywhere() {
    let proxy = Setup::new(vec![]).start();
    for path in ["/api/v1/status", "/mcp", "/events"] {
        let method = if path == "/mcp" { "POST" } else { "GET" };
        let request = mcpproxy_tests::http::Request::new(&proxy.address, method, path).json(&json!({}));
        let answer = request.header("X-API-Key", "wrong").send().unwrap();
        assert_eq!(answer.status, 401, "{path}");
        let answer = proxy
            .request(method, path)
            .header("Origin", "https://evil.example")
            .json(&json!({}))
            .send()
            .unwrap();
        assert_eq!(answer.status, 403, "{path} with a foreign origin");
        let answer =
            proxy.request(method, path).header("Host", "evil.example").json(&json!({})).send().unwrap();
        assert_eq!(answer.status, 403, "{path} with a foreign host");
    }
}

#[test]
fn the_phrases_that_guides_tell_to_look_for_stand_in_the_logs() {
    let proxy = Setup::new(vec![small("phrases")]).start();
    proxy.wait_until_ready("phrases");
    let server = proxy.log("server-phrases.log");
    let main = proxy.log("main.log");
    for phrase in ["Docker isolation enabled for server: phrases", "Docker isolation setup successful"] {
        assert!(server.contains(phrase) && main.contains(phrase), "{phrase} is missing\n{server}\n{main}");
    }
    assert!(main.contains("docker_run_args") && main.contains("\"run\",\"-i\",\"--rm\""), "{main}");
}
