//! Servers in a real engine, from the file to the call and back.
#![cfg(unix)]

mod common;

use common::{Home, containers, engine, engine_is_wanted, ready, wait, whoami};
use mcpproxy_core::{Command, LogSource, Placement, ServerState};
use serde_json::{Value, json};

fn small(home: &Home, name: &str) -> Value {
    json!({"name": name, "command": "python3", "args": [home.script()], "enabled": true})
}

fn isolated(servers: &[Value]) -> Value {
    json!({"api_key": "k".repeat(64), "docker_isolation": {"enabled": true}, "mcpServers": servers})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_the_file_runs_in_a_container_and_is_called() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    let mut server = small(&home, "small");
    server["env"] = json!({"TOKEN": "tok-very-secret"});
    home.write(&isolated(&[server]));
    let core = home.start().await;
    let view = ready(&core, "small").await;
    assert_eq!(view.placement, Placement::Container);
    assert_eq!(view.image.as_deref(), Some("docker.io/library/python:3.11"), "{view:#?}");
    let said = whoami(&core, "small").await;
    assert_eq!(said["container"], true);
    assert_eq!(said["token"], "tok-very-secret");
    let inspected = engine("GET", &format!("/containers/{}/json", view.container_id.as_deref().unwrap()));
    assert!(!inspected.contains("tok-very-secret"));
    let instance = core.instance().to_owned();
    assert_eq!(containers(&instance).len(), 1);
    core.shutdown().await;
    assert_eq!(containers(&instance), Vec::<String>::new());
}
