//! The file, its edits and the commands that write it; no engine is needed, and none is found.
use mcpproxy_core::{ActivityFilter, ChangeKind, Command, LogSource, ServerState, StartError, Wait, Window};
use serde_json::{Value, json};

use crate::home::{Home, wait};

/// A home from which no engine is reached.
fn engineless() -> Home {
    let mut home = Home::new();
    home.settings.environment.push(("DOCKER_HOST".into(), "unix:///nonexistent/docker.sock".into()));
    home
}

fn config(servers: &Value) -> Value {
    json!({"api_key": "k".repeat(64), "docker_isolation": {"enabled": true}, "mcpServers": servers})
}

fn server(name: &str) -> Value {
    json!({"name": name, "command": "python3", "args": ["x.py"], "enabled": true})
}

#[tokio::test]
async fn the_first_start_writes_a_file_with_a_key_for_its_owner_only() {
    let home = engineless();
    let core = home.start().await;
    let key = core.api_key().unwrap();
    assert_eq!(key.expose().len(), 64);
    let text = std::fs::read_to_string(home.config_path()).unwrap();
    assert!(text.contains(key.expose()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&home.config_path()), 0o600);
        assert_eq!(mode(home.config_path().parent().unwrap()), 0o700);
    }
    core.shutdown().await;
}

#[tokio::test]
async fn a_second_start_is_told_who_holds_the_folder() {
    let home = engineless();
    let core = home.start().await;
    core.set_address("127.0.0.1:1234".parse().unwrap());
    let Err(error) = mcpproxy_core::start(home.settings.clone()).await else { panic!("two hold one folder") };
    assert_eq!((error.code(), error.exit_code()), ("already_running", 3));
    let StartError::Locked { holder, .. } = &error else { panic!("{error}") };
    assert_eq!((holder.pid, holder.address.as_deref()), (std::process::id(), Some("127.0.0.1:1234")));
    core.shutdown().await;
    home.start().await.shutdown().await;
}

#[tokio::test]
async fn a_broken_file_stops_a_start_with_its_line() {
    let home = engineless();
    home.write(&config(&json!([])));
    std::fs::write(home.config_path(), "{\n  \"listen\": \"127.0.0.1:1\"\n  \"mcpServers\": []\n}\n")
        .unwrap();
    let Err(error) = mcpproxy_core::open(home.settings.clone()).await else {
        panic!("a broken file was taken")
    };
    assert_eq!(error.exit_code(), 4);
    assert!(error.to_string().contains("line 2, column"), "{error}");
}

#[tokio::test]
async fn a_file_broken_while_running_changes_nothing_and_is_reported() {
    let home = engineless();
    home.write(&config(&json!([server("a")])));
    let core = home.start().await;
    wait(&core, "a", |snapshot| snapshot.servers.contains_key("a")).await;
    std::fs::write(home.config_path(), "{\n  \"mcpServers\": [}\n").unwrap();
    let snapshot = wait(&core, "the report", |snapshot| snapshot.file.problem.is_some()).await;
    let problem = snapshot.file.problem.clone().unwrap();
    assert_eq!(problem.line, Some(2), "{problem:?}");
    assert!(snapshot.servers.contains_key("a"));
    let error = core.command(Command::Enable { name: "a".into(), on: false }).await.unwrap_err();
    assert_eq!(error.code(), "config_file_broken");
    home.write(&config(&json!([server("b")])));
    let healed = wait(&core, "the mended file", |snapshot| snapshot.servers.contains_key("b")).await;
    assert!(healed.file.problem.is_none() && !healed.servers.contains_key("a"));
    core.shutdown().await;
}

#[tokio::test]
async fn a_server_that_shall_be_isolated_waits_and_never_runs_on_the_host() {
    let home = engineless();
    let proof = home.folder.path().join("ran-on-the-host");
    let command = json!({"name": "a", "command": "touch", "args": [&proof], "enabled": true});
    home.write(&config(&json!([command])));
    let core = home.start().await;
    wait(&core, "waiting", |snapshot| {
        let waits = snapshot.servers.get("a").is_some_and(|a| a.state == ServerState::Waiting(Wait::Engine));
        waits && snapshot.engine.checked_at.is_some() && !snapshot.engine.available
    })
    .await;
    core.command(Command::Restart { name: "a".into() }).await.unwrap();
    core.command(Command::CheckEngine).await.unwrap();
    assert!(core.doctor().iter().any(|finding| finding.code == core.snapshot().engine.code));
    core.shutdown().await;
    assert!(!proof.exists());
}

#[tokio::test]
async fn commands_write_the_file_and_a_removal_can_be_undone() {
    let home = engineless();
    let mut noted = server("a");
    noted["note"] = json!("kept");
    home.write(&config(&json!([noted])));
    let core = home.start().await;
    let added =
        core.command(Command::Add { server: json!({"name": "b", "command": "uvx", "args": ["t"]}) }).await;
    assert_eq!(added.unwrap().affected, ["b"]);
    let removed = core.command(Command::Remove { name: "a".into() }).await.unwrap();
    assert!(!core.snapshot().servers.contains_key("a"));
    let undo = removed.undo.unwrap();
    assert_eq!(undo["note"], "kept");
    core.command(Command::Add { server: undo }).await.unwrap();
    let text = std::fs::read_to_string(home.config_path()).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["mcpServers"].as_array().unwrap().len(), 2);
    assert_eq!(file["mcpServers"][1]["note"], "kept");
    let error = core.command(Command::Remove { name: "zzz".into() }).await.unwrap_err();
    assert_eq!(error.code(), "unknown_server");
    core.shutdown().await;
    assert_eq!(core.command(Command::Reload).await.unwrap_err().code(), "shutting_down");
}

#[tokio::test]
async fn changes_name_what_happened_since_a_revision() {
    let home = engineless();
    home.write(&config(&json!([server("a")])));
    let core = home.start().await;
    let mark = wait(&core, "a", |snapshot| snapshot.servers.contains_key("a")).await.revision;
    core.command(Command::Enable { name: "a".into(), on: false }).await.unwrap();
    wait(&core, "a off", |snapshot| snapshot.servers["a"].state == ServerState::Disabled).await;
    let changes = core.changes(mark).unwrap();
    assert!(
        changes.iter().any(|change| change.kind == ChangeKind::State && change.servers == ["a"]),
        "{changes:?}"
    );
    core.shutdown().await;
}

#[tokio::test]
async fn an_ignored_wish_for_isolation_is_said_once_in_the_main_log_with_its_fields() {
    let home = engineless();
    let mut server = server("a");
    server["isolation"] = json!({"enabled": true});
    server["enabled"] = json!(false);
    let mut config = config(&json!([server]));
    config["docker_isolation"]["enabled"] = json!(false);
    home.write(&config);
    let opened = mcpproxy_core::open(home.settings.clone()).await.unwrap();
    let _guard = tracing::subscriber::set_default(opened.logs().subscriber());
    let core = opened.run().await;
    let seen = wait(&core, "a", |snapshot| snapshot.servers.contains_key("a")).await;
    assert!(seen.servers["a"].isolation_ignored);
    core.command(Command::Reload).await.unwrap();
    core.shutdown().await;
    let log = home.log(&LogSource::Main);
    let phrase = "per-server docker isolation opt-in ignored: global docker_isolation.enabled is false";
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(phrase)).collect();
    assert_eq!(lines.len(), 1, "{log}");
    let columns: Vec<&str> = lines[0].splitn(5, " | ").collect();
    assert_eq!((columns[1], columns[3]), ("WARN", phrase));
    assert!(columns[4].starts_with("{\"server\":\"a\",\"hint\":"), "{}", columns[4]);
    assert_eq!(home.log(&LogSource::Server("a".into())).matches(phrase).count(), 1);
}

/// Servers on this computer need no engine.
fn on_host(servers: &Value) -> Value {
    let mut config = config(servers);
    config["docker_isolation"]["enabled"] = json!(false);
    config
}

#[tokio::test]
async fn a_server_on_this_computer_is_called_with_its_environment_and_ends_with_us() {
    let mut home = engineless();
    home.settings.environment.push(("UNLISTED".into(), "not for servers".into()));
    home.settings.environment.push(("GIVEN".into(), "tok-from-environment".into()));
    let mut server = json!({"name": "s", "command": "python3", "args": [home.script()], "enabled": true});
    server["env"] = json!({"TOKEN": "${env:GIVEN}"});
    home.write(&on_host(&json!([server])));
    let core = home.start().await;
    let view = crate::home::ready(&core, "s").await;
    assert_eq!(
        (view.placement, view.tools, view.runtime.as_str()),
        (mcpproxy_core::Placement::Host, 1, "python3")
    );
    let said = crate::home::whoami(&core, "s").await;
    assert_eq!(
        (said["container"].as_bool(), said["token"].as_str()),
        (Some(false), Some("tok-from-environment"))
    );
    let process = std::path::PathBuf::from(format!("/proc/{}", said["pid"]));
    core.shutdown().await;
    assert!(!process.exists());
}

#[tokio::test]
async fn a_server_that_ends_at_once_says_its_last_words_and_is_tried_again() {
    let home = engineless();
    let script = "import sys; print('No module named zod', file=sys.stderr); sys.exit(3)";
    home.write(&on_host(
        &json!([{"name": "s", "command": "python3", "args": ["-c", script], "enabled": true}]),
    ));
    let core = home.start().await;
    let snapshot = wait(&core, "a second failure", |snapshot| {
        snapshot
            .servers
            .get("s")
            .is_some_and(|s| s.starts >= 2 && matches!(s.state, ServerState::Backoff { .. }))
    })
    .await;
    let server = &snapshot.servers["s"];
    let failure = server.failure.clone().unwrap();
    assert_eq!(failure.code, "exit_before_initialize");
    assert_eq!(failure.stderr, ["No module named zod"]);
    assert!(failure.sentence().contains("exit code 3") && failure.sentence().contains("zod"), "{failure:?}");
    assert_eq!(server.last_exit.as_ref().unwrap().code, Some(3));
    core.shutdown().await;
}

#[tokio::test]
async fn a_command_that_is_not_there_waits_for_a_change() {
    let home = engineless();
    home.write(&on_host(&json!([{"name": "s", "command": "no-such-program", "enabled": true}])));
    let core = home.start().await;
    let failed = |snapshot: &mcpproxy_core::Snapshot| {
        snapshot.servers.get("s").is_some_and(|s| s.state == ServerState::Failed)
    };
    let failure = wait(&core, "failed", failed).await.servers["s"].failure.clone().unwrap();
    assert_eq!(failure.code, "command_not_found");
    assert!(failure.sentence().contains("no-such-program"), "{}", failure.sentence());
    let patch = json!({"command": "python3", "args": [home.script()]});
    core.command(Command::Change { name: "s".into(), patch }).await.unwrap();
    crate::home::ready(&core, "s").await;
    core.shutdown().await;
}

#[tokio::test]
async fn a_silent_server_is_given_up_after_its_time_and_one_that_chatters_is_told_apart() {
    let home = engineless();
    let silent = "import time; time.sleep(60)";
    let chatty = "print('Server listening on port 3000', flush=True); import time; time.sleep(60)";
    let entry = |name: &str, script: &str| json!({"name": name, "command": "python3", "args": ["-c", script], "init_timeout": "1s", "enabled": true});
    home.write(&on_host(&json!([entry("silent", silent), entry("chatty", chatty)])));
    let core = home.start().await;
    let failed = |name: &'static str| {
        move |snapshot: &mcpproxy_core::Snapshot| {
            snapshot
                .servers
                .get(name)
                .is_some_and(|server| matches!(server.state, ServerState::Backoff { .. }))
        }
    };
    let snapshot = wait(&core, "silent given up", failed("silent")).await;
    assert_eq!(snapshot.servers["silent"].failure.as_ref().unwrap().code, "initialize_timeout");
    let snapshot = wait(&core, "chatty given up", failed("chatty")).await;
    let failure = snapshot.servers["chatty"].failure.clone().unwrap();
    assert_eq!(failure.code, "not_mcp");
    assert!(failure.sentence().contains("Server listening on port 3000"), "{}", failure.sentence());
    core.shutdown().await;
}

#[tokio::test]
async fn a_touch_tries_again_what_waits_for_a_change() {
    let home = engineless();
    home.write(&on_host(
        &json!([{"name": "s", "command": home.folder.path().join("later"), "enabled": true}]),
    ));
    let core = home.start().await;
    wait(&core, "failed", |snapshot| {
        snapshot.servers.get("s").is_some_and(|s| s.state == ServerState::Failed)
    })
    .await;
    let later = home.folder.path().join("later");
    std::fs::write(&later, format!("#!/bin/sh\nexec python3 {}\n", home.script().display())).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&later, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let file = std::fs::File::options().write(true).open(home.config_path()).unwrap();
    file.set_modified(std::time::SystemTime::now()).unwrap();
    crate::home::ready(&core, "s").await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_recorded_though_nobody_waits_for_its_answer_any_more() {
    let home = engineless();
    home.write(&config(&json!([server("small")])));
    let core = home.start().await;
    tokio::select! {
        biased;
        _ = core.command(Command::Enable { name: "small".into(), on: false }) => panic!("answered at once"),
        () = std::future::ready(()) => {}
    }
    wait(&core, "off", |snapshot| snapshot.servers["small"].state == ServerState::Disabled).await;
    let filter = ActivityFilter { kinds: vec!["config_change".to_owned()], ..ActivityFilter::default() };
    // The steward records right after it has carried out; a later command is behind both.
    core.command(Command::Reload).await.unwrap();
    let page = core.activity().page(filter, Window { limit: 10, ..Window::default() }).await.unwrap();
    assert_eq!(page.records.len(), 1, "{page:?}");
    core.shutdown().await;
}
