//! Pausing everything, with real containers and processes.

use std::time::Duration;

use mcpproxy_core::{Command, ServerState, Wish};
use serde_json::{Value, json};

use crate::home::{Home, containers, engine, engine_is_wanted, ready, wait, whoami};

fn small(home: &Home, name: &str) -> Value {
    json!({"name": name, "command": "python3", "args": [home.script()], "enabled": true})
}

fn config(servers: &[Value]) -> Value {
    json!({"api_key": "k".repeat(64), "docker_isolation": {"enabled": true}, "mcpServers": servers})
}

fn on_the_host(home: &Home, name: &str) -> Value {
    let mut server = small(home, name);
    server["isolation"] = json!({"enabled": false});
    server
}

fn is_paused(id: &str) -> bool {
    engine("GET", &format!("/containers/{id}/json")).contains("\"Paused\":true")
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = tokio::time::Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(tokio::time::Instant::now() < limit, "{what} never came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_freezes_containers_and_processes_and_keeps_their_memory() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&config(&[small(&home, "inside"), on_the_host(&home, "outside")]));
    let core = home.start().await;
    let inside = ready(&core, "inside").await;
    ready(&core, "outside").await;
    let before =
        [whoami(&core, "inside").await["calls"].clone(), whoami(&core, "outside").await["pid"].clone()];
    let id = inside.container_id.clone().unwrap();
    core.command(Command::Pause).await.unwrap();
    let refused = core.gateway().call_tool("inside", "whoami", None).await.unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), ("paused", "MCPProxy is paused by the user."));
    wait(&core, "settled", |snapshot| snapshot.paused.is_some_and(|paused| paused.settled)).await;
    until("the frozen container", || is_paused(&id)).await;
    assert!(!core.gateway().tools().is_empty(), "clients still see the tools");
    assert_eq!(core.snapshot().servers["inside"].state, ServerState::Ready);
    core.command(Command::Resume).await.unwrap();
    until("the thawed container", || !is_paused(&id)).await;
    let after =
        [whoami(&core, "inside").await["calls"].clone(), whoami(&core, "outside").await["pid"].clone()];
    assert_eq!(before[1], after[1], "the same process");
    assert_eq!(before[0].as_u64().unwrap() + 1, after[0].as_u64().unwrap(), "its memory is as it was");
    assert_eq!(core.snapshot().servers["inside"].starts, 1);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_or_changed_in_a_pause_waits_for_its_end() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&config(&[small(&home, "old")]));
    let core = home.start().await;
    ready(&core, "old").await;
    core.command(Command::Pause).await.unwrap();
    wait(&core, "settled", |snapshot| snapshot.paused.is_some_and(|paused| paused.settled)).await;
    core.command(Command::Add { server: on_the_host(&home, "new") }).await.unwrap();
    let patch = json!({"env": {"SMALL_VERSION": "2"}});
    core.command(Command::Change { name: "old".into(), patch }).await.unwrap();
    let waits = |state: &ServerState| *state == ServerState::Waiting(mcpproxy_core::Wait::Resume);
    wait(&core, "both wait", |snapshot| snapshot.servers.values().all(|server| waits(&server.state))).await;
    assert_eq!(containers(core.instance()), Vec::<String>::new(), "nothing of the old one is left");
    core.command(Command::Resume).await.unwrap();
    assert_eq!(ready(&core, "old").await.identity.clone().unwrap().version, "2");
    ready(&core, "new").await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_program_ends_what_is_paused() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&config(&[small(&home, "inside"), on_the_host(&home, "outside")]));
    let core = home.start().await;
    let id = ready(&core, "inside").await.container_id.clone().unwrap();
    ready(&core, "outside").await;
    let pid = whoami(&core, "outside").await["pid"].as_u64().unwrap();
    core.command(Command::Pause).await.unwrap();
    until("the frozen container", || is_paused(&id)).await;
    let before = std::time::Instant::now();
    let instance = core.instance().to_owned();
    core.shutdown().await;
    assert!(before.elapsed() < Duration::from_secs(10), "{:?}", before.elapsed());
    assert_eq!(containers(&instance), Vec::<String>::new());
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_resumed_at_once_leaves_nothing_behind() {
    let home = Home::new();
    let mut only = on_the_host(&home, "only");
    only["command"] = json!("python3");
    home.write(&config(&[only]));
    let core = home.start().await;
    ready(&core, "only").await;
    for _ in 0..20 {
        core.command(Command::Pause).await.unwrap();
        assert!(core.snapshot().paused.is_some());
        core.command(Command::Resume).await.unwrap();
        assert!(core.snapshot().paused.is_none());
    }
    assert_eq!(whoami(&core, "only").await["container"], false);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_finds_a_window_only_where_one_listens() {
    let home = Home::new();
    home.write(&config(&[]));
    let core = home.start().await;
    assert_eq!(core.wish(Wish::Show).unwrap_err().code(), "no_window");
    let mut window = core.wishes();
    core.wish(Wish::OpenLogs).unwrap();
    assert_eq!(window.recv().await.unwrap(), Wish::OpenLogs);
    drop(window);
    assert!(core.wish(Wish::Hidden).is_err());
    core.shutdown().await;
}
