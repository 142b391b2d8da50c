//! Servers in a real engine, from the file to the call and back.

use crate::home::{Home, containers, engine, engine_is_wanted, ready, wait, whoami};
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

#[tokio::test(flavor = "multi_thread")]
async fn switching_isolation_moves_one_server_and_touches_nobody_else() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&isolated(&[small(&home, "one"), small(&home, "two")]));
    let core = home.start().await;
    let before = ready(&core, "two").await;
    ready(&core, "one").await;
    core.command(Command::Isolate { name: "one".into(), on: false }).await.unwrap();
    wait(&core, "one on the host", |snapshot| {
        let one = &snapshot.servers["one"];
        one.placement == Placement::Host && one.state == ServerState::Ready
    })
    .await;
    assert_eq!(whoami(&core, "one").await["container"], false);
    let after = core.snapshot().servers["two"].clone();
    assert_eq!((after.starts, &after.container_id), (1, &before.container_id));
    let written = std::fs::read_to_string(home.config_path()).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&written).unwrap()["mcpServers"][0]["isolation"]["enabled"],
        false
    );
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_container_is_missed_and_replaced() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&isolated(&[small(&home, "small")]));
    let core = home.start().await;
    let first = ready(&core, "small").await.container_id.clone().unwrap();
    engine("POST", &format!("/containers/{first}/kill"));
    let waiting = wait(&core, "backoff", |snapshot| {
        matches!(snapshot.servers["small"].state, ServerState::Backoff { .. })
    })
    .await;
    let view = &waiting.servers["small"];
    assert!(view.retry_at().is_some() && view.failure.is_some(), "{view:#?}");
    assert!(view.failure.as_ref().unwrap().stderr.iter().any(|line| line == "ready to serve"), "{view:#?}");
    let again = ready(&core, "small").await;
    assert_ne!(again.container_id.as_deref(), Some(first.as_str()));
    assert_eq!(again.starts, 2);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_file_restarts_only_what_it_changed() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&isolated(&[small(&home, "kept"), small(&home, "changed"), small(&home, "removed")]));
    let core = home.start().await;
    for name in ["kept", "changed", "removed"] {
        ready(&core, name).await;
    }
    let mut changed = small(&home, "changed");
    changed["env"] = json!({"SMALL_VERSION": "2"});
    home.write(&isolated(&[small(&home, "kept"), changed, small(&home, "added")]));
    wait(&core, "the new version", |snapshot| {
        let version = snapshot.servers.get("changed").and_then(|server| server.identity.clone());
        version.is_some_and(|identity| identity.version == "2")
    })
    .await;
    ready(&core, "added").await;
    let snapshot = core.snapshot();
    assert_eq!(snapshot.servers.keys().collect::<Vec<_>>(), ["kept", "changed", "added"]);
    assert_eq!(snapshot.servers["kept"].starts, 1);
    assert_eq!(snapshot.servers["changed"].starts, 2);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_of_an_earlier_run_are_removed_before_anything_starts() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    home.write(&isolated(&[small(&home, "small")]));
    let first = home.start().await;
    let instance = first.instance().to_owned();
    ready(&first, "small").await;
    first.shutdown().await;
    let label = format!("{{\"com.mcpproxy.instance\":\"{instance}\"}}");
    crate::home::create(&format!("{{\"Image\":\"alpine:3.18\",\"Labels\":{label}}}"));
    let foreign =
        crate::home::create("{\"Image\":\"alpine:3.18\",\"Labels\":{\"com.mcpproxy.managed\":\"true\"}}");
    assert_eq!(containers(&instance).len(), 1);
    let second = home.start().await;
    let view = ready(&second, "small").await;
    assert_eq!(containers(&instance), [view.container_id.clone().unwrap()]);
    assert!(engine("GET", &format!("/containers/{foreign}/json")).contains(" 200 "));
    engine("DELETE", &format!("/containers/{foreign}?force=1"));
    second.shutdown().await;
}

#[tokio::test]
async fn the_logs_hold_the_documented_phrases_and_no_secret() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    let mut server = small(&home, "small");
    server["env"] = json!({"TOKEN": "tok-very-secret"});
    home.write(&isolated(&[server]));
    let opened = mcpproxy_core::open(home.settings.clone()).await.unwrap();
    let _guard = tracing::subscriber::set_default(opened.logs().subscriber());
    let mut lines = opened.logs().follow(LogSource::Server("small".into()));
    let core = opened.run().await;
    ready(&core, "small").await;
    let said = async {
        // What a server says beside the protocol is written behind what it answers.
        while let Some(line) = lines.next().await {
            if line.fields.get("stderr").is_some_and(|text| text == "ready to serve") {
                return;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), said).await.unwrap();
    core.shutdown().await;
    for source in [LogSource::Main, LogSource::Server("small".into())] {
        let log = home.log(&source);
        for phrase in [
            "Docker isolation enabled for server: small",
            "Docker isolation setup successful",
            "\"docker_run_args\":[\"run\",\"-i\",\"--rm\"",
            "TOKEN=***",
            "stderr output",
        ] {
            assert!(log.contains(phrase), "{phrase} is missing in {source:?}:\n{log}");
        }
        assert!(!log.contains("tok-very-secret"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_container_of_a_servers_own_command_is_known_by_its_id_while_it_runs() {
    if !engine_is_wanted() {
        return;
    }
    let home = Home::new();
    let script = format!("{}:/small.py:ro", home.script().display());
    home.write(&isolated(&[json!({
        "name": "own", "command": "docker", "enabled": true,
        "args": ["run", "-i", "--rm", "-v", script, "python:3.11", "python", "/small.py"],
    })]));
    let ids = home.settings.home.join(".mcpproxy/own-containers");
    std::fs::create_dir(&ids).unwrap();
    std::fs::write(ids.join("own-earlier.cid"), "0".repeat(64)).unwrap();
    let core = home.start().await;
    assert_eq!(ready(&core, "own").await.placement, Placement::OwnContainer);
    let read = || -> Vec<String> {
        let files = std::fs::read_dir(&ids).unwrap();
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    };
    assert_eq!(read(), containers(core.instance()));
    core.shutdown().await;
    assert_eq!((read().len(), containers(core.instance()).len()), (0, 0));
}
